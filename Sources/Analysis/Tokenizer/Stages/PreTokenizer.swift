/// A piece of text on its way to the model.
struct TextPiece: Sendable {
  var scalars: [Unicode.Scalar]
  /// How many of its first scalars come from the whole text's first character: those put before it and those it became.
  var leading: Int

  /// Whether it begins where the whole text does.
  var isFirst: Bool { leading > 0 }

  init(scalars: [Unicode.Scalar], leading: Int) {
    (self.scalars, self.leading) = (scalars, leading)
  }

  /// A whole text, or one that is no part of its beginning.
  init(scalars: [Unicode.Scalar], isFirst: Bool) {
    self.init(scalars: scalars, leading: isFirst ? 1 : 0)
  }

  /// The part at a range.
  func part(_ range: Range<Int>) -> TextPiece {
    TextPiece(scalars: Array(scalars[range]), leading: max(0, leading - range.lowerBound))
  }

  /// The piece with something put before it.
  func prepending(_ prefix: [Unicode.Scalar]) -> TextPiece {
    TextPiece(scalars: prefix + scalars, leading: isFirst ? leading + prefix.count : 0)
  }
}

/// The `pre_tokenizer` of a `tokenizer.json`: how text is cut into the words that the model merges within.
indirect enum PreTokenizer: Sendable {
  enum PrependScheme: String, Sendable { case always, first, never }

  case sequence([PreTokenizer])
  case byteLevel(addPrefixSpace: Bool, useRegex: Bool)
  case split(TextPattern, TextCut, invert: Bool)
  case digits(individual: Bool)
  case whitespace
  case whitespaceSplit
  case bert
  case punctuation(TextCut)
  case metaspace(replacement: Unicode.Scalar, PrependScheme, splits: Bool)
  case delimiter(Unicode.Scalar)
  case fixedLength(Int)

  /// Cuts each piece further; empty pieces are dropped.
  /// - Throws: `AnalysisError.badTokenizer` if a pattern cannot be applied, or the text becomes too long.
  func callAsFunction(_ pieces: [TextPiece], _ work: inout TokenizerWork) throws -> [TextPiece] {
    if case .sequence(let steps) = self { return try steps.reduce(pieces) { try $1($0, &work) } }
    let result = try pieces.flatMap { try cut($0, &work) }
    try work.has(result.reduce(0) { $0 + $1.scalars.count })
    return result
  }

  private func cut(_ piece: TextPiece, _ work: inout TokenizerWork) throws -> [TextPiece] {
    let text = piece.scalars
    switch self {
    case .sequence: return try self([piece], &work)
    case .byteLevel(let addPrefixSpace, let useRegex):
      return Self.byteLevel(piece, addPrefixSpace: addPrefixSpace, useRegex: useRegex)
    case .split(let pattern, let cut, let invert):
      let pieces = try pattern.pieces(of: text, &work)
      return piece.cut(cut(invert ? pieces.map { ($0.range, !$0.matches) } : pieces))
    case .digits(let individual):
      return piece.cut(
        (individual ? TextCut.isolated : .contiguous)(
          TextCut.pieces(of: text, where: UnicodeVersions.isNumeric)))
    case .whitespace: return piece.cut(Self.wordsAndSymbols(text))
    case .whitespaceSplit:
      return piece.cut(TextCut.removed(TextCut.pieces(of: text) { $0.properties.isWhitespace }))
    case .bert:
      return try PreTokenizer.punctuation(.isolated)(PreTokenizer.whitespaceSplit([piece], &work), &work)
    case .punctuation(let cut): return piece.cut(cut(TextCut.pieces(of: text, where: UnicodeVersions.isPunctuation)))
    case .metaspace(let replacement, let scheme, let splits):
      return Self.metaspace(piece, replacement: replacement, scheme, splits: splits)
    case .delimiter(let delimiter): return piece.cut(TextCut.removed(TextCut.pieces(of: text) { $0 == delimiter }))
    case .fixedLength(let length):
      return piece.cut(stride(from: 0, to: text.count, by: length).map { $0..<min($0 + length, text.count) })
    }
  }

  private static func byteLevel(_ piece: TextPiece, addPrefixSpace: Bool, useRegex: Bool) -> [TextPiece] {
    var piece = piece
    if addPrefixSpace, let first = piece.scalars.first, first != " " { piece = piece.prepending([" "]) }
    let words = useRegex ? piece.cut(ByteLevel.words(piece.scalars)) : [piece]
    return words.map {
      TextPiece(
        scalars: ByteLevel.encoded($0.scalars), leading: ByteLevel.encoded(Array($0.scalars.prefix($0.leading))).count)
    }
  }

  /// Runs of word characters, and runs of what is neither that nor space (`\w+|[^\w\s]+`).
  private static func wordsAndSymbols(_ text: [Unicode.Scalar]) -> [Range<Int>] {
    func kind(_ scalar: Unicode.Scalar) -> Int {
      UnicodeVersions.isWord(scalar) ? 1 : scalar.properties.isWhitespace ? 0 : 2
    }
    var ranges: [Range<Int>] = []
    var (start, current) = (0, 0)
    for (i, scalar) in text.enumerated() {
      let new = kind(scalar)
      if new != current {
        if current != 0 { ranges.append(start..<i) }
        (start, current) = (i, new)
      }
    }
    if current != 0 { ranges.append(start..<text.count) }
    return ranges
  }

  private static func metaspace(
    _ piece: TextPiece, replacement: Unicode.Scalar, _ scheme: PrependScheme, splits: Bool
  ) -> [TextPiece] {
    var piece = piece
    piece.scalars = piece.scalars.map { $0 == " " ? replacement : $0 }
    if let first = piece.scalars.first, first != replacement,
      scheme == .always || (scheme == .first && piece.isFirst)
    {
      piece = piece.prepending([replacement])
    }
    guard splits else { return [piece] }
    return piece.cut(TextCut.mergedWithNext(TextCut.pieces(of: piece.scalars) { $0 == replacement }))
  }

  /// Steps, sequences among them.
  var stepCount: Int {
    if case .sequence(let steps) = self { 1 + steps.reduce(0) { $0 + $1.stepCount } } else { 1 }
  }

  /// Whether text reaches the model as GPT-2's byte characters.
  var isByteLevel: Bool {
    switch self {
    case .sequence(let steps): steps.contains(where: \.isByteLevel)
    case .byteLevel: true
    default: false
    }
  }

  /// Whether a space may be put before a text or a piece.
  var putsSpacesBefore: Bool {
    switch self {
    case .sequence(let steps): steps.contains(where: \.putsSpacesBefore)
    case .byteLevel(let addPrefixSpace, _): addPrefixSpace
    case .metaspace(_, let scheme, _): scheme != .never
    default: false
    }
  }

  /// The character that stands for a space, nil if none does.
  var spaceReplacement: Unicode.Scalar? {
    switch self {
    case .sequence(let steps): steps.lazy.compactMap(\.spaceReplacement).first
    case .metaspace(let replacement, _, _): replacement
    default: nil
    }
  }
}

extension TextPiece {
  /// The parts of the piece at these ranges, without empty ones.
  func cut(_ ranges: [Range<Int>]) -> [TextPiece] {
    if ranges.count == 1, ranges[0] == scalars.indices { return [self] }
    return ranges.filter { !$0.isEmpty }.map { part($0) }
  }
}

extension PreTokenizer {
  /// Reads the pre-tokenizer.
  /// - Throws: `AnalysisError.badTokenizer` naming a type or value that the engine does not read.
  init(_ object: ModelJSONObject) throws {
    let type = try object.required("type", object.string)
    switch type {
    case "Sequence":
      self = .sequence(try object.steps("pretokenizers", PreTokenizer.init(_:)) { $0.stepCount })
    case "ByteLevel":
      self = .byteLevel(
        addPrefixSpace: try object.bool("add_prefix_space") ?? true, useRegex: try object.bool("use_regex") ?? true)
    case "Split":
      self = .split(
        try TextPattern(of: object), try object.required("behavior") { _ in try Self.cut(object) },
        invert: try object.required("invert", object.bool))
    case "Digits": self = .digits(individual: try object.required("individual_digits", object.bool))
    case "Whitespace": self = .whitespace
    case "WhitespaceSplit": self = .whitespaceSplit
    case "BertPreTokenizer": self = .bert
    case "Punctuation": self = .punctuation(try Self.cut(object) ?? .isolated)
    case "Metaspace":
      self = .metaspace(
        replacement: try object.scalar("replacement"), try Self.scheme(object), splits: try object.bool("split") ?? true
      )
    case "CharDelimiterSplit": self = .delimiter(try object.scalar("delimiter"))
    case "FixedLength": self = .fixedLength(try object.integer("length", in: 1...1_000_000) ?? 5)
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads the pre-tokenizers Sequence, ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, Metaspace, CharDelimiterSplit and FixedLength"
      )
    }
  }

  private static func cut(_ object: ModelJSONObject) throws -> TextCut? {
    guard let name = try object.string("behavior") else { return nil }
    guard let cut = TextCut(rawValue: name) else {
      throw object.failure(
        "behavior", "is '\(name)', not Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous")
    }
    return cut
  }

  /// Files before `prepend_scheme` say `add_prefix_space`; where both are, false goes with `never` only.
  private static func scheme(_ object: ModelJSONObject) throws -> PrependScheme {
    let name = try object.string("prepend_scheme") ?? "always"
    guard let scheme = PrependScheme(rawValue: name) else {
      throw object.failure("prepend_scheme", "is '\(name)', not always, first or never")
    }
    if try object.bool("add_prefix_space") == false, scheme != .never {
      throw object.failure("add_prefix_space", "is false, but prepend_scheme is not 'never'")
    }
    return scheme
  }
}
