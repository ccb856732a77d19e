public import Foundation

/// A text with signatures: the C2SP signed note (https://c2sp.org/signed-note, version 1.0).
///
/// The signed text includes its final newline; a blank line and one line for each signature follow:
/// `— NAME BASE64(key ID ‖ signature)`.
public struct SignedNote: Sendable, Equatable {
  /// One signature line.
  public struct Signature: Sendable, Equatable {
    /// The key's name.
    public let name: String
    /// Which of the keys of that name, 8 small hexadecimal digits.
    public let keyID: String
    /// The signature's bytes.
    public let bytes: Data
  }

  /// The signed text, with its final newline.
  public let text: String
  /// The signatures, at least one.
  public let signatures: [Signature]

  /// A note is refused beyond this many bytes.
  private static let largest = 1 << 20

  /// Reads a note.
  /// - Throws: `EvidenceError.badCheckpoint` if it has not the form of a signed note.
  public init(_ data: Data) throws {
    func malformed(_ what: String) -> EvidenceError {
      EvidenceError(.badCheckpoint, "not a signed note (c2sp.org/signed-note): \(what)")
    }
    guard data.count <= Self.largest else { throw malformed("larger than a megabyte") }
    guard let note = String(validating: data, as: UTF8.self) else { throw malformed("not UTF-8") }
    guard !note.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A }) else { throw malformed("a control character") }
    guard let blank = note.range(of: "\n\n", options: [.backwards, .literal]) else { throw malformed("no blank line") }
    text = String(note[..<blank.lowerBound]) + "\n"
    let lines = note[blank.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 1, lines.last?.isEmpty == true else {
      throw malformed("no signature line, or the last is cut off")
    }
    guard lines.count <= 101 else { throw malformed("more than 100 signatures") }
    signatures = try lines.dropLast().map { line in
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0].unicodeScalars.elementsEqual("—".unicodeScalars), Self.isName(parts[1]),
        let blob = Data(base64Encoded: String(parts[2])), blob.count > 4,
        blob.base64EncodedString() == parts[2]
      else { throw malformed("the signature line '\(line)'") }
      return Signature(
        name: String(parts[1]), keyID: VerifierKey.hex(blob.prefix(4)), bytes: Data(blob.dropFirst(4)))
    }
  }

  /// Signs a text.
  /// - Parameters:
  ///   - text: ends in a newline.
  ///   - name: the key's name, without blanks and plus signs.
  ///   - key: an Ed25519 key.
  public init(signing text: String, name: String, key: PrivateKey) throws {
    precondition(
      text.hasSuffix("\n") && Self.isName(name[...]), "a note ends in a newline and its key has a plain name")
    let verifier = try VerifierKey(name: name, key: key.publicKey())
    self.text = text
    signatures = [
      Signature(name: name, keyID: verifier.keyID, bytes: try key.ed25519Signature(of: Data(text.utf8)))
    ]
  }

  /// The note's bytes.
  public var data: Data {
    let lines = signatures.map { signature in
      let id = stride(from: 0, to: 8, by: 2).compactMap { offset in
        UInt8(signature.keyID.dropFirst(offset).prefix(2), radix: 16)
      }
      return "— \(signature.name) \((Data(id) + signature.bytes).base64EncodedString())\n"
    }
    return Data((text + "\n" + lines.joined()).utf8)
  }

  /// Whether the note is signed by a key. Signatures of other keys are passed over, as the format demands.
  public func isSigned(by verifier: VerifierKey) throws -> Bool {
    let own = signatures.filter { $0.name == verifier.name && $0.keyID == verifier.keyID }
    guard let first = own.first else { return false }
    return try verifier.key.verifiesEd25519(first.bytes, of: Data(text.utf8))
  }

  /// Whether a text can be the name of a key: not empty, without blanks and plus signs.
  static func isName(_ text: Substring) -> Bool { !text.isEmpty && !text.contains { $0.isWhitespace || $0 == "+" } }
}

/// The public key of a signer of notes, written `NAME+KEYID+BASE64(0x01 ‖ Ed25519 public key)`.
public struct VerifierKey: Sendable {
  /// The key's name; of a log's key, the log's origin.
  public let name: String
  /// The first 4 bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ public key), hex.
  public let keyID: String
  /// The key.
  public let key: PublicKey
  private let bytes: [UInt8]

  /// The signature type of Ed25519 in notes.
  private static let ed25519: UInt8 = 1

  /// A verifier of an Ed25519 key.
  public init(name: String, key: PublicKey) throws {
    self.name = name
    self.key = key
    bytes = [Self.ed25519] + (try key.ed25519Bytes())
    keyID = Self.hex(try SHA256.digest(of: Data(name.utf8) + [0x0A] + bytes).bytes.prefix(4))
  }

  /// Reads the written form.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ text: String) throws {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, SignedNote.isName(parts[0]), let bytes = Data(base64Encoded: String(parts[2])),
      bytes.count == 33, bytes.first == Self.ed25519, bytes.base64EncodedString() == parts[2]
    else { throw Self.malformed(text) }
    try self.init(name: String(parts[0]), key: PublicKey(ed25519: Array(bytes.dropFirst())))
    guard keyID == parts[1] else { throw Self.malformed(text) }
  }

  /// The written form.
  public var text: String { "\(name)+\(keyID)+\(Data(bytes).base64EncodedString())" }

  private static func malformed(_ text: String) -> EvidenceError {
    EvidenceError(
      .badKey, "'\(text)' is no verifier key of an Ed25519 signer of notes; it has the form NAME+KEYID+BASE64")
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
