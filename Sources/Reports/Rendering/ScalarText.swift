/// Searching and replacing by Unicode scalars.
///
/// A Swift `Character` is a grapheme: a quotation mark with a combining accent after it is another one than a bare quotation mark, so
/// that `contains`, `split` and `replacing` of `String` pass it by, and a reader of the output (HTML, YAML, Markdown), which goes by
/// code points, does not. Whatever escapes or parses goes through these.
extension String {
  /// The text with every occurrence of an ASCII text replaced.
  /// - Complexity: O(length).
  func replacingScalars(_ old: String, with new: String) -> String {
    let (bytes, wanted, put) = (Array(utf8), Array(old.utf8), Array(new.utf8))
    guard let first = wanted.first, bytes.count >= wanted.count else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == first, index + wanted.count <= bytes.count,
        bytes[index..<(index + wanted.count)].elementsEqual(wanted)
      {
        result += put
        index += wanted.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The pieces between occurrences of an ASCII text.
  func splitScalars(_ separator: String) -> [String] {
    let (bytes, wanted) = (Array(utf8), Array(separator.utf8))
    var pieces: [String] = []
    var (start, index) = (0, 0)
    while index + wanted.count <= bytes.count {
      if bytes[index] == wanted[0], bytes[index..<(index + wanted.count)].elementsEqual(wanted) {
        pieces.append(String(decoding: bytes[start..<index], as: UTF8.self))
        index += wanted.count
        start = index
      } else {
        index += 1
      }
    }
    return pieces + [String(decoding: bytes[start...], as: UTF8.self)]
  }

  /// Whether it begins with these very scalars.
  func beginsWith(_ head: String) -> Bool { utf8.starts(with: head.utf8) }

  /// Whether it ends with these very scalars.
  func endsWith(_ tail: String) -> Bool {
    utf8.count >= tail.utf8.count && utf8.suffix(tail.utf8.count).elementsEqual(tail.utf8)
  }

  /// Whether both are the same scalars; `==` takes canonically equivalent texts for the same.
  func isScalarEqual(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Without white space at both ends, no-break spaces included.
  func trimmingWhitespaceScalars() -> String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
