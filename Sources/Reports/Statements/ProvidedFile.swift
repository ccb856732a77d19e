import Evidence
public import Foundation

/// A file that belongs to the documentation, with its bytes as they were read: what a statement refers to, or an attachment.
public struct ProvidedFile: Sendable, Equatable {
  /// Its path in the dossier's folder, e.g. `files/3f9a12cd4e5f6071-floor-plan.pdf`: made of the digest and the file's own name, so
  /// that different bytes never share one and no name needs an escape anywhere.
  public var name: String
  /// Where it came from, e.g. `documentation/floor plan.pdf`.
  public var source: String
  /// By its bytes where they tell it, otherwise by the ending of its name.
  public var mediaType: String
  /// SHA-256 of its bytes, hex.
  public var sha256: String
  /// Its bytes.
  public var content: Data
  /// What it shows, if a page can show it.
  public var picture: Picture?

  /// The folder of these files in a dossier's folder.
  static let folder = "files/"

  /// A file from its bytes.
  public init(source: String, content: Data) throws {
    self.source = source
    self.content = content
    sha256 = try SHA256.digest(of: content).hex
    picture = Picture(content)
    mediaType = picture?.mediaType ?? Self.mediaType(of: content, named: source)
    name = Self.name(of: source, sha256: sha256)
  }

  /// Pictures up to so many bytes stand in the page itself; of larger ones the page has a link.
  static let shownBytes = 2 << 20

  /// Whether a page shows it.
  var isShown: Bool { picture != nil && content.count <= Self.shownBytes }

  /// A name of letters, digits, `.`, `_` and `-`, the ending in lower case.
  static func name(of source: String, sha256: String) -> String {
    let own = source.split(separator: "/").last.map(String.init) ?? source
    let plain = own.unicodeScalars.map { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "._-".unicodeScalars.contains(scalar))
        ? String(scalar) : "_"
    }.joined()
    let (stem, ending) = ((plain as NSString).deletingPathExtension, (plain as NSString).pathExtension.lowercased())
    return folder + sha256.prefix(16) + "-" + stem.prefix(60) + (ending.isEmpty ? "" : "." + ending.prefix(10))
  }

  /// Whether a name in a dossier's folder is that of these bytes, so that the file is a copy that a build made.
  static func isName(_ name: String, of content: Data) throws -> Bool {
    name.hasPrefix(folder + (try SHA256.digest(of: content).hex.prefix(16)) + "-")
  }

  private static let mediaTypes = [
    "csv": "text/csv", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html", "json": "application/json", "md": "text/markdown",
    "odt": "application/vnd.oasis.opendocument.text", "svg": "image/svg+xml", "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
    "yaml": "application/yaml", "zip": "application/zip",
  ]

  private static func mediaType(of content: Data, named name: String) -> String {
    if content.starts(with: Data("%PDF-".utf8)) { return "application/pdf" }
    return mediaTypes[(name as NSString).pathExtension.lowercased()] ?? "application/octet-stream"
  }
}

/// A place in a statement that refers to a file of the project.
public struct FileReference: Sendable, Equatable {
  /// The target as the provider wrote it, e.g. `floor%20plan.pdf#page=2`.
  public var target: String
  /// The line, from 1.
  public var line: Int
  /// Whether the statement shows it (`![…](…)`) or links to it.
  public var isPicture: Bool
  /// The file.
  public var file: ProvidedFile

  /// The part of a target that goes on behind the path, e.g. `#page=2`.
  var fragment: String { target.firstIndex(of: "#").map { String(target[$0...]) } ?? "" }
}
