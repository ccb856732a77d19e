import Analysis
public import Evidence
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a bundle carries beside its content: signatures and time-stamps with their manifests, and what is withheld.
public struct BundleSeals: Sendable {
  /// A time-stamp with the manifest that it is over.
  public struct Stamp: Sendable, Equatable {
    /// The manifest's bytes.
    public var manifest: Data
    /// The token in DER form.
    public var token: Data
  }

  /// The signatures, in the order in which they were made.
  public var signOffs: [SignOff]
  /// The time-stamps, in the order in which they were made.
  public var stamps: [Stamp]

  /// Seals.
  public init(signOffs: [SignOff], stamps: [Stamp] = []) {
    self.signOffs = signOffs
    self.stamps = stamps
  }

  /// The path of a time-stamp, from 1.
  static func stampPath(_ number: Int) -> String { "META-INF/timestamp-\(number).tst" }
  /// The path of its manifest.
  static func stampManifestPath(_ number: Int) -> String { "META-INF/ASiCManifest-timestamp-\(number).xml" }

  /// The files in `META-INF`, in order.
  func files() throws -> [BundleArchive.File] {
    var files: [BundleArchive.File] = []
    for signOff in signOffs {
      files.append((signOff.statement.manifestPath, signOff.statement.content()))
      files.append((signOff.statement.signaturePath, try signOff.cms().der))
    }
    for (index, stamp) in stamps.enumerated() {
      files.append((Self.stampManifestPath(index + 1), stamp.manifest))
      files.append((Self.stampPath(index + 1), stamp.token))
    }
    return files
  }

  /// The manifest of the next time-stamp: over the content, and over every signature and time-stamp that is there.
  public func nextStampManifest(_ content: BundleContent) throws -> Data {
    let seals = try files().map { name, data in
      ASiCManifest.Reference(
        uri: name, mediaType: Self.mediaType(of: name), sha256: try SHA256.digest(of: data).hex)
    }
    return ASiCManifest(
      kind: .timestamp, signature: Self.stampPath(stamps.count + 1), references: try content.references() + seals
    ).render()
  }

  private static func mediaType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "p7s": ASiCManifest.Kind.signature.mediaType
    case "tst": ASiCManifest.Kind.timestamp.mediaType
    default: "text/xml"
    }
  }
}

/// What is withheld from a bundle that is handed on, `META-INF/withheld.json`. Schema:
/// `Templates/schemas/withheld.schema.json`.
struct Withheld: Codable, Sendable, Equatable {
  /// `vitrine.withheld/1`.
  static let format = "vitrine.withheld/1"

  /// A file that exists and is not here.
  struct File: Codable, Sendable, Equatable {
    /// Its path.
    var file: String
    /// SHA-256 of its bytes, hex, as the signers signed it.
    var sha256: String
  }

  /// The format.
  var schema: String
  /// The files, in order.
  var files: [File]

  /// What cannot be withheld: without it nothing can be checked.
  static let indispensable = Set([BundlePath.sums, BundlePath.proofs, BundlePath.instructions] + BundlePath.scripts)
}

/// Writes bundles.
public enum BundleWriter {
  /// Writes a bundle whole, or nothing: under a temporary name, verified, then renamed.
  /// - Parameters:
  ///   - withholding: paths of content to leave out; they are named with their digests.
  /// - Returns: what the verification of the written file says.
  /// - Throws: `ReportsError` `badValue` if a path to withhold is not there or cannot be, or a file holds a private key;
  ///   `unwritable`; `notRendered` if what was written does not verify.
  public static func write(
    _ content: BundleContent, _ seals: BundleSeals, withholding: Set<String> = [], to url: URL
  ) throws -> BundleReport {
    try content.refusePrivateKeys()
    for path in withholding.sorted() where content.files[path] == nil || Withheld.indispensable.contains(path) {
      throw ReportsError(
        .badValue,
        content.files[path] == nil
          ? "'\(path)' cannot be withheld: the bundle has no such file"
          : "'\(path)' cannot be withheld: nothing could be checked without it")
    }
    var files: [BundleArchive.File] = [(BundlePath.mimetype, Data(BundlePath.mediaType.utf8))]
    files += content.paths.filter { !withholding.contains($0) }.map { ($0, content.files[$0] ?? Data()) }
    files += try seals.files()
    if !withholding.isEmpty {
      let withheld = Withheld(
        schema: Withheld.format,
        files: try withholding.sorted().map {
          Withheld.File(file: $0, sha256: try SHA256.digest(of: content.files[$0] ?? Data()).hex)
        })
      files.append((BundlePath.withheld, try CanonicalJSON.encode(withheld)))
    }
    // One order: the same files give the same bytes.
    return try give([files[0]] + files.dropFirst().sorted { $0.name < $1.name }, to: url)
  }

  private static func give(_ files: [BundleArchive.File], to url: URL) throws -> BundleReport {
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    removeLeftovers(of: url.lastPathComponent, in: folder)
    let (unfinished, _) = UnfinishedWork.begin(temporary: temporary) {
      try? FileManager.default.removeItem(at: temporary)
    }
    defer {
      UnfinishedWork.whole {
        try? FileManager.default.removeItem(at: temporary)
        UnfinishedWork.end(unfinished)
      }
    }
    // libzip writes under a name of its own first.
    try UnfinishedWork.whole { try BundleArchive.write(files, to: temporary) }
    let data = try BundleContent.read(temporary)
    let report = try BundleVerifier().verify(data, name: url.lastPathComponent)
    guard report.isUnharmed else {
      let problems = report.problems.map(\.description).joined(separator: "; ")
      throw ReportsError(
        .notRendered, "the bundle was not written, since it would not verify: \(problems)")
    }
    try DossierWriter.write([(url.lastPathComponent, data)], to: folder)
    return report
  }

  /// Removes what writers of the same file that were killed left behind: their files name their process.
  private static func removeLeftovers(of name: String, in folder: URL) {
    let prefix = ".\(name)."
    for file in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where file.hasPrefix(prefix) {
      let parts = file.dropFirst(prefix.count).split(separator: ".")
      guard parts.count >= 2, parts[1] == "tmp", let process = pid_t(parts[0]), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
  }
}
