/// Something that is wrong with a bundle.
public struct BundleProblem: Codable, Sendable, Equatable, CustomStringConvertible {
  /// What kind of thing; tests compare by this.
  public enum Code: String, Codable, Sendable, CaseIterable {
    /// The ZIP archive has not the one form that Vitrine writes: something in it could be read in two ways, or not at all.
    case archive
    /// The container is not an ASiC-E container of Vitrine's form: media type, names in `META-INF`.
    case container
    /// A file's bytes are not what their digest says.
    case digest
    /// A file is missing.
    case missing
    /// A file is there that nothing names.
    case unexpected
    /// The statement of what is withheld contradicts the rest.
    case withheld
    /// A manifest has another form or names other files than the bundle holds.
    case manifest
    /// A signature is not of its manifest, or is none.
    case signature
    /// A certificate was not valid at the time of the signature, or is not for signatures.
    case certificate
    /// A time-stamp is not of its manifest, or is none.
    case timestamp
    /// A record is not what it should be.
    case record
    /// A record is not proved to be in its log.
    case proof
    /// A checkpoint does not hold.
    case checkpoint
    /// The dossier contradicts the records beside it.
    case dossier
    /// Who signed in which role breaks a rule.
    case role
  }

  /// What kind of thing.
  public var code: Code
  /// The file in the bundle, if it is about one.
  public var file: String?
  /// What is wrong, in words.
  public var detail: String

  /// A problem.
  public init(_ code: Code, _ file: String? = nil, _ detail: String) {
    self.code = code
    self.file = file
    self.detail = detail
  }

  /// The file and what is wrong with it.
  public var description: String { file.map { "\($0): \(detail)" } ?? detail }
}
