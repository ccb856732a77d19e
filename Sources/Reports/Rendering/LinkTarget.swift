/// Targets of a document's own links: an anchor, or a sibling file.
enum LinkTarget {
  /// Percent-encodes everything but unreserved characters, `/` and the `#` that leads or stands behind a page's file name, e.g.
  /// `dossier.html` or `evidence.md`; a colon is encoded too, so that no target can have a scheme.
  static func encoded(_ target: String) -> String {
    var result = ""
    for (index, byte) in target.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "#") where index == 0 || isPage(result): result += "#"
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        result += "%" + (hex.count == 1 ? "0" + hex : hex)
      }
    }
    return result.hasPrefix("//") ? "." + result : result
  }

  /// Whether this is the name of a page: lower-case letters and an ending.
  private static func isPage(_ name: String) -> Bool {
    let parts = name.splitScalars(".")
    return parts.count == 2 && ["html", "md"].contains(parts[1])
      && !parts[0].isEmpty && parts[0].utf8.allSatisfy { (0x61...0x7A).contains($0) }
  }

  /// A place within a file, `#page=2`: what of it is unreserved or usual in such names, the rest percent-encoded. Empty stays empty.
  static func fragment(_ fragment: String) -> String {
    guard fragment.hasPrefix("#") else { return "" }
    return "#"
      + encoded(String(fragment.dropFirst())).replacing("%3D", with: "=").replacing("%26", with: "&")
      .replacing("%25", with: "%")
  }
}
