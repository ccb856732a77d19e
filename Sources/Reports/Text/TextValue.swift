/// What stands in the place of a placeholder.
enum TextValue: Sendable {
  /// Running text.
  case inlines([Inline])
  /// A whole number, which a message may choose its words by.
  case count(Int)

  /// Words or numbers that are ready to print.
  static func text(_ text: String) -> TextValue { .inlines([.text(text)]) }

  /// Words that are not ours.
  static func attributed(_ text: String) -> TextValue { .inlines([.attributed(text)]) }

  /// Code, an identifier, a label of the data.
  static func code(_ text: String) -> TextValue { .inlines([.code(text)]) }

  /// A link with its words.
  static func link(_ text: String, to target: String) -> TextValue { .inlines([.link(text: text, target: target)]) }

  /// One piece of running text.
  static func inline(_ inline: Inline) -> TextValue { .inlines([inline]) }
}
