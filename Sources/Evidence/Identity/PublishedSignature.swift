import Analysis
import Foundation

extension ModelIdentity.PublishedSignature {
  /// What a larger file is not carried along for.
  private static let largestDocument = 1 << 20

  /// The signature that lies beside a model, `model.sig` at the top of its folder.
  /// - Returns: nil if there is none.
  /// - Throws: `AnalysisError.unreadable` if the file cannot be read.
  static func measure(folder: URL) throws -> ModelIdentity.PublishedSignature? {
    let name = "model.sig"
    let url = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let file = try MappedFile(url: url, path: name)
    return try withExtendedLifetime(file) {
      let isSmall = file.bytes.count <= largestDocument
      let data = isSmall ? Data(file.bytes) : Data()
      let bundle = isSmall ? value(data) : nil
      return ModelIdentity.PublishedSignature(
        path: name, bytes: file.bytes.count, sha256: try SHA256.digest(of: file.bytes).hex,
        mediaType: bundle.flatMap { text($0["mediaType"]) }, signedRootSha256: bundle.flatMap(signedRoot),
        document: isSmall ? String(validating: data, as: UTF8.self) : nil)
    }
  }

  /// The digest of the first subject of the in-toto statement that the bundle's DSSE envelope holds.
  private static func signedRoot(_ bundle: JSONValue) -> String? {
    guard let payload = text(bundle["dsseEnvelope"]?["payload"]), let statement = Data(base64Encoded: payload),
      case .array(let subjects) = value(statement)?["subject"], subjects.count == 1,
      let digest = text(subjects[0]["digest"]?["sha256"]), SHA256Digest.isHex(digest)
    else { return nil }
    return digest
  }

  private static func text(_ value: JSONValue?) -> String? { if case .string(let text) = value { text } else { nil } }

  /// A file of any other kind is carried along without being understood.
  private static func value(_ data: Data) -> JSONValue? {
    do { return try CanonicalJSON.parse(data) } catch { return nil }
  }
}
