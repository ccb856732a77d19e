/// Our own words about the law in a document's language: titles, who owes what, what follows. The law's words and citations stay.
extension InterfaceText {
  /// Says on a page in another language that the law is quoted in English, and why.
  var lawLanguageNotice: [Block] { differsFromLaw ? [.paragraph(inlines("law.quoted-in-english"))] : [] }

  /// A catalogue whose words that are ours are this language's, so far as it has phrases of them.
  func said(_ catalogue: LawCatalogue) -> LawCatalogue {
    guard differsFromLaw else { return catalogue }
    var said = catalogue
    said.notice = knownWords(said.notice)
    for index in said.sources.indices {
      said.sources[index].title = knownWords(said.sources[index].title)
      said.sources[index].published = knownWords(said.sources[index].published)
      said.sources[index].note = knownWords(said.sources[index].note)
    }
    for index in said.application.indices {
      said.application[index].covers = knownWords(said.application[index].covers)
    }
    for index in said.applicability.indices {
      said.applicability[index].says = knownWords(said.applicability[index].says)
    }
    title(&said.annex)
    for index in said.points.indices { title(&said.points[index].passage) }
    for index in said.provisions.indices { title(&said.provisions[index].passage) }
    for index in said.items.indices {
      title(&said.items[index].passage)
      said.items[index].owner = knownWords(said.items[index].owner)
      for element in said.items[index].elements.indices { said.items[index].elements[element].say(in: self) }
    }
    return said
  }

  /// A status whose items, elements and owners are called as this language calls them, headings to write under too.
  func said(_ status: DossierStatus) -> DossierStatus {
    guard differsFromLaw else { return status }
    var said = status
    for index in said.items.indices {
      title(&said.items[index].item.passage)
      for element in said.items[index].elements.indices {
        said.items[index].elements[element].element.say(in: self)
        guard case .missing(var gap) = said.items[index].elements[element].state else { continue }
        gap.owner = knownWords(gap.owner)
        gap.heading = heading(gap.heading)
        gap.remedy.headings = gap.remedy.headings.map(heading)
        said.items[index].elements[element].state = .missing(gap)
      }
    }
    return said
  }

  private func heading(_ heading: String) -> String {
    let mark = "## "
    return heading.hasPrefix(mark) ? mark + knownWords(String(heading.dropFirst(mark.count))) : heading
  }

  private func title(_ passage: inout LawPassage) { passage.ourTitle = knownWords(passage.ourTitle) }
}

extension LawElement {
  fileprivate mutating func say(in text: InterfaceText) {
    title = text.knownWords(title)
    owner = text.knownWords(owner)
  }
}
