/// Words for how elements and items stand, and for what is to be done.
extension InterfaceText {
  /// An element's state as a badge.
  public func badge(_ state: ElementState) -> Badge {
    switch state {
    case .evidenced: Badge(kind: .evidenced, text: stand(.evidenced))
    case .declared: Badge(kind: .declared, text: stand(.declared))
    case .notApplicable: Badge(kind: .notApplicable, text: stand(.notApplicable))
    case .missing: Badge(kind: .missing, text: stand(.missing))
    }
  }

  /// An item's state as a badge. An item is called evidenced only if every element is.
  public func badge(_ item: ItemStatus) -> Badge {
    switch item.state {
    case .missing: return Badge(kind: .missing, text: stand(.missing))
    case .partial(let missing, let all):
      let word = words("status.partial", ["missing": .text(String(missing)), "n": .count(all)])
      return Badge(kind: .partial, text: marked(word, "partial: \(missing)/\(all) missing"))
    case .complete(let kinds):
      let kind: Badge.Kind =
        kinds == [.evidenced] ? .evidenced : kinds == [.notApplicable] ? .notApplicable : .declared
      return Badge(kind: kind, text: kinds.map(stand).joined(separator: ", "))
    }
  }

  /// A state in a word.
  func stand(_ kind: ElementState.Kind) -> String {
    let word =
      switch kind {
      case .evidenced: words("status.evidenced")
      case .declared: words("status.declared")
      case .notApplicable: words("status.not-applicable")
      case .missing: words("status.missing")
      }
    return marked(word, kind.rawValue)
  }

  /// What to do about a gap, in a few sentences.
  public func action(_ gap: Gap) -> String {
    let remedy = gap.remedy
    let exclude =
      remedy.isConditional ? words("gap.exclude", ["element": .text(remedy.element)]) : nil
    let alternative = remedy.projectKey.map { words("gap.project-file", ["key": .text($0)]) }
    let sign = remedy.openKeys.isEmpty ? nil : fillIn(remedy.openKeys)
    let sentences: [String?] =
      switch gap.reason {
      case .otherVersions(let versions): [otherVersions(gap, versions), exclude, alternative]
      case .open(let keys): [words("gap.open"), fillIn(keys), alternative]
      case .noFile, .noHeading, .emptyText, .unassignedText: [write(gap), sign, exclude, alternative]
      }
    return sentences.compactMap { $0 }.joined(separator: " ")
  }

  private func otherVersions(_ gap: Gap, _ versions: [String]) -> String {
    words(
      "gap.other-versions",
      [
        "item": .text(gap.remedy.item), "versions": .text(versions.joined(separator: ", ")), "file": .text(gap.file),
        "heading": .text(gap.heading), "version": .text(gap.remedy.modelVersion),
      ])
  }

  /// What to write, and where.
  private func write(_ gap: Gap) -> String {
    let (file, heading) = (TextValue.text(gap.file), TextValue.text(gap.heading))
    switch gap.reason {
    case .noFile:
      return words("gap.no-file", ["file": file, "item": .text(gap.remedy.item), "heading": heading])
    case .noHeading: return words("gap.no-heading", ["heading": heading, "file": file])
    case .unassignedText(let line):
      let headings = gap.remedy.headings.map { "\"\($0)\"" }.joined(separator: ", ")
      return words(
        "gap.unassigned",
        [
          "file": file, "line": .text(String(line)), "item": .text(gap.remedy.item), "headings": .text(headings),
        ])
    case .emptyText, .open, .otherVersions:
      return gap.remedy.headings.count == 1
        ? words("gap.empty-file", ["file": file]) : words("gap.empty-heading", ["heading": heading, "file": file])
    }
  }

  private func fillIn(_ keys: [String]) -> String {
    let names = TextValue.text(keys.filter { $0 != "status" }.joined(separator: ", "))
    let isOpen = keys.contains("status")
    if keys == ["status"] { return words("gap.finish") }
    return isOpen ? words("gap.fill-in-and-finish", ["keys": names]) : words("gap.fill-in", ["keys": names])
  }

  /// How far a passage's wording is checked, and what a later act did to it, to be printed beside a quotation.
  func standing(_ passage: LawPassage) -> String {
    let act = TextValue.text(knownWords(passage.amendment.act))
    let amendment =
      switch passage.amendment.status {
      case .unamended: words("law.unamended", ["act": act])
      case .noChangeNamed: words("law.no-change-named", ["act": act])
      case .replaced: words("law.replaced", ["act": act])
      case .inserted: words("law.inserted", ["act": act])
      case .wordingNotHeld: words("law.wording-not-held", ["act": act])
      }
    let word =
      switch passage.verification {
      case .byteVerified: words("law.byte-verified", ["amendment": .text(amendment)])
      case .notByteVerified: words("law.not-byte-verified", ["amendment": .text(amendment)])
      }
    return marked(word, "\(passage.verification.rawValue), \(passage.amendment.status.rawValue)")
  }
}
