import Analysis
public import Evidence
public import Foundation
public import Project

/// Takes a file that was made elsewhere into the project's evidence: reads it once, keeps its copy, makes the record.
public struct AttachmentDesk {
  private let project: Project
  private let openStore: () throws -> Store
  private let catalogue: LawCatalogue

  /// - Parameter store: opened for writing, once there is something to write.
  /// - Throws: `ReportsError` if the law catalogue cannot be read.
  public init(project: Project, store: @autoclosure @escaping () throws -> Store) throws {
    self.project = project
    openStore = store
    catalogue = try LawCatalogue.load()
  }

  /// Attaches a file.
  /// - Parameters:
  ///   - file: the file.
  ///   - elements: what for: elements of Annex IV by item and id or title, e.g. `2(g) test-logs`; an item alone if it has one element.
  ///   - title: what it is.
  ///   - name: who attaches it; one of `people` if the project file names any.
  ///   - versions: the model versions that it is about; empty: all.
  ///   - supersedes: the earlier attachment whose place it takes, by its identifier or a beginning or end of it.
  /// - Throws: `ReportsError`, `EvidenceError`, `ProjectError` (an unknown version). Nothing is recorded then.
  public func attach(
    _ file: URL, to elements: [String], title: String, by name: String, versions: [String] = [],
    supersedes: String? = nil
  ) throws -> Attached {
    let keys = try elements.map(key).distinct
    guard !keys.isEmpty else {
      throw ReportsError(.missingKey, "say with --for which element of Annex IV the file is for")
    }
    for (what, text) in [("--title", title), ("--by", name)] where text.allSatisfy(\.isWhitespace) {
      throw ReportsError(.badValue, "\(what) is empty")
    }
    let versions = try versions.map { try project.model(version: $0).version }
    let person = try self.person(name)
    let content = try read(file)
    let provided = try ProvidedFile(source: file.lastPathComponent, content: content)
    let store = try openStore()
    let earlier = try supersedes.map { try self.earlier($0, store) }
    let files = AttachmentFiles(besideStore: store.url)
    try files.keep(content, sha256: provided.sha256)
    let record = AttachmentRecord(
      system: project.system.name, modelVersions: versions.isEmpty ? nil : versions, elements: keys,
      title: PlainText.oneLine(title), file: PlainText.oneLine(file.lastPathComponent), mediaType: provided.mediaType,
      sha256: provided.sha256, size: content.count, name: person?.name ?? PlainText.oneLine(name),
      function: person?.function, supersedes: earlier?.id)
    let entry = try store.append(record)
    return Attached(
      record: record, sha256: entry.sha256, copy: files.url(record),
      left: earlier?.elements.filter { !keys.contains($0) } ?? [])
  }

  /// What became of a file.
  public struct Attached: Sendable {
    /// The record as stored.
    public let record: AttachmentRecord
    /// SHA-256 of the record's canonical JSON, hex.
    public let sha256: String
    /// Where the copy lies.
    public let copy: URL
    /// Elements that the superseded attachment was for and this one is not: they have lost their file.
    public let left: [String]
  }

  private func read(_ file: URL) throws -> Data {
    let content: Data
    do {
      content = try RegularFile.read(file, limit: ProjectLimits.providedFileBytes)
    } catch {
      throw ReportsError(error.code == .tooLarge || error.code == .notRegular ? .badValue : .unreadable, error.message)
    }
    guard !content.isEmpty else { throw ReportsError(.badValue, "\(file.path): is empty; attach the real file") }
    if let form = PrivateKeyForm.find(in: content) {
      throw ReportsError(
        .badValue,
        "\(file.path): holds a private key (\(form)), and attachments travel with every bundle. Attach another file, and use another "
          + "key if somebody may have read this one")
    }
    return content
  }

  /// The key of an element, e.g. `2(g) test-logs`.
  private func key(_ text: String) throws -> String {
    let words = text.trimmingCharacters(in: .whitespaces)
    let items = catalogue.items.filter {
      words == $0.id || words.hasPrefix($0.id + " ") || words.hasPrefix($0.id + "/")
    }
    guard let item = items.max(by: { $0.id.count < $1.id.count }) else {
      let first = words.prefix { $0 != " " && $0 != "/" }
      throw ReportsError(
        .unknownItem,
        "Annex IV has no item '\(first)'\(Nearest.hint(String(first), among: catalogue.items.map(\.id))) Write item and element, e.g. "
          + "--for '2(g) test-logs'. The items are \(catalogue.items.map(\.id).joined(separator: ", ")).")
    }
    let rest = words.dropFirst(item.id.count).drop { $0 == " " || $0 == "/" }
    if rest.isEmpty, item.elements.count == 1 { return GateKey.element(item: item.id, item.elements[0].id).text }
    guard let element = HeadingName.element(String(rest), in: item) else {
      throw ReportsError(
        .unknownElement,
        "item \(item.id) \(rest.isEmpty ? "has several elements: say which" : "has no element '\(rest)'"). Its elements are: "
          + item.elements.map { "\($0.id) (\($0.title))" }.joined(separator: "; ") + ".")
    }
    return GateKey.element(item: item.id, element.id).text
  }

  /// The person of the project file; nil if it names nobody at all.
  private func person(_ name: String) throws -> Project.Person? {
    guard !project.people.isEmpty else { return nil }
    guard let person = project.people.first(where: { PersonName.isSame($0.name, name) }) else {
      throw ReportsError(
        .badValue,
        "vitrine.yaml names no '\(name)' under 'people'. The people are \(project.people.map(\.name).joined(separator: ", ")); "
          + "attach it as one of them, or add the person.")
    }
    return person
  }

  /// An attachment in force.
  private func earlier(_ id: String, _ store: Store) throws -> AttachmentRecord {
    let entry = try store.entry(matching: id)
    guard entry.kind == AttachmentRecord.kind else {
      throw ReportsError(
        .badValue, "\(entry.id) is no attachment but a \(entry.kind); 'vitrine evidence list' shows them")
    }
    let register = try AttachmentRegister(store)
    if let successor = register.successor(of: entry.id) {
      throw ReportsError(
        .badValue, "the attachment \(entry.id) is superseded already, by \(successor); supersede that one")
    }
    guard let record = register.records.first(where: { $0.document.id == entry.id })?.document else {
      throw ReportsError(.badValue, "\(entry.id) cannot be read as an attachment; 'vitrine verify' says why")
    }
    return record
  }
}
