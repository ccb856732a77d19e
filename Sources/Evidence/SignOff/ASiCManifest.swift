public import Foundation

/// The manifest of an ASiC-E container (ETSI EN 319 162-1 V1.1.1, annex A.4): the digests of files, over which one signature
/// or one time-stamp is made.
///
/// It is written in one exact form, and only that form is read: whatever else the XML could say would be passed over by
/// somebody. `render()` of what was read gives the same bytes.
public struct ASiCManifest: Sendable, Equatable {
  /// A file of the container, by digest.
  public struct Reference: Codable, Sendable, Equatable {
    /// Its path in the container.
    public var uri: String
    /// Its media type, e.g. `text/html`.
    public var mediaType: String
    /// SHA-256 of its bytes, hex.
    public var sha256: String

    /// A reference.
    public init(uri: String, mediaType: String, sha256: String) {
      self.uri = uri
      self.mediaType = mediaType
      self.sha256 = sha256
    }
  }

  /// What the manifest is signed with.
  public enum Kind: Sendable, Equatable {
    /// A CAdES signature.
    case signature
    /// A time-stamp token (RFC 3161).
    case timestamp

    /// The media type of the signature or token.
    public var mediaType: String {
      self == .signature ? "application/pkcs7-signature" : "application/vnd.etsi.timestamp-token"
    }
  }

  /// What the manifest is signed with.
  public var kind: Kind
  /// The path of the signature or token in the container.
  public var signature: String
  /// The files, in order.
  public var references: [Reference]
  /// What the signature means and whose it is, as attributes in order; empty for a time-stamp.
  public var signOff: [Attribute]

  /// One attribute.
  public struct Attribute: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// An attribute.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A manifest from its parts.
  public init(kind: Kind, signature: String, references: [Reference], signOff: [Attribute] = []) {
    self.kind = kind
    self.signature = signature
    self.references = references
    self.signOff = signOff
  }

  private static let head = """
    <?xml version="1.0" encoding="UTF-8"?>
    <asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">

    """
  private static let method = """
        <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>

    """
  private static let extensionHead = """
      <asic:ASiCManifestExtensions>
        <asic:Extension Critical="false">

    """
  private static let extensionTail = """
        </asic:Extension>
      </asic:ASiCManifestExtensions>

    """
  private static let tail = "</asic:ASiCManifest>\n"

  /// The manifest's bytes: what is signed.
  public func render() -> Data {
    var text = Self.head
    text += "  <asic:SigReference URI=\"\(Self.escaped(signature))\" MimeType=\"\(kind.mediaType)\"/>\n"
    for reference in references {
      let digest = SHA256Digest(hex: reference.sha256).map { Data($0.bytes).base64EncodedString() } ?? ""
      text += "  <asic:DataObjectReference URI=\"\(Self.escaped(reference.uri))\""
      text += " MimeType=\"\(Self.escaped(reference.mediaType))\">\n"
      text += Self.method
      text += "    <ds:DigestValue>\(digest)</ds:DigestValue>\n  </asic:DataObjectReference>\n"
    }
    if !signOff.isEmpty {
      let attributes = signOff.map { " \($0.name)=\"\(Self.escaped($0.value))\"" }.joined()
      text += Self.extensionHead
      text += "      <vitrine:SignOff xmlns:vitrine=\"urn:vitrine:sign-off:1\"\(attributes)/>\n"
      text += Self.extensionTail
    }
    return Data((text + Self.tail).utf8)
  }

  /// Reads a manifest of exactly the form that `render()` writes.
  /// - Throws: `EvidenceError.badExport` if it has another form.
  public init(_ data: Data) throws {
    func malformed(_ what: String) -> EvidenceError {
      EvidenceError(.badExport, "not a manifest in the form that Vitrine writes: \(what)")
    }
    guard let text = String(validating: data, as: UTF8.self) else { throw malformed("it is not UTF-8") }
    var scanner = ManifestScanner(text)
    guard scanner.skip(Self.head), scanner.skip("  <asic:SigReference URI=\""), let signature = scanner.value() else {
      throw malformed("its beginning")
    }
    let kinds: [Kind] = [.signature, .timestamp]
    guard let kind = kinds.first(where: { scanner.skip(" MimeType=\"\($0.mediaType)\"/>\n") }) else {
      throw malformed("the type of its signature")
    }
    self.init(kind: kind, signature: signature, references: [])
    while scanner.skip("  <asic:DataObjectReference URI=\"") {
      guard let uri = scanner.value(), scanner.skip(" MimeType=\""), let type = scanner.value(),
        scanner.skip(">\n" + Self.method + "    <ds:DigestValue>"), let digest = scanner.text(upTo: "<"),
        let bytes = Data(base64Encoded: digest), let sha256 = SHA256Digest(bytes),
        scanner.skip("/ds:DigestValue>\n  </asic:DataObjectReference>\n")
      else { throw malformed("the reference number \(references.count + 1)") }
      references.append(Reference(uri: uri, mediaType: type, sha256: sha256.hex))
    }
    if scanner.skip(Self.extensionHead + "      <vitrine:SignOff xmlns:vitrine=\"urn:vitrine:sign-off:1\"") {
      while scanner.skip(" ") {
        guard let name = scanner.text(upTo: "="), scanner.skip("\""), let value = scanner.value() else {
          throw malformed("who signs and what for")
        }
        signOff.append(Attribute(name, value))
      }
      guard scanner.skip("/>\n" + Self.extensionTail) else { throw malformed("who signs and what for") }
    }
    guard scanner.skip(Self.tail), scanner.isAtEnd else { throw malformed("its end") }
    guard render() == data else { throw malformed("a text that could be written otherwise") }
  }

  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(scalar)
      }
    }.joined()
  }
}

/// Goes through the text of a manifest.
private struct ManifestScanner {
  private var rest: Substring.UnicodeScalarView

  init(_ text: String) { rest = text[...].unicodeScalars }

  var isAtEnd: Bool { rest.isEmpty }

  /// Passes over a text if it stands here.
  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest = rest.dropFirst(text.unicodeScalars.count)
    return true
  }

  /// The text before a character, which is passed over; nil if the character does not come.
  mutating func text(upTo end: Unicode.Scalar) -> String? {
    guard let index = rest.firstIndex(of: end) else { return nil }
    defer { rest = rest[rest.index(after: index)...] }
    return String(rest[..<index])
  }

  /// The value of an attribute up to its closing quotation mark, with the four references resolved.
  mutating func value() -> String? {
    guard let raw = text(upTo: "\"") else { return nil }
    return [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")].reduce(raw) {
      $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal)
    }
  }
}
