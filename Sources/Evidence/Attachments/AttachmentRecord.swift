/// A file made elsewhere that a person attached to elements of Annex IV: an entry of the log. The bytes lie beside the store, named by
/// their digest (`AttachmentFiles`). It says who attached what for which purpose, and nothing about what the file says.
public struct AttachmentRecord: LedgerDocument {
  /// `vitrine.attachment/1`.
  public static let format = "vitrine.attachment/1"

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The AI system.
  public var system: String
  /// The model versions that it is about (nil: all).
  public var modelVersions: [String]?
  /// What for: elements of Annex IV, each as item and element, e.g. `2(g) test-logs`.
  public var elements: [String]
  /// What the file is, in the person's words.
  public var title: String
  /// The name that the file had.
  public var file: String
  /// The media type, by its bytes or the ending of its name.
  public var mediaType: String
  /// SHA-256 of the file, hex.
  public var sha256: String
  /// Bytes of the file.
  public var size: Int
  /// Who attached it.
  public var name: String
  /// The person's function in the organisation (nil: the project file does not name the person).
  public var function: String?
  /// When: UTC, RFC 3339 with milliseconds.
  public var date: String
  /// The identifier of the earlier attachment that this one takes the place of (nil: none).
  public var supersedes: String?

  /// A record of a file, dated now.
  public init(
    system: String, modelVersions: [String]?, elements: [String], title: String, file: String, mediaType: String,
    sha256: String, size: Int, name: String, function: String?, supersedes: String? = nil
  ) {
    schema = Self.format
    id = RunIdentifier.next()
    self.system = system
    self.modelVersions = modelVersions
    self.elements = elements
    self.title = title
    self.file = file
    self.mediaType = mediaType
    self.sha256 = sha256
    self.size = size
    self.name = name
    self.function = function
    date = Timestamp.now()
    self.supersedes = supersedes
  }

  /// It is about elements, not about one run.
  public var subject: String? { nil }
  /// What was attached to what, and by whom.
  public var summary: String {
    "\(name)\(function.map { ", \($0)" } ?? "") attached '\(title)' (\(file), \(size) bytes) to \(elements.joined(separator: ", "))"
  }
  /// Names must not be empty, the digest a digest and the date a date.
  public var problems: [String] {
    var problems: [String] = []
    for (key, text) in [
      ("system", system), ("title", title), ("file", file), ("media_type", mediaType), ("name", name),
    ] where text.allSatisfy(\.isWhitespace) { problems.append("\(key) is empty") }
    if elements.isEmpty || elements.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
      problems.append("it is attached to no element")
    }
    if modelVersions?.isEmpty == true { problems.append("model_versions is empty") }
    if !SHA256Digest.isHex(sha256) { problems.append("sha256 is no digest") }
    if size < 1 { problems.append("size is \(size)") }
    if !Timestamp.isValid(date) { problems.append("date '\(date)' is no time") }
    if let supersedes, !RunIdentifier.isValid(supersedes) { problems.append("supersedes names no record") }
    return problems
  }

  /// Whether it is about a model version of a system.
  public func covers(system: String, modelVersion: String) -> Bool {
    self.system == system && modelVersions?.contains(modelVersion) ?? true
  }
}
