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
  case nmt
  case precompiled(CharacterMap)

  /// What `BertNormalizer` does, in the order of the members.
  struct BertCleaning: Sendable {
    let cleansText: Bool
    let spacesIdeographs: Bool
    let stripsAccents: Bool
    let lowercases: Bool
  }

  /// - Throws: `AnalysisError.badTokenizer` if a pattern cannot be applied, or the text becomes too long.
  func callAsFunction(_ text: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Unicode.Scalar] {
    if case .sequence(let normalizers) = self { return try normalizers.reduce(text) { try $1($0, &work) } }
    let result = try applied(to: text, &work)
    try work.has(result.count)
    return result
  }

  private func applied(to text: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Unicode.Scalar] {
    switch self {
    case .sequence: return try self(text, &work)
    case .unicode(let form):
      // The marks of a text are put in order before it is known how long it becomes.
      try work.spend(text.count)
      return form(text)
    case .lowercase: return Self.lowercased(text)
    case .strip(let left, let right):
      var slice = text[...]
      if left { slice = slice.drop { $0.properties.isWhitespace } }
      if right { while let last = slice.last, last.properties.isWhitespace { slice.removeLast() } }
      return Array(slice)
    case .stripAccents: return text.filter { !UnicodeVersions.isMark($0) }
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content):
      let pieces = try pattern.pieces(of: text, &work)
      if let first = pieces.first, first.range.isEmpty { throw pattern.matchesNothingAtFirst }
      try work.has(pieces.reduce(0) { $0 + ($1.matches ? content.count : $1.range.count) })
      return pieces.flatMap { $0.matches ? content[...] : text[$0.range] }
    case .bert(let cleaning): return cleaning(text)
    case .byteLevel: return ByteLevel.encoded(text)
    case .nmt: return text.compactMap(Self.nmt)
    case .precompiled(let map): return try map(text, &work)
    }
  }

  /// The normalized piece. It no longer begins where the whole text does if its first character goes.
  /// - Throws: as for a text.
  func callAsFunction(_ piece: TextPiece, _ work: inout TokenizerWork) throws -> TextPiece {
    if case .sequence(let normalizers) = self { return try normalizers.reduce(piece) { try $1($0, &work) } }
    if case .precompiled(let map) = self { return try map(piece, &work) }
    return TextPiece(
      scalars: try self(piece.scalars, &work), leading: piece.isFirst ? try leading(of: piece, &work) : 0)
  }

  /// How many of the first scalars of the result come from the piece's leading ones.
  private func leading(of piece: TextPiece, _ work: inout TokenizerWork) throws -> Int {
    let first = Array(piece.scalars.prefix(piece.leading))
    switch self {
    case .strip(let left, _): return left ? first.drop { $0.properties.isWhitespace }.count : first.count
    case .replace(let pattern, let content):
      return try pattern.pieces(of: piece.scalars, &work).reduce(0) { sum, part in
        guard part.range.lowerBound < first.count, !part.range.isEmpty else { return sum }
        guard part.matches else { return sum + min(part.range.upperBound, first.count) - part.range.lowerBound }
        // What is put in belongs to the last scalar that goes.
        return part.range.upperBound <= first.count ? sum + content.count : sum
      }
    default: return try self(first, &work).count
    }
  }

  /// What the normalizer `Nmt` makes of a scalar: controls go, blanks of all kinds are spaces.
  private static func nmt(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: nil
    case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: " "
    default: scalar
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

  /// Steps, sequences among them.
  var stepCount: Int {
    if case .sequence(let normalizers) = self { 1 + normalizers.reduce(0) { $0 + $1.stepCount } } else { 1 }
  }

  /// Whether something is put before every text.
  var putsTextBefore: Bool {
    switch self {
    case .sequence(let normalizers): normalizers.contains(where: \.putsTextBefore)
    case .prepend: true
    default: false
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
  init(_ object: ModelJSONObject) throws {
    let type = try object.string("type") ?? Self.typeByKeys(object)
    if let form = UnicodeForm(rawValue: type) {
      self = .unicode(form)
      return
    }
    switch type {
    case "Sequence":
      self = .sequence(try object.steps("normalizers", TextNormalizer.init(_:)) { $0.stepCount })
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try object.required("strip_left", object.bool), right: try object.required("strip_right", object.bool))
    case "StripAccents": self = .stripAccents
    case "Prepend": self = .prepend(try object.required("prepend", object.scalars))
    case "Replace":
      self = .replace(try TextPattern(of: object), try object.required("content", object.scalars))
    case "BertNormalizer":
      let lowercases = try object.required("lowercase", object.bool)
      self = .bert(
        BertCleaning(
          cleansText: try object.required("clean_text", object.bool),
          spacesIdeographs: try object.required("handle_chinese_chars", object.bool),
          stripsAccents: try object.bool("strip_accents") ?? lowercases, lowercases: lowercases))
    case "ByteLevel": self = .byteLevel
    case "Nmt": self = .nmt
    case "Precompiled": self = .precompiled(try CharacterMap(of: object))
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads the normalizers Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace, BertNormalizer, Nmt, Precompiled and ByteLevel"
      )
    }
  }

  /// The type of a normalizer that does not say it, by its keys as `tokenizers` tells it.
  private static func typeByKeys(_ object: ModelJSONObject) throws -> String {
    if object["clean_text"] != nil, object["handle_chinese_chars"] != nil, object["lowercase"] != nil {
      return "BertNormalizer"
    }
    if object["strip_left"] != nil, object["strip_right"] != nil { return "Strip" }
    if object["normalizers"] != nil { return "Sequence" }
    if object["pattern"] != nil, object["content"] != nil { return "Replace" }
    if object["prepend"] != nil { return "Prepend" }
    throw object.failure("type", "is missing, and no kind of normalizer has these keys alone")
  }
}
