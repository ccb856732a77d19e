import Analysis
import Foundation

extension ModelIdentity.PublishedSignature {
  /// What a larger file is not carried along for.
  private static let largestDocument = 1 << 20

  /// The signature that lies beside a model, `model.sig` at the top of its folder.
  /// - Returns: nil if there is none.
  /// - Throws: `RegularFile.Failure` if the file cannot be read.
  static func measure(folder: URL) throws -> ModelIdentity.PublishedSignature? {
    let name = "model.sig"
    let url = folder.appendingPathComponent(name)
    let size: Int
    do { size = try RegularFile.state(of: url).size } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    guard size <= largestDocument else {
      let file = try FileDigest(of: url)
      return ModelIdentity.PublishedSignature(
        path: name, bytes: file.state.size, sha256: file.digest.hex, mediaType: nil, signedRootSha256: nil,
        document: nil)
    }
    let data = try RegularFile.read(url, limit: largestDocument)
    let bundle = value(data)
    return ModelIdentity.PublishedSignature(
      path: name, bytes: data.count, sha256: try SHA256.digest(of: data).hex,
      mediaType: bundle.flatMap { text($0["mediaType"]) }, signedRootSha256: bundle.flatMap(signedRoot),
      document: String(validating: data, as: UTF8.self))
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
