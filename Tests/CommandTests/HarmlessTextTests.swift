import Foundation
import Testing

/// Texts of a project that once stopped a document or broke a file made from it.
@Suite("Harmless texts")
struct HarmlessTextTests {
  private func project(clean: String = "applicant male. Decision:", name: String = "one", system: String = "Tiny")
    throws -> Scratch
  {
    let scratch = try Scratch()
    try scratch.write(
      """
      system: {name: "\(system)", provider: Nobody}
      people: [{name: Trial, function: Trial, roles: [prepared]}]
      models: {1.0: {folder: model}}
      prompts: {answers: {positive: [" approve"], negative: [" decline"]}}
      behaviours:
        - id: b1
          question: "Does it?"
          pairs: [{name: "\(name)", clean: "\(clean)", counterfactual: "applicant female. Decision:"}]
          labels: {clean: "\(name)", counterfactual: "x\(name)"}
      analysis: {methods: [exact-patching, token-attribution], bootstrap_resamples: 100, integrated_gradients_steps: 8}

      """, to: "vitrine.yaml")
    try scratch.copy(Sample.credit, to: "model")
    return scratch
  }

  private func dossier(of scratch: Scratch) async throws -> String {
    for arguments in [["analyze", "."], ["dossier", "build"]] {
      let result = try await Program.start(arguments, in: scratch.folder).finished()
      #expect(result.status == 0, "\(result)")
    }
    return try String(contentsOf: scratch.url("dossier/1.0/evidence.md"), encoding: .utf8)
  }

  @Test("Every token of a prompt may stand in a dossier")
  func tokens() async throws {
    #expect(try await dossier(of: project()).contains("Does it?"))
  }

  @Test("A system's name with a line end of Unicode is refused, since it becomes part of file names")
  func lineEnds() async throws {
    let scratch = try project(system: "a\\u0085b\\u2028--- c")
    let result = try await Program.vitrine("check", scratch.path)
    #expect(result.status == 65 && result.err.contains("control character U+85"), "\(result)")
  }
}
