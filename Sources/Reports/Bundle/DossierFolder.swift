import Evidence
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folder of a built dossier as it lies on the disk: which of its files are signed, and which are not.
struct DossierFolder {
  private let folder: URL
  private let names: [String]

  /// - Parameter names: the files that a build writes there.
  init(_ folder: URL, names: [String]) {
    self.folder = folder
    self.names = names
  }

  /// The bytes of a plain file; nil if it is none. A pipe or a device would be waited for, a link may lead anywhere.
  static func content(of url: URL) -> Data? {
    let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
    return type == .typeRegular ? FileManager.default.contents(atPath: url.path) : nil
  }

  /// The files that the build wrote, by their paths in a bundle.
  /// - Throws: `ReportsError` if one is missing or no plain file.
  func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in names {
      let url = folder.appendingPathComponent(name)
      let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
      guard let type else {
        throw ReportsError(.badValue, "\(url.path) is missing: 'vitrine dossier build' writes it")
      }
      guard type == .typeRegular else {
        throw ReportsError(
          .badValue, "\(url.path) is no plain file: remove it, and 'vitrine dossier build' writes it anew")
      }
      files[BundlePath.dossier + name] = try BundleContent.read(url)
    }
    return files
  }

  /// Printed copies of pages of the dossier: derived, so not signed.
  func derived() throws -> [String] { try others().filter(isDerived) }

  /// A file that the build did not write is not signed; somebody may believe that it is.
  /// - Throws: `ReportsError` `badValue` that names it.
  func refuseStrangers() throws {
    guard let name = try others().first(where: { !isDerived($0) }) else { return }
    throw ReportsError(
      .badValue,
      "\(folder.appendingPathComponent(name).path) is no file that 'vitrine dossier build' writes, and only those are signed: move "
        + "it out of \(folder.path); what belongs to the documentation goes into a statement")
  }

  /// Removes copies of files that an earlier build made and that nothing refers to any more, known by names that begin with their
  /// own digest.
  /// - Throws: `ReportsError`.
  func removeOldCopies() throws {
    for name in try others() where name.hasPrefix(ProvidedFile.folder) {
      let url = folder.appendingPathComponent(name)
      guard let content = Self.content(of: url), try ProvidedFile.isName(name, of: content) else { continue }
      try? FileManager.default.removeItem(at: url)
    }
    // Only if it is empty.
    rmdir(folder.appendingPathComponent(ProvidedFile.folder).path)
  }

  private func others() throws -> [String] {
    do {
      let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      return all.filter { path in !names.contains { $0 == path || $0.hasPrefix(path + "/") } }
    } catch {
      throw ReportsError(
        .unreadable,
        "\(folder.path) cannot be read (\(error.localizedDescription)): 'vitrine dossier build' makes a dossier")
    }
  }

  /// Whether a file is a PDF or DOCX beside the page of its name.
  private func isDerived(_ name: String) -> Bool {
    let (stem, ending) = ((name as NSString).deletingPathExtension, (name as NSString).pathExtension)
    return ["pdf", "docx"].contains(ending) && (names.contains("\(stem).html") || names.contains("\(stem).md"))
  }
}

/// The certificates of a project's `keys/`, which go into its bundles.
enum ProjectCertificates {
  /// No key or certificate is as large.
  private static let largest = 4 << 20

  /// The certificates of every `.crt`, written anew from what they are: nothing else that stands in such a file travels.
  /// - Returns: the files by their paths in a bundle.
  /// - Throws: `ReportsError` `badValue` if a file of the folder, whatever its name, holds a private key, is no plain file or is
  ///   a `.crt` without a certificate.
  static func read(_ keys: URL) throws -> [String: Data] {
    guard FileManager.default.fileExists(atPath: keys.path) else { return [:] }
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: keys.path).sorted() {
      let url = keys.appendingPathComponent(name)
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      let type = attributes[.type] as? FileAttributeType
      if type == .typeDirectory { continue }
      guard type == .typeRegular, (attributes[.size] as? Int ?? 0) <= largest else {
        throw ReportsError(
          .badValue,
          "\(url.path) is no plain file of a key's size (a link, a pipe?): keys/ holds public keys and certificates only, so move it "
            + "out of the project")
      }
      let data = try BundleContent.read(url)
      if let form = PrivateKeyForm.find(in: data) {
        throw ReportsError(
          .badValue,
          "\(url.path) holds a private key (\(form)), and keys/ is for everybody who gets the project or a bundle: move the file out "
            + "of the project ('vitrine keys import' keeps a key for you alone), leave only the certificate here, and use "
            + "another key if somebody may have read this one")
      }
      if name.hasSuffix(".crt") { files["certificates/\(name)"] = try anew(data, url, name) }
    }
    return files
  }

  private static func anew(_ data: Data, _ url: URL, _ name: String) throws -> Data {
    guard BundlePath.isPlain(name) else {
      throw ReportsError(
        .badValue,
        "\(url.path) cannot go into a bundle: only files whose names are made of letters, digits, '.', '_' and '-' and do not begin "
          + "with '.' or '-'. Rename it")
    }
    do {
      let isDER = data.first == 0x30
      let certificates = isDER ? [try Certificate(der: data)] : try Certificate.all(pem: data, file: url.path)
      return Data(try certificates.map { try $0.pem() }.joined().utf8)
    } catch let error as EvidenceError {
      throw ReportsError(
        .badValue, "\(url.path) holds no certificate that can be read (\(error.message)): remove or replace it")
    }
  }
}
