import Foundation
import Testing

/// `docs/law-questions.md`: a lawyer's questions, each answered by a command. The expected words and days are those of the pinned law
/// text, which a person copied into the page; the program's catalogue is not asked for them.
@Suite("A lawyer's forty questions")
struct LawQuestionTests {
  struct Question: Sendable, CustomTestStringConvertible {
    var title: String
    var command: [String]
    /// The law's words.
    var quotes: [String]
    /// Our words.
    var ours: [String]
    /// `YYYY-MM-DD`.
    var days: [String]
    var testDescription: String { title }
  }

  static let questions: [Question] = {
    guard let page = try? String(contentsOfFile: Sample.repositoryPath("docs/law-questions.md"), encoding: .utf8) else {
      return []
    }
    return page.split(separator: "\n## ").dropFirst().map { part in
      func all(_ pattern: Regex<(Substring, Substring)>) -> [String] { part.matches(of: pattern).map { String($0.1) } }
      return Question(
        title: String(part.prefix { $0 != "\n" }),
        command: all(#/\n    vitrine ([^\n]+)/#).flatMap { $0.split(separator: " ").map(String.init) },
        quotes: all(#/“([^”]+)”/#), ours: all(#/\*([^*]+)\*/#), days: all(#/`(\d{4}-\d\d-\d\d)`/#))
    }
  }()

  /// The pinned law as one text, spaces as one.
  private static let pinned: Result<String, any Error> = Result {
    let folder = URL(fileURLWithPath: Sample.repositoryPath("Tests/Reference/law"))
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.filter { $0.lastPathComponent != "README.md" }.map {
      words(try String(contentsOf: $0, encoding: .utf8))
    }.joined(separator: "\n")
  }

  /// A text without the marks and breaks of its lines.
  private static func words(_ text: String) -> String {
    text.split(separator: "\n").map { line in
      var line = line.drop { $0 == " " }
      if line.hasPrefix("| ") { line = line.dropFirst(2) }
      return line.split(separator: " ").joined(separator: " ")
    }.joined(separator: " ")
  }

  private static func long(_ day: String) -> String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let parts = day.split(separator: "-").compactMap { Int($0) }
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }

  @Test("are forty, each with a command and with the law's words or ours")
  func forty() {
    #expect(Self.questions.count == 40)
    #expect(Set(Self.questions.map(\.command)).count == 40)
    for question in Self.questions {
      #expect(question.command.prefix(2) == ["law", "show"] && question.command.count == 3, "\(question.title)")
      #expect(!question.quotes.isEmpty || !question.ours.isEmpty, "\(question.title)")
      #expect(
        !question.days.isEmpty || ["notified-body", "standards", "simplified-form"].contains(question.command[2]))
    }
  }

  @Test("quote the pinned law, and name days that it names", arguments: questions)
  func pinned(_ question: Question) throws {
    let law = try Self.pinned.get()
    for quote in question.quotes { #expect(law.contains(quote), "\(quote)") }
    for day in question.days { #expect(law.contains(Self.long(day)), "\(day)") }
  }

  @Test("are answered by their command, in these words and days", arguments: questions)
  func answered(_ question: Question) async throws {
    let result = try await Program.vitrine(question.command[0], question.command[1], question.command[2])
    #expect(result.status == 0, "\(result)")
    let printed = Self.words(result.out)
    for words in question.quotes + question.ours + question.days { #expect(printed.contains(words), "\(words)") }
    // Who says that the wording is not byte-verified says it where the program does, and nowhere else.
    let isPassage = printed.contains("Standing")
    let page = try String(contentsOfFile: Sample.repositoryPath("docs/law-questions.md"), encoding: .utf8)
    let part = try #require(page.split(separator: "\n## ").first { $0.hasPrefix(question.title + "\n") })
    if isPassage { #expect(part.contains("Not byte-verified") == printed.contains("not byte-verified")) }
    // A day of application that the page leaves out would be half an answer.
    let given = Set(printed.matches(of: #/from:? (\d{4}-\d\d-\d\d)/#).map { String($0.1) })
    #expect(given == Set(question.days), "\(given)")
  }

  @Test("would not be answered by another passage")
  func control() async throws {
    let other = Self.words(try await Program.vitrine("law", "show", "1(a)").out)
    for question in Self.questions where !question.quotes.isEmpty {
      #expect(question.quotes.allSatisfy { !other.contains($0) }, "\(question.title)")
    }
  }
}
