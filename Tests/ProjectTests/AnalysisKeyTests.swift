import Testing

@testable import Analysis
@testable import Project

@Suite("Ablation values and paths in the project file")
struct AnalysisKeyTests {
  private func load(_ lines: String) throws -> Project {
    try Sample.project(replacing: [28: lines]).load()
  }

  @Test("They reach the plan; the counterfactual leaves no trace")
  func read() throws {
    let project = try load("  ablation: mean\n  methods: [path-patching]\n  paths: [\"L0H1>L1H0.q\", \"embed>logits\"]")
    let plan = project.plan(for: project.behaviours[0])
    #expect(plan.ablation == .mean && plan.paths?.map(\.description) == ["L0H1>L1H0.q", "embed>logits"])
    let usual = try load("  ablation: counterfactual")
    #expect(usual.plan(for: usual.behaviours[0]).ablation == nil && usual.analysis.paths == nil)
    #expect(usual.analysis.methods == AnalysisPlan.Method.standard)
  }

  @Test(
    "What makes no sense is named with its line and the remedy",
    arguments: [
      ("  ablation: zeros", ProjectError.Code.unknownValue, "'ablation' is 'zeros'", "zero"),
      (
        "  methods: [path-patching]\n  paths: [\"L0H1-L1H0\"]", .badValue, "'L0H1-L1H0' cannot be read",
        "sender>receiver"
      ),
      (
        "  methods: [path-patching]\n  paths: [\"L0H1>logits\", \"L0H1>logits\"]", .duplicate, "listed twice",
        "list it once"
      ),
      ("  paths: [\"L0H1>logits\"]", .badValue, "does not name path-patching", "add path-patching"),
    ])
  func errors(lines: String, code: ProjectError.Code, what: String, remedy: String) {
    let error = projectError { _ = try load(lines) }
    #expect(error?.code == code)
    for part in [what, remedy, "line 2"] { #expect(error?.message.contains(part) == true, "\(error?.message ?? "")") }
  }
}
