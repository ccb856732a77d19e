import Evidence

/// The files that go with the dossier: what statements refer to, and what persons attached.
struct FilesSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The section; nil if there are no files.
  var section: Section? {
    guard let files = context.dossier.files else { return nil }
    let table = Table(
      caption: text.words("files.caption"), header: text.columns("files.columns"),
      alignment: [.left, .left, .right, .left, .left], rows: files.map(row))
    return Section(
      id: "files", heading: text.words("files.heading"),
      blocks: [.paragraph(text.inlines("files.lead", ["n": .count(files.count)])), .table(table)] + attached)
  }

  private func row(_ file: Dossier.FileEntry) -> [[Inline]] {
    var places = file.references.map { reference -> [Inline] in
      let (item, place) = (link(reference.item, reference.element), reference.statement)
      return reference.isPicture
        ? text.inlines("files.shown-in", ["item": .inline(item), "place": .code(place)])
        : text.inlines("files.linked-in", ["item": .inline(item), "place": .code(place)])
    }
    places += attachments(of: file.file).map { attachment in
      text.inlines("files.attached-to", ["elements": .inlines(links(attachment.elements))])
    }
    return [
      [.link(text: file.source, target: file.file)], [.code(file.mediaType)], [.text(text.count(file.size))],
      [.code(file.sha256)], Array(places.joined(separator: [.text("; ")])),
    ]
  }

  private func attachments(of file: String) -> [Dossier.AttachmentEntry] {
    (context.dossier.attachments ?? []).filter { $0.file == file }
  }

  /// Who attached what, with the record.
  private var attached: [Block] {
    guard let attachments = context.dossier.attachments else { return [] }
    return [
      .paragraph(text.inlines("files.attached-lead")),
      .table(
        Table(
          caption: text.words("files.attached-caption"), header: text.columns("files.attached-columns"),
          alignment: [.left, .left, .left, .left, .left],
          rows: attachments.map { attachment in
            [
              [.attributed(attachment.title)], links(attachment.elements),
              [.attributed([attachment.name, attachment.function].compactMap { $0 }.joined(separator: ", "))],
              [.text(text.day(attachment.date))], [.code(attachment.record)],
            ]
          })),
    ]
  }

  /// Elements by their keys, e.g. `2(g) test-logs`, each as a link; one that the catalogue does not have as it is.
  private func links(_ keys: [String]) -> [Inline] {
    let links = keys.map { key -> [Inline] in
      let parts = key.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2,
        context.status.item(parts[0])?.elements.contains(where: { $0.element.id == parts[1] }) == true
      else { return [.attributed(key)] }
      return [link(parts[0], parts[1])]
    }
    return Array(links.joined(separator: [.text(", ")]))
  }

  private func link(_ item: String, _ element: String) -> Inline {
    let anchor = context.status.item(item)?.item.anchor ?? "annex-iv"
    return .link(text: "\(item) \(element)", target: "#\(anchor)-\(element.slug)")
  }
}

extension ElementBlocks {
  /// What persons attached to an element. It declares nothing by itself.
  func attachments(_ status: ElementStatus, of item: String) -> [Block] {
    let key = GateKey.element(item: item, status.element.id).text
    let attachments = (context.dossier.attachments ?? []).filter { $0.elements.contains(key) }
    guard !attachments.isEmpty else { return [] }
    let items = attachments.map { attachment in
      context.text.inlines(
        "element.attached",
        [
          "title": .inline(.link(text: attachment.title, target: attachment.file)),
          "person": .attributed([attachment.name, attachment.function].compactMap { $0 }.joined(separator: ", ")),
          "day": .text(context.text.day(attachment.date)), "record": .code(attachment.record),
        ])
    }
    return [.paragraph(context.text.inlines("element.attached-lead")), .list(items)]
  }
}
