import Foundation

/// What to do about a path that leads nowhere: most are written for another program or another system.
enum PathAdvice {
  /// The remedy; nil if nothing is known about the path.
  /// - Parameters:
  ///   - path: as the project file has it.
  ///   - url: where it was looked for.
  ///   - isGuess: whether a name that is only like it may be proposed; otherwise it has to be the same but for capital letters.
  static func remedy(_ path: String, at url: URL, guessing isGuess: Bool = true) -> String? {
    if path.hasPrefix("~") {
      return "'~' is not expanded here: write the whole path, which begins with '/', or one within the project folder"
    }
    if path.contains("$") || path.contains("%") && path.filter({ $0 == "%" }).count > 1 {
      return "variables are not expanded here: write the path itself"
    }
    if let scheme = ["http://", "https://", "s3://", "gs://", "hf://", "file://"].first(
      where: path.lowercased().hasPrefix)
    {
      return scheme == "file://"
        ? "write the path alone, without 'file://'"
        : "nothing is fetched here: download it into the project folder and name that file or folder"
    }
    if isWindowsDrive(path) {
      return "drive letters are of Windows: copy it into the project folder and name it with '/'"
    }
    if path.contains("\\") { return "write '/' between folders: '\(path.replacing("\\", with: "/"))'" }
    if path != path.trimmingCharacters(in: .whitespaces) { return "take the blank out at the path's end" }
    return nearest(path, at: url, isGuess: isGuess).map { "did you mean '\($0)'?" }
  }

  private static func isWindowsDrive(_ path: String) -> Bool {
    let scalars = Array(path.unicodeScalars.prefix(2))
    return scalars.count == 2 && scalars[1] == ":" && scalars[0].properties.isAlphabetic
  }

  /// The path with each part that is not there replaced by the nearest that is.
  private static func nearest(_ path: String, at url: URL, isGuess: Bool) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count <= 32, !parts.contains("."), !parts.contains("..") else { return nil }
    var place = url
    for _ in parts { place.deleteLastPathComponent() }
    var found: [String] = []
    for part in parts {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []).sorted().prefix(1000)
      let same = names.first { $0 == part } ?? names.first { $0.lowercased() == part.lowercased() }
      guard let name = same ?? (isGuess ? NearestName.find(part, among: Array(names)) : nil) else { return nil }
      found.append(name)
      place.appendPathComponent(name)
    }
    return found == parts ? nil : (path.hasPrefix("/") ? "/" : "") + found.joined(separator: "/")
  }
}
