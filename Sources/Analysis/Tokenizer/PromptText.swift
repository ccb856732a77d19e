/// What a prompt says: one text, or a pair of texts that the tokenizer puts side by side (a question and a passage, two sentences).
public enum PromptText: Sendable, Equatable, Hashable {
  case text(String)
  case pair(String, String)

  /// The one text or both.
  public var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .pair(let one, let other): [one, other]
    }
  }
}

extension PromptText: Codable {
  /// Reads a string, or a list of two.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
      return
    }
    let texts = try container.decode([String].self)
    guard texts.count == 2 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a prompt is one text or two, not \(texts.count)")
    }
    self = .pair(texts[0], texts[1])
  }

  /// A text as a string, a pair as a list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .pair(let one, let other): try container.encode([one, other])
    }
  }
}
