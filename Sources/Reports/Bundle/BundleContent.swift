import Analysis
public import Evidence
public import Foundation
import Templates

/// The files that a bundle carries and that people sign: everything but the signatures themselves. `SHA256SUMS` among them
/// names all others, so its digest stands for the whole.
public struct BundleContent: Sendable, Equatable {
  /// The files by path, in order.
  public private(set) var files: [String: Data]

  /// Content from its files, without `SHA256SUMS`, which is made.
  init(_ files: [String: Data]) throws {
    self.files = files
    self.files[BundlePath.sums] = try Self.sums(files)
  }

  /// The paths in order.
  public var paths: [String] { files.keys.sorted() }

  /// SHA-256 of `SHA256SUMS`, hex: the name of this content.
  public func digest() throws -> String { try SHA256.digest(of: files[BundlePath.sums] ?? Data()).hex }

  /// What a manifest lists.
  public func references() throws -> [ASiCManifest.Reference] {
    try paths.map { path in
      ASiCManifest.Reference(
        uri: path, mediaType: BundlePath.mediaType(of: path), sha256: try SHA256.digest(of: files[path] ?? Data()).hex)
    }
  }

  /// What `sha256sum` writes about files, in the order of their names.
  private static func sums(_ files: [String: Data]) throws -> Data {
    let lines = try files.keys.sorted().map { "\(try SHA256.digest(of: files[$0] ?? Data()).hex)  \($0)\n" }
    return Data(lines.joined().utf8)
  }

  /// The dossier's own data among the files.
  /// - Throws: `ReportsError` `badValue` if there is none, or of another format.
  public func dossier() throws -> Dossier { try Self.dossier(files["dossier/dossier.json"], "dossier/dossier.json") }

  static func dossier(_ data: Data?, _ place: String) throws -> Dossier {
    guard let data else {
      throw ReportsError(.badValue, "\(place) is missing: 'vitrine dossier build' writes it")
    }
    do {
      return try CanonicalJSON.decode(Dossier.self, from: data)
    } catch let error as JSONError {
      throw ReportsError(.badValue, "\(place) is no dossier of this version of vitrine: \(error.message)")
    }
  }
}

// MARK: Assembly

extension BundleContent {
  /// Collects what a bundle of a dossier carries: the dossier's files, the record of every run that it cites with all that was
  /// recorded about it, every other record that it names, the proofs that all of these are in the log, the law catalogue, the
  /// certificates of the project, and how to check it all.
  /// - Parameters:
  ///   - dossierFolder: `dossier/<version>/`.
  ///   - names: the files that a build writes there; no other file is content.
  ///   - store: holds the cited runs; each proof leads to the last checkpoint that covers it.
  ///   - keys: the project's `keys/`.
  /// - Throws: `ReportsError`, also for a file in either folder that should not be there; `EvidenceError`.
  public static func assemble(
    dossierFolder: URL, names: [String], store: Store, keys: URL
  ) throws -> BundleContent {
    let certificates = try ProjectCertificates.read(keys)
    try DossierFolder(dossierFolder, names: names).refuseStrangers()
    var files = try DossierFolder(dossierFolder, names: names).files()
    let json = dossierFolder.appendingPathComponent("dossier.json").path
    let (entries, heads) = try store.provenEntries(records(of: dossier(files["dossier/dossier.json"], json), store))
    for (path, data) in try BundleProofs.files(entries, heads) { files[path] = data }
    for (path, data) in try folder(Templates.url("law"), under: "law") { files[path] = data }
    for (path, data) in certificates { files[path] = data }
    for name in [BundlePath.instructions] + BundlePath.scripts {
      files[name] = try read(Templates.url("bundle/\(name)"))
    }
    let content = try BundleContent(files)
    try content.refusePrivateKeys()
    return content
  }

  /// The records that a dossier names: each cited run with all that was recorded about it, then waivers, decisions about changes
  /// and whatever else is named by its identifier. A run that is named as not cited is none of them.
  private static func records(of dossier: Dossier, _ store: Store) throws -> [String] {
    var identifiers: [String] = []
    for run in dossier.runs {
      identifiers.append(run.id)
      identifiers += try store.entries(about: run.id).map(\.id)
    }
    identifiers += dossier.signOff.waivers.map(\.id)
    identifiers += (dossier.changeHistory ?? []).map(\.record)
    for id in named(try CanonicalJSON.parse(CanonicalJSON.encode(dossier))) where !identifiers.contains(id) {
      do {
        if try store.entry(id: id).kind != RunRecord.kind { identifiers.append(id) }
      } catch let error as EvidenceError where error.code == .unknownRun {
        continue
      }
    }
    var seen: Set<String> = []
    return identifiers.filter { seen.insert($0).inserted }
  }

  /// Every text in a value that is an identifier, in order.
  private static func named(_ value: JSONValue) -> [String] {
    switch value {
    case .string(let text): RunIdentifier.isValid(text) ? [text] : []
    case .array(let values): values.flatMap(named)
    case .object(let members): members.sorted { $0.key < $1.key }.flatMap { named($0.value) }
    default: []
    }
  }

  /// The last line of defence: what is signed goes to everybody, so no file of it may hold a private key.
  /// - Throws: `ReportsError` `badValue` that names the file.
  func refusePrivateKeys() throws {
    for (path, data) in files.sorted(by: { $0.key < $1.key }) {
      guard let form = PrivateKeyForm.find(in: data) else { continue }
      throw ReportsError(
        .badValue,
        "\(path) of the content holds a private key (\(form)), and a bundle is for everybody: take it out of what this file is "
          + "made from, sign anew, and use another key if somebody may have read this one")
    }
  }

  /// Every file below a folder.
  /// - Throws: `ReportsError` if one is no plain file or has a name that a bundle cannot have.
  static func folder(_ folder: URL, under prefix: String) throws -> [String: Data] {
    let names: [String]
    do {
      names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    } catch {
      throw ReportsError(
        .unreadable,
        "\(folder.path) cannot be read (\(error.localizedDescription)): 'vitrine dossier build' makes a dossier")
    }
    var files: [String: Data] = [:]
    for name in names.sorted() {
      let url = folder.appendingPathComponent(name)
      let type = try FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
      if type == .typeDirectory { continue }
      guard type == .typeRegular, BundlePath.isPlain(name) else {
        throw ReportsError(
          .badValue,
          "\(url.path) cannot go into a bundle: only plain files whose names are made of letters, digits, '.', '_' and '-' and "
            + "do not begin with '.' or '-'. Rename or remove it")
      }
      files["\(prefix)/\(name)"] = try read(url)
    }
    return files
  }

  static func read(_ url: URL) throws -> Data {
    do {
      return try Data(contentsOf: url)
    } catch {
      throw ReportsError(.unreadable, "cannot read \(url.path): \(error.localizedDescription)")
    }
  }
}

// MARK: The folder in which content waits for its signatures

extension BundleContent {
  /// Reads content that was written with `write(to:)`.
  /// - Returns: nil if there is no such folder, or a file in it was changed, added or removed.
  /// - Throws: `ReportsError` if it cannot be read.
  public static func read(from folder: URL) throws -> BundleContent? {
    guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
    var files: [String: Data] = [:]
    for (path, data) in try Self.folder(folder, under: "content") { files[String(path.dropFirst(8))] = data }
    let sums = files.removeValue(forKey: BundlePath.sums)
    let content = try BundleContent(files)
    return content.files[BundlePath.sums] == sums ? content : nil
  }

  /// Writes the files into a folder, in place of what it held.
  /// - Throws: `ReportsError` `unwritable`.
  public func write(to folder: URL) throws {
    let parent = folder.deletingLastPathComponent()
    let temporary = parent.appendingPathComponent(
      ".\(folder.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp")
    DossierWriter.removeLeftovers(in: parent)
    let (unfinished, _) = UnfinishedWork.begin(temporary: temporary) {
      try? FileManager.default.removeItem(at: temporary)
    }
    defer {
      UnfinishedWork.whole {
        try? FileManager.default.removeItem(at: temporary)
        UnfinishedWork.end(unfinished)
      }
    }
    let groups = Dictionary(grouping: paths) { ($0 as NSString).deletingLastPathComponent }
    for (group, paths) in groups {
      try DossierWriter.write(
        paths.map { (($0 as NSString).lastPathComponent, files[$0] ?? Data()) },
        to: group.isEmpty ? temporary : temporary.appendingPathComponent(group))
    }
    do {
      try UnfinishedWork.whole {
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.moveItem(at: temporary, to: folder)
      }
    } catch {
      throw ReportsError(.unwritable, "cannot replace \(folder.path): \(error.localizedDescription)")
    }
  }
}
