import Analysis
import Evidence
import Foundation
import Project

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads the files that statements refer to, each once. Nothing outside the project is read, and nothing that is no plain file.
struct ProvidedFileReader {
  /// The project's folder.
  private let root: URL
  private var read: [String: ProvidedFile] = [:]
  private var bytes = 0

  /// - Parameter root: the project's folder.
  init(root: URL) { self.root = root }

  /// Every reference of one text of a statement to a file of the project. Links to other addresses, to places within the text and to
  /// other statements (`*.md`, which the dossier prints itself) are none.
  /// - Parameters:
  ///   - markdown: the text.
  ///   - statement: the statement's file.
  ///   - name: what the statement is called in messages.
  ///   - line: the text's first line, from 1.
  /// - Throws: `ReportsError` that names statement, line and file.
  mutating func references(in markdown: String, of statement: URL, called name: String, line: Int) throws
    -> [FileReference]
  {
    try ProviderMarkdown.targets(in: markdown).compactMap { target in
      guard LocalTarget.isLocal(target.url) else { return nil }
      let place = "\(name), line \(line + target.line - 1)"
      let path = try LocalTarget.path(of: target.url, at: place)
      guard target.isPicture || !LocalTarget.isStatement(path) else { return nil }
      let file = try self.file(path, from: statement, at: place)
      if target.isPicture { try check(file, target, at: place, path) }
      return FileReference(
        target: target.url, line: line + target.line - 1, isPicture: target.isPicture, file: file)
    }
  }

  /// A picture must be one, and have words for those who cannot see it.
  private func check(_ file: ProvidedFile, _ target: ProviderMarkdown.Target, at place: String, _ path: String) throws {
    guard let picture = file.picture else {
      throw ReportsError(
        .badStatement,
        "\(place): '\(path)' is shown as a picture, but its bytes are no PNG, JPEG, GIF or WebP (an SVG may hold scripts and is not "
          + "shown). Save it as PNG, or write a link: [words](\(path)).")
    }
    guard picture.width * picture.height <= ProjectLimits.picturePixels else {
      throw ReportsError(
        .badStatement,
        "\(place): '\(path)' has \(picture.width) × \(picture.height) pixels, more than \(ProjectLimits.picturePixels) in all, "
          + "which a reader's browser may not bear. Make it smaller, or write a link: [words](\(path)).")
    }
    guard target.words.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw ReportsError(
        .badStatement,
        "\(place): the picture '\(path)' has no text alternative, so who cannot see it learns nothing. Say between the square "
          + "brackets what it shows: ![what it shows](\(path)).")
    }
  }

  private mutating func file(_ path: String, from statement: URL, at place: String) throws -> ProvidedFile {
    func refused(_ what: String) -> ReportsError { ReportsError(.badStatement, "\(place): '\(path)' \(what)") }
    let relative = try inProject(path, from: statement, refused)
    let url = root.appendingPathComponent(relative)
    guard let real = Self.real(url), let base = Self.real(root) else {
      throw refused(
        "is not there: put the file at \(relative) in the project's folder, or correct the link. A web address begins with https://."
      )
    }
    guard real.hasPrefix(base.hasSuffix("/") ? base : base + "/") else {
      throw refused("leads out of the project's folder by a symbolic link; copy the file into the project.")
    }
    if let known = read[real] { return known }
    let content: Data
    do {
      content = try RegularFile.read(URL(fileURLWithPath: real), limit: ProjectLimits.providedFileBytes)
    } catch {
      let why =
        error.message.hasPrefix(error.path) ? String(error.message.dropFirst(error.path.count + 2)) : error.message
      let remedy =
        error.code == .notRegular ? "" : ". Files that statements refer to travel with every dossier: keep them small"
      throw error.code == .tooLarge || error.code == .notRegular
        ? refused("cannot go into the dossier: it \(why)\(remedy).")
        : ReportsError(.unreadable, "\(place): '\(path)' cannot be read: \(why)")
    }
    guard !content.isEmpty else { throw refused("is empty; put the real file there.") }
    if let form = PrivateKeyForm.find(in: content) {
      throw refused(
        "holds a private key (\(form)), and a dossier is for many readers: refer to another file, and use another key if somebody "
          + "may have read this one.")
    }
    bytes += content.count
    guard read.count < ProjectLimits.providedFiles, bytes <= ProjectLimits.providedFilesBytes else {
      throw refused(
        "is one too many: statements may refer to \(ProjectLimits.providedFiles) files of \(ProjectLimits.providedFilesBytes) bytes "
          + "together. Put several into one archive, or say where they are kept.")
    }
    let file = try ProvidedFile(source: relative, content: content)
    read[real] = file
    return file
  }

  /// The path from the project's folder.
  private func inProject(_ path: String, from statement: URL, _ refused: (String) -> ReportsError) throws -> String {
    let folder = statement.deletingLastPathComponent().standardizedFileURL.path
    let base = root.standardizedFileURL.path
    guard folder == base || folder.hasPrefix(base.hasSuffix("/") ? base : base + "/") else {
      throw refused("cannot be read: the folder of the statements is not in the project's folder. Move it there.")
    }
    var parts = folder.dropFirst(base.count).split(separator: "/").map(String.init)
    for part in path.split(separator: "/") {
      if part == ".." {
        guard parts.popLast() != nil else {
          throw refused("leads out of the project's folder; copy the file into the project and link to the copy.")
        }
      } else if part != "." {
        parts.append(String(part))
      }
    }
    if let hidden = parts.first(where: { $0.hasPrefix(".") }) {
      throw refused(
        "is or lies in a hidden file or folder ('\(hidden)'); such files do not go into a dossier. Rename it.")
    }
    return parts.joined(separator: "/")
  }

  /// Where a path leads, with every symbolic link followed; nil if nowhere.
  private static func real(_ url: URL) -> String? {
    guard let path = realpath(url.path, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }
}

/// Targets of links that name a file of the project.
enum LocalTarget {
  /// Whether a target is a path: no address with a scheme, no `//host/…`, and not only a place within the text.
  static func isLocal(_ url: String) -> Bool {
    guard !url.isEmpty, !url.hasPrefix("#"), !url.hasPrefix("//") else { return false }
    return !url.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
      .contains(UInt8(ascii: ":"))
  }

  /// Whether a path is another statement's, which the dossier prints itself.
  static func isStatement(_ path: String) -> Bool { (path as NSString).pathExtension.lowercased() == "md" }

  /// Whether a target names a file that goes with the dossier.
  static func isFile(_ url: String) -> Bool {
    let path = String(url.prefix { $0 != "#" && $0 != "?" })
    return isLocal(url) && !isStatement(path.removingPercentEncoding ?? path)
  }

  /// The path that a target names, decoded.
  /// - Throws: `ReportsError` `badStatement` if it is none that could be meant.
  static func path(of url: String, at place: String) throws -> String {
    let written = url.prefix { $0 != "#" && $0 != "?" }
    guard let path = written.removingPercentEncoding, !path.isEmpty,
      !path.unicodeScalars.contains(where: { $0.value < 0x20 })
    else {
      throw ReportsError(
        .badStatement, "\(place): '\(url.prefix(200))' is no path; write a space as %20 and a percent sign as %25.")
    }
    if path.hasPrefix("/") {
      throw ReportsError(
        .badStatement,
        "\(place): '\(path)' is a place on one machine; write the path from the statement's own folder, e.g. plan.pdf, with the file "
          + "in the project.")
    }
    if path.contains("\\") {
      throw ReportsError(.badStatement, "\(place): '\(path)' has a backslash; separate folders with /.")
    }
    return path
  }
}
