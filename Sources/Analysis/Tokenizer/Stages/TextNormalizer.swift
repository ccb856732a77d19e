/// The `normalizer` of a `tokenizer.json`: what happens to text before it is cut.
indirect enum TextNormalizer: Sendable {
  case sequence([TextNormalizer])
  case unicode(UnicodeForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case stripAccents
  case prepend([Unicode.Scalar])
  case replace(TextPattern, [Unicode.Scalar])
  case bert(BertCleaning)
  case byteLevel

  /// What `BertNormalizer` does, in the order of the members.
  struct BertCleaning: Sendable {
    let cleansText: Bool
    let spacesIdeographs: Bool
    let stripsAccents: Bool
    let lowercases: Bool
  }

  /// - Throws: `AnalysisError.badTokenizer` if a pattern cannot be applied.
  func callAsFunction(_ text: [Unicode.Scalar]) throws -> [Unicode.Scalar] {
    switch self {
    case .sequence(let normalizers): return try normalizers.reduce(text) { try $1($0) }
    case .unicode(let form): return form(text)
    case .lowercase: return Self.lowercased(text)
    case .strip(let left, let right):
      var slice = text[...]
      if left { slice = slice.drop { $0.properties.isWhitespace } }
      if right { while let last = slice.last, last.properties.isWhitespace { slice.removeLast() } }
      return Array(slice)
    case .stripAccents: return text.filter { !UnicodeVersions.isMark($0) }
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content):
      return try pattern.pieces(of: text).flatMap { $0.matches ? content[...] : text[$0.range] }
    case .bert(let cleaning): return cleaning(text)
    case .byteLevel: return ByteLevel.encoded(text)
    }
  }

  static func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    text.flatMap { scalar -> [Unicode.Scalar] in
      if scalar.isASCII {
        return [("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar]
      }
      return Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }
  }

  /// Whether something is put before every text.
  var putsTextBefore: Bool {
    switch self {
    case .sequence(let normalizers): normalizers.contains(where: \.putsTextBefore)
    case .prepend: true
    default: false
    }
  }

  /// Whether the first character may vanish, so that the text no longer begins where the original does.
  var canDropTheFirst: Bool {
    switch self {
    case .sequence(let normalizers): normalizers.contains(where: \.canDropTheFirst)
    case .strip, .stripAccents, .bert: true
    case .replace(_, let content): content.isEmpty
    case .unicode, .lowercase, .prepend, .byteLevel: false
    }
  }
}

extension TextNormalizer.BertCleaning {
  func callAsFunction(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = text
    if cleansText {
      text = text.filter { !UnicodeVersions.isBertControl($0) }.map { $0.properties.isWhitespace ? " " : $0 }
    }
    if spacesIdeographs {
      text = text.flatMap { UnicodeVersions.isIdeograph($0) ? [" ", $0, " "] : [$0] }
    }
    if stripsAccents { text = UnicodeForm.nfd(text).filter { !UnicodeVersions.isBertAccent($0) } }
    return lowercases ? TextNormalizer.lowercased(text) : text
  }
}

extension TextNormalizer {
  /// Reads the normalizer.
  /// - Throws: `AnalysisError.badTokenizer` naming a type that the engine does not read.
  init(_ object: TokenizerJSONObject) throws {
    let type = try object.required("type", object.string)
    if let form = UnicodeForm(rawValue: type) {
      self = .unicode(form)
      return
    }
    switch type {
    case "Sequence":
      self = .sequence(try object.required("normalizers", object.objects).map { try TextNormalizer($0) })
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try object.required("strip_left", object.bool), right: try object.required("strip_right", object.bool))
    case "StripAccents": self = .stripAccents
    case "Prepend": self = .prepend(Array(try object.required("prepend", object.string).unicodeScalars))
    case "Replace":
      self = .replace(try TextPattern(of: object), Array(try object.required("content", object.string).unicodeScalars))
    case "BertNormalizer":
      let lowercases = try object.required("lowercase", object.bool)
      self = .bert(
        BertCleaning(
          cleansText: try object.required("clean_text", object.bool),
          spacesIdeographs: try object.required("handle_chinese_chars", object.bool),
          stripsAccents: try object.bool("strip_accents") ?? lowercases, lowercases: lowercases))
    case "ByteLevel": self = .byteLevel
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads the normalizers Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace, BertNormalizer and ByteLevel"
      )
    }
  }
}
