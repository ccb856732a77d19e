/// English words of what a comparison records: diff.json and worksheet.yaml speak English whatever the page's language.
enum RecordedWords {
  /// Answers as a reader says them, e.g. `“approve”`.
  static func answers(_ answers: [String]) -> String {
    answers.map { "“\(PlainText.oneLine($0))”" }.joined(separator: " or ")
  }

  /// `1 pair`, `200 pairs`.
  static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(Numbers.count(count)) \(count == 1 ? one : many)"
  }

  /// The day of an RFC 3339 time.
  static func day(_ time: String) -> String { String(time.prefix(10)) }
}
