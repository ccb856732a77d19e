public import Foundation

/// One case of `vitrine measure`: a prompt pair with its answers, as text or as token ids.
public struct MeasureCase: Decodable, Sendable {
  /// Text, a pair of texts, or the token ids themselves.
  public enum Prompt: Decodable, Sendable {
    case text(String)
    case pair(String, String)
    case ids([Int])

    /// Makes one from its parts.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let ids = try? container.decode([Int].self) {
        self = .ids(ids)
      } else if let texts = try? container.decode([String].self), texts.count == 2 {
        self = .pair(texts[0], texts[1])
      } else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "is neither a text, nor two texts, nor a list of token ids")
      }
    }
  }

  /// An answer as text, as a token id, or as a list of token ids.
  public enum Answer: Decodable, Sendable {
    case text(String)
    case ids([Int])

    /// Makes one from its parts.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let id = try? container.decode(Int.self) {
        self = .ids([id])
      } else if let ids = try? container.decode([Int].self) {
        self = .ids(ids)
      } else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "is neither a text nor a token id nor a list of token ids")
      }
    }
  }

  var clean: Prompt
  var corrupted: Prompt
  var positive: [Answer]
  var negative: [Answer]
  var circuits: [[[Int]]]?
  /// Where the decision is read, counted from 0; nil: where the model's head reads.
  var position: Int?
  /// The types of the prompts' tokens where both are ids: one list for both, each token's 0 or 1; nil: all 0.
  var typeIDs: [Int]?

  enum CodingKeys: String, CodingKey {
    case clean, corrupted, positive, negative, circuits, position
    case typeIDs = "type_ids"
  }
}

/// What `vitrine measure` prints.
public struct MeasureReport: Encodable, Sendable {
  /// A case's numbers, or what is wrong with it.
  public enum Entry: Encodable, Sendable {
    case measured(Measurement)
    case failed(String)

    private enum CodingKeys: String, CodingKey { case error }

    /// Writes the coded form.
    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .measured(let measurement): try measurement.encode(to: encoder)
      case .failed(let message):
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(message, forKey: .error)
      }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case layers, heads, cases
  }

  /// `model_type` of the model.
  public let modelType: String
  /// Layers of the model.
  public let layers: Int
  /// Heads per layer.
  public let heads: Int
  /// One entry per case, in the order of the file.
  public let cases: [Entry]

  /// Whether a case could not be measured.
  public var hasFailures: Bool {
    cases.contains { if case .failed = $0 { true } else { false } }
  }

  /// Measures every case of a file on a model.
  /// - Throws: `AnalysisError` if the file is not a list of cases at all; a single bad case becomes a `failed` entry.
  public init(
    checkpoint: Checkpoint, casesFile: URL, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let data: Data
    do { data = try RegularFile.read(casesFile, limit: Self.largestFile) } catch { throw AnalysisError(error) }
    let count = try Self.count(data, file: casesFile.path)
    let model = try ModelOutline(checkpoint).load(consuming: true)
    let encoder = try Self.encoder(checkpoint, model)
    // Decoding once more gives each case its own error.
    let cases = try JSONDecoder().decode([Attempt].self, from: data)
    var entries: [Entry] = []
    for (number, attempt) in cases.enumerated() {
      progress(number, count)
      do {
        entries.append(.measured(try attempt.get().measure(on: model, encoder: encoder)))
      } catch let error as AnalysisError {
        entries.append(.failed("case \(number): \(error.message)"))
      }
    }
    modelType = model.modelType
    layers = model.layerCount
    heads = model.headsPerLayer
    self.cases = entries
  }

  /// Texts get no special tokens on decoders, and the model's own on encoders.
  private static func encoder(_ checkpoint: Checkpoint, _ model: Transformer) throws -> PromptEncoder {
    let (tokenizer, folder) = (try checkpoint.tokenizer(), checkpoint.folder.path)
    guard tokenizer != nil, model.architecture.looksBothWays else {
      return PromptEncoder(tokenizer: tokenizer, model: model, folder: folder)
    }
    return try PromptEncoder(tokenizer: tokenizer, model: model, folder: folder, prepend: [], specialTokens: .auto)
  }

  /// Bytes that a file of cases may have.
  private static let largestFile = 64 << 20

  /// The number of cases.
  /// - Throws: `AnalysisError.badCases` if there is no list, or an object has a key twice.
  private static func count(_ data: Data, file: String) throws -> Int {
    do {
      let value = try data.withUnsafeBytes { try StrictJSONReader.read($0) }
      guard case .array(let items) = value else { throw StrictJSONError(outermost: value) }
      return items.count
    } catch let error as StrictJSONError {
      throw AnalysisError(
        .badCases, error.message(file, kind: "a JSON array of cases", remedy: "write [{\"clean\": …}, …]"))
    }
  }

  /// A case, or why it is none.
  private enum Attempt: Decodable {
    case decoded(MeasureCase)
    case malformed(String)

    init(from decoder: any Decoder) throws {
      do {
        self = .decoded(try MeasureCase(from: decoder))
      } catch DecodingError.keyNotFound(let key, _) {
        self = .malformed("key '\(key.stringValue)' is missing")
      } catch let DecodingError.typeMismatch(_, context), let DecodingError.dataCorrupted(context),
        let DecodingError.valueNotFound(_, context)
      {
        let path = context.codingPath.dropFirst().map { $0.intValue.map(String.init) ?? $0.stringValue }
        self = .malformed("key '\(path.joined(separator: "."))': \(context.debugDescription)")
      }
    }

    func get() throws(AnalysisError) -> MeasureCase {
      switch self {
      case .decoded(let value): return value
      case .malformed(let what): throw AnalysisError(.badCases, what)
      }
    }
  }
}

extension MeasureCase {
  func measure(on model: Transformer, encoder: PromptEncoder) throws -> Measurement {
    let texts = [clean, corrupted].compactMap { if case .text(let text) = $0 { text } else { nil } }
    let encoder = encoder.answering(after: texts)
    func read(_ prompt: Prompt) throws -> (ids: [Int], types: [Int]?) {
      switch prompt {
      case .text(let text): return (try encoder.prompt(text), typeIDs)
      case .pair(let first, let second):
        let encoding = try encoder.encoding(of: .pair(first, second))
        return (encoding.ids, typeIDs ?? encoding.typeIDs)
      case .ids(let ids): return (ids, typeIDs)
      }
    }
    let prompts = (clean: try read(clean), corrupted: try read(corrupted))
    func answers(_ answers: [Answer]) throws -> [[Int]] {
      try answers.map { answer in
        switch answer {
        case .text(let text): try model.answer(text, encoder)
        case .ids(let ids): ids
        }
      }
    }
    return try model.measure(
      clean: prompts.clean.ids, corrupted: prompts.corrupted.ids, positive: try answers(positive),
      negative: try answers(negative), circuits: circuits ?? [], position: position,
      types: (prompts.clean.types, prompts.corrupted.types),
      maskToken: encoder.maskToken)
  }
}
