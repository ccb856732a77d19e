extension Analyzer.Outcome {
  /// Says the unit of a regression's number wherever methods say logits, which decision values of other models are in.
  mutating func measure(in unit: String) {
    for place in findings.indices where findings[place].unit == Self.logits { findings[place].unit = unit }
    for place in approximations.indices {
      approximations[place].note = Self.measured(approximations[place].note, in: unit)
    }
    for place in refusals.indices { refusals[place].detail = Self.measured(refusals[place].detail, in: unit) }
  }

  private static let logits = "logits"

  /// `in logits` and `0.25 logits` with the unit; "the logits" are the model's outputs, and stay.
  private static func measured(_ text: String, in unit: String) -> String {
    text.replacing(/(\bin|[0-9]) logits\b/) { "\($0.output.1) \(unit)" }
  }
}
