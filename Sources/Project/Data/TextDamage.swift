/// What a text holds that programs made of it on the way: letters read in another encoding, letters lost, or the codes of a web page.
struct TextDamage {
  /// What stands there: `'Ã¤'`.
  let what: String
  /// What it is: `'ä' in UTF-8, read as Windows-1252`.
  let cause: String
  /// What to do.
  let remedy: String

  /// Nil if the text shows no damage.
  init?(_ text: String) {
    if text.unicodeScalars.contains("\u{FFFD}") {
      what = "U+FFFD"
      cause = "programs write it where they cannot read a letter"
      remedy = "write the file again from its source, and read that in its own encoding"
    } else if let (damaged, meant) = Self.misread(text) {
      what = VisibleText.quoted(damaged)
      cause = "\(VisibleText.quoted(meant)) in UTF-8, read as Windows-1252"
      remedy =
        "write the file again from its source as UTF-8, or with Python each text as `text.encode('cp1252').decode('utf-8')`"
    } else if let entity = Self.entity(text) {
      what = "'\(entity)'"
      cause = "a code of web pages"
      remedy = "write the character itself (with Python: `html.unescape(text)`)"
    } else if let code = Self.escape(text) {
      what = "'\(code)'"
      cause = "a code of JSON and of programs, as several characters"
      remedy = "write the character itself"
    } else if let code = Self.percent(text) {
      what = "'\(code)'"
      cause = "a code of web addresses"
      remedy = "write the character itself (with Python: `urllib.parse.unquote(text)`)"
    } else {
      return nil
    }
  }

  /// What stands there and what it is.
  var description: String { "\(what) (\(cause))" }

  // MARK: UTF-8 read as Windows-1252

  /// The characters of the bytes 80 to 9F in Windows-1252; those without one are read as the control characters of Latin-1.
  private static let windows: [Unicode.Scalar: UInt8] = {
    let characters: [Unicode.Scalar?] = [
      "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
      nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
    ]
    var bytes: [Unicode.Scalar: UInt8] = [:]
    for (offset, character) in characters.enumerated() where character != nil {
      if let character { bytes[character] = 0x80 + UInt8(offset) }
    }
    return bytes
  }()

  private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    windows[scalar] ?? ((0x80...0xFF).contains(scalar.value) ? UInt8(scalar.value) : nil)
  }

  /// Signs that stand behind a letter in ordinary text: `»Ä«`, `café…`, `5 Å²`.
  private static func isSign(_ byte: UInt8) -> Bool {
    [
      0x82, 0x84, 0x85, 0x8B, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x9B, 0xA0, 0xAB, 0xB0, 0xB1, 0xB2, 0xB3, 0xB7,
      0xB9, 0xBB,
    ].contains(byte)
  }

  /// The first characters that are one character's bytes in UTF-8, and that character.
  ///
  /// What bytes make is a character by chance, too: letters that are usual in Latin script, signs and emoji count at once, others if
  /// there are two; and signs that may follow a letter in any text count only between letters.
  private static func misread(_ text: String) -> (damaged: String, meant: String)? {
    let scalars = Array(text.unicodeScalars)
    guard scalars.contains(where: { !$0.isASCII }) else { return nil }
    var chance: (damaged: String, meant: String)?
    var index = 0
    while index < scalars.count {
      guard let lead = byte(scalars[index]), let length = length(lead), index + length <= scalars.count else {
        index += 1
        continue
      }
      let bytes = scalars[index..<index + length].compactMap(byte)
      guard bytes.count == length, let meant = String(validating: bytes, as: UTF8.self) else {
        index += 1
        continue
      }
      let next = index + length
      let found = (String(String.UnicodeScalarView(scalars[index..<next])), meant)
      let isBetween =
        next < scalars.count && scalars[next].properties.isAlphabetic
        && (index == 0 || !scalars[index - 1].properties.isUppercase)
      let isOrdinary = bytes.dropFirst().allSatisfy(isSign) || length == 3 && lead != 0xE2 && bytes.contains(0xA0)
      let isSure = (0xC2...0xC5).contains(lead) || lead == 0xE2 && (0x80...0x84).contains(bytes[1]) || lead == 0xF0
      if isSure, !isOrdinary || isBetween || lead >= 0xE2 { return found }
      if !isOrdinary || isBetween {
        if let chance { return chance }
        chance = found
      }
      index = next
    }
    return nil
  }

  private static func length(_ lead: UInt8) -> Int? {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: nil
    }
  }

  // MARK: Codes of web pages

  private static let entities: Set<Substring> = [
    "amp", "lt", "gt", "quot", "apos", "nbsp", "auml", "ouml", "uuml", "Auml", "Ouml", "Uuml", "szlig", "eacute",
    "egrave", "ecirc", "agrave", "aacute", "acirc", "atilde", "otilde", "ntilde", "oacute", "iacute", "uacute",
    "ccedil", "oslash", "aring", "aelig", "euro", "hellip", "ndash", "mdash", "lsquo", "rsquo", "ldquo", "rdquo",
    "laquo", "raquo", "bdquo", "shy",
  ]

  /// The first `&amp;` or `&#39;`; none in a text that is a web page's source.
  private static func entity(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "&")), !isMarkup(text) else { return nil }
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      guard let end = part.firstIndex(of: ";") else { continue }
      let name = part[..<end]
      let number = name.hasPrefix("#x") || name.hasPrefix("#X") ? name.dropFirst(2) : name.dropFirst()
      let isNumber =
        name.hasPrefix("#") && (1...7).contains(number.utf8.count) && number.allSatisfy { $0.isASCII && $0.isHexDigit }
      if entities.contains(name) || isNumber { return "&\(name);" }
    }
    return nil
  }

  private static func isMarkup(_ text: String) -> Bool {
    text.split(separator: "<", omittingEmptySubsequences: false).dropFirst().contains { part in
      part.first == "/" || part.first == "!" || part.first?.isLetter == true
    }
  }

  // MARK: Codes of JSON and of addresses

  /// The first `\u00e4` or `\n`; none in a program's source, of paths or of formulae.
  private static func escape(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "\\")), !text.contains(where: { "{}()[];=<>\"'`$:".contains($0) }) else {
      return nil
    }
    for part in text.split(separator: "\\", omittingEmptySubsequences: false).dropFirst() {
      let digits = part.dropFirst().prefix(4)
      if part.first == "u", digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
        return "\\u\(digits)"
      }
      let endsThere = part.dropFirst().first.map { $0 == " " || $0.isUppercase } ?? true
      if let code = part.first, "nrt".contains(code), endsThere {
        return "\\\(code)"
      }
    }
    return nil
  }

  /// The first `%20` or `%C3` in a text without a blank that is no address.
  private static func percent(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")), !text.contains(where: { $0.isWhitespace || $0 == "/" }) else {
      return nil
    }
    let parts = text.split(separator: "%", omittingEmptySubsequences: false)
    guard parts.first?.last?.isLetter == true, let part = parts.dropFirst().first else { return nil }
    return part.hasPrefix("20") || part.hasPrefix("C3") || part.hasPrefix("c3") ? "%\(part.prefix(2))" : nil
  }
}
