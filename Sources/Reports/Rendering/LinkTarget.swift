/// Targets of a document's own links: an anchor, or a sibling file.
enum LinkTarget {
  /// Percent-encodes everything but unreserved characters, `/` and the `#` that leads or stands behind `dossier.html` or
  /// `dossier.md`; a colon is encoded too, so that no target can have a scheme.
  static func encoded(_ target: String) -> String {
    var result = ""
    for (index, byte) in target.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "#") where index == 0 || result == "dossier.html" || result == "dossier.md": result += "#"
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        result += "%" + (hex.count == 1 ? "0" + hex : hex)
      }
    }
    return result.hasPrefix("//") ? "." + result : result
  }
}
