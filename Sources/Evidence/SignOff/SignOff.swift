public import Foundation

/// A person's dated signature on files, e.g. of a dossier, with the role that the person signs in: an entry of the log.
///
/// What is signed is an ASiC-E manifest that names each file with its digest, and the person, role and date. The same bytes go
/// into a bundle, where other programs check them. Anything can be signed so: `about` says what it is.
public struct SignOff: SignedDocument {
  /// `vitrine.sign-off/1`.
  public static let format = "vitrine.sign-off/1"

  /// What is signed, as a value; `content()` are the bytes.
  public struct Statement: SignedStatement {
    /// What the files are: `dossier`, `worksheet`.
    public var about: String
    /// What they are in words, e.g. the system's name.
    public var title: String
    /// The model version; nil if the files are about none or several.
    public var modelVersion: String?
    /// The role, e.g. `prepared`, `reviewed`, `approved`.
    public var role: String
    /// Who signs.
    public var name: String
    /// The signer's function in the organisation.
    public var function: String
    /// When: UTC, RFC 3339 with milliseconds, by the signer's clock.
    public var date: String
    /// What the signature's files are called in a bundle: the role and random digits, e.g. `approved-0a1b2c3d4e5f`.
    public var label: String
    /// The files.
    public var files: [ASiCManifest.Reference]

    /// A statement that is to be signed.
    public init(
      about: String, title: String, modelVersion: String? = nil, role: String, name: String, function: String,
      date: String = Timestamp.now(), files: [ASiCManifest.Reference]
    ) {
      self.about = about
      self.title = title
      self.modelVersion = modelVersion
      self.role = role
      self.name = name
      self.function = function
      self.date = date
      self.files = files
      label = "\(role)-\(RunIdentifier.next().suffix(12))"
    }

    /// The path of the signature in a bundle.
    public var signaturePath: String { "META-INF/signature-\(label).p7s" }
    /// The path of the manifest in a bundle.
    public var manifestPath: String { "META-INF/ASiCManifest-\(label).xml" }

    /// The manifest that is signed.
    public var manifest: ASiCManifest {
      let attributes: [(String, String?)] = [
        ("About", about), ("Title", title), ("ModelVersion", modelVersion), ("Role", role), ("Name", name),
        ("Function", function), ("Date", date),
      ]
      return ASiCManifest(
        kind: .signature, signature: signaturePath, references: files,
        signOff: attributes.compactMap { name, value in value.map { ASiCManifest.Attribute(name, $0) } })
    }

    /// The bytes that are signed.
    public func content() -> Data { manifest.render() }

    /// Reads a statement from the bytes that are signed.
    /// - Throws: `EvidenceError.badExport` if they are not the manifest of a sign-off, in the exact form.
    public init(content: Data) throws {
      let manifest = try ASiCManifest(content)
      func value(_ name: String) -> String { manifest.signOff.first { $0.name == name }?.value ?? "" }
      let path = manifest.signature
      self.init(
        about: value("About"), title: value("Title"),
        modelVersion: manifest.signOff.first { $0.name == "ModelVersion" }?.value, role: value("Role"),
        name: value("Name"), function: value("Function"), date: value("Date"), files: manifest.references)
      label = String(path.dropFirst("META-INF/signature-".count).dropLast(".p7s".count))
      guard self.content() == content, problems.isEmpty else {
        throw EvidenceError(
          .badExport,
          "not the manifest of a sign-off: "
            + (problems.isEmpty ? "what it says about the signer has another form" : problems.joined(separator: "; ")))
      }
    }

    /// What is wrong with it, in words.
    public var problems: [String] {
      var problems: [String] = []
      for (key, text) in [("title", title), ("name", name), ("function", function)] {
        if text.allSatisfy(\.isWhitespace) { problems.append("\(key) is empty") }
        if text.unicodeScalars.contains(where: Self.isControl) { problems.append("\(key) holds a control character") }
      }
      for (key, text) in [("about", about), ("role", role), ("label", label)] where !Self.isPlain(text) {
        problems.append("\(key) '\(text)' is not made of small letters, digits and '-'")
      }
      if let modelVersion, modelVersion.isEmpty || modelVersion.unicodeScalars.contains(where: Self.isControl) {
        problems.append("model_version is empty or holds a control character")
      }
      if !label.hasPrefix("\(role)-") { problems.append("label '\(label)' does not begin with the role") }
      if !Timestamp.isValid(date) { problems.append("date '\(date)' is no time") }
      if files.isEmpty { problems.append("no file is signed") }
      if Set(files.map(\.uri)).count < files.count { problems.append("a file is named twice") }
      for file in files where !SHA256Digest.isHex(file.sha256) || !Self.isPath(file.uri) {
        problems.append("the file '\(file.uri)' has no plain name or no digest")
      }
      return problems
    }

    /// What XML cannot hold, or would read as another character.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || scalar.value == 0x7F || (0xFFFE...0xFFFF).contains(scalar.value)
    }

    private static func isPlain(_ text: String) -> Bool {
      !text.isEmpty
        && text.utf8.allSatisfy {
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            || $0 == UInt8(ascii: "-")
        }
    }

    /// Whether a text is a relative path of letters, digits, `.`, `_` and `-`, which needs no escape in a URI, a ZIP or a shell.
    public static func isPath(_ text: String) -> Bool {
      let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      return parts.allSatisfy { part in
        !part.isEmpty && part.first != UInt8(ascii: ".") && part.first != UInt8(ascii: "-")
          && part.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
              || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
              || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
          }
      }
    }
  }

  /// The document's format.
  public var schema = Self.format
  /// The entry's identifier.
  public var id = RunIdentifier.next()
  /// What is signed.
  public var statement: Statement
  /// The CMS signature in DER form, base64.
  public var signature: String

  /// A document with a signature that was made of its statement.
  public init(_ statement: Statement, _ parts: SignatureParts) {
    (self.statement, signature) = (statement, parts.signature)
  }

  /// The signature.
  /// - Throws: `EvidenceError.badSignature` if it is not base64.
  public func cms() throws -> CMSSignature { CMSSignature(der: try signatureBytes()) }

  /// Always CMS: a bundle carries it as it is.
  public var form: RunSignature.Form { .cms }
  /// The certificate stands in the signature.
  public var publicKey: String? { nil }
  /// It is about no run.
  public var subject: String? { nil }
  /// Who, what and when.
  public var summary: String {
    let version = statement.modelVersion.map { " of model version \($0)" } ?? ""
    let what = "\(statement.role) the \(statement.about)\(version)"
    return "\(statement.name), \(statement.function): \(what), \(statement.date)"
  }
  /// What is wrong with the statement.
  public var problems: [String] { statement.problems }
}
