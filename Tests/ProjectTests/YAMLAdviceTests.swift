import Testing

@testable import Project

@Suite("A line that YAML cannot read")
struct YAMLAdviceTests {
  /// What stands in quotation marks is the text that was meant (YAML 1.2.2, 7.3.1); the parser reads each correction back.
  @Test(
    "is printed as it should be written",
    arguments: [
      ("title: Purpose: screening", "title: \"Purpose: screening\""),
      ("responsible: @ada", "responsible: \"@ada\""), ("function: %risk", "function: \"%risk\""),
      ("function: `risk`", "function: \"`risk`\""), ("function: - Head of Risk", "function: \"- Head of Risk\""),
      ("function: [Risk] Head", "function: \"[Risk] Head\""), ("function: {Risk", "function: \"{Risk\""),
      ("function: > 5 persons", "function: \"> 5 persons\""),
      ("function: *Head* of Risk", "function: \"*Head* of Risk\""),
      ("function: !Head", "function: \"!Head\""),
      ("responsible: \"Ada\" Example", "responsible: \"\\\"Ada\\\" Example\""),
      ("responsible: \"Ada\" or \"Bea\"", "responsible: \"\\\"Ada\\\" or \\\"Bea\\\"\""),
      ("title: “Purpose: screening”", "title: \"Purpose: screening\""),
      ("title: „Zweck: Prüfung“", "title: \"Zweck: Prüfung\""),
      ("title: “Purpose”: screening", "title: \"“Purpose”: screening\""),
      ("responsible: 'Ada's'", "responsible: \"Ada's\""), ("responsible: \"Ada", "responsible: \"Ada\""),
      ("responsible: a \\ b: c", "responsible: \"a \\\\ b: c\""), ("  - owner: Ada: Head", "  - owner: \"Ada: Head\""),
      ("responsible:Ada", "responsible: Ada"), ("\tresponsible: Ada", "  responsible: Ada"),
      ("responsible:\tAda: Head", "responsible: \"Ada: Head\""),
    ])
  func correction(_ line: String, _ corrected: String) {
    #expect(YAMLAdvice.correction(of: line)?.line == corrected)
  }

  @Test(
    "is left alone where it is well, or where quotation marks do not help",
    arguments: ["status: yes", "date: 2026-03-03", "responsible: Ada # the elder", "", "- a", "just words", "key:"])
  func well(_ line: String) {
    #expect(YAMLAdvice.correction(of: line) == nil)
  }

  @Test("is named with its own number where the parser stumbles later, and a group is written as a group")
  func place() {
    let text = "item: 4\nresponsible: \"Ada\nfunction: Head\n"
    #expect(throws: (any Error).self) { try BoundedYAML.compose(text) }
    let advice = YAMLAdvice.advice(text, at: [4, 2])
    #expect(advice.line == 2 && advice.remedy.hasSuffix("responsible: \"Ada\""))
    let group = YAMLAdvice.advice("not_applicable: plan: none", at: [1], groups: ["not_applicable"])
    #expect(group.remedy.hasSuffix("not_applicable: /   plan: \"none\""))
  }

  @Test("is printed corrected by the project file's errors too")
  func project() throws {
    let project = try Sample.project(replacing: [3: "  provider: Bank: Dublin"])
    let error = #expect(throws: ProjectError.self) { try project.load() }
    #expect(error?.message.contains("line 3") == true && error?.message.contains("provider: \"Bank: Dublin\"") == true)
    let alias = try Sample.project(replacing: [3: "  provider: *Bank*"])
    let second = #expect(throws: ProjectError.self) { try alias.load() }
    #expect(second?.message.contains("provider: \"*Bank*\"") == true, "\(second?.message ?? "")")
  }
}
