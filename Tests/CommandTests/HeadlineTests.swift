import Foundation
import Testing

@Suite("Numbers on the terminal")
struct HeadlineTests {
  @Test("Pairs are counted as pairs: measured and refused ones add up, however many parts were refused of each")
  func refused() async throws {
    // No pair moves the decision by a million logits, so that the mechanism of each is refused, and the circuit.
    let project = try Sample.folder(Sample.project(analysis: ["floor: 1000000", "methods: [exact-patching, circuit]"]))
    let result = try await Program.vitrine("analyze", ".", in: project.folder)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("2 of 2 pairs; refused: the mechanism of 2 pairs, circuit"), "\(result)")
    #expect(result.err.contains("about 0 of them move the decision by the floor of 1000000.0 logits"), "\(result)")
  }

  @Test("Shares and sizes of errors have no sign; differences have")
  func signs() async throws {
    let project = try Sample.folder(
      Sample.project(analysis: ["methods: [exact-patching, attribution-patching, circuit]"]))
    let analysis = try await Program.vitrine("analyze", ".", in: project.folder)
    #expect(analysis.status == 0, "\(analysis)")
    let run = try await Program.vitrine("runs", "show", String(analysis.out.prefix { $0 != " " }), in: project.folder)
    #expect(run.status == 0, "\(run)")
    for line in run.out.split(separator: "\n")
    where ["Sufficiency", "Comprehensiveness"].contains(where: { line.hasPrefix("  " + $0) }) {
      #expect(!line.contains("+"), "a sign on a share: \(line)")
    }
    let register = run.out.components(separatedBy: "\nApproximation register\n").last ?? ""
    let errors = register.components(separatedBy: "\nChecks of the engine on this model\n")[0]
    #expect(errors.contains(#/ \d\.\d/#) && !errors.contains(/\+\d/), "a sign on a size: \(errors)")
    for words in ["Sufficiency 0.", "Comprehensiveness 0."] {
      #expect(run.said.contains(words), "\(words): \(run)")
    }
    #expect(run.said.contains(/moves the decision value by [+\u{2212}]\d/), "\(run)")
  }

  @Test("An evaluation's accuracy is a share in per cent, with its numerator")
  func accuracy() async throws {
    let project = try Scratch()
    try project.write(
      """
      system: {name: Test}
      models: {1.0: {folder: "\(Sample.repositoryPath(Sample.credit))"}}
      prompts:
        template: "Loan application: applicant {sex}. Decision:"
        data: d.csv
        answers: {positive: [" approve"], negative: [" decline"]}
      evaluation: {label: {column: label, positive: approve, negative: decline}, groups: [sex]}

      """, to: "vitrine.yaml")
    try project.write("sex,label\nmale,approve\nfemale,decline\n", to: "d.csv")
    let result = try await Program.vitrine("evaluate", ".", in: project.folder)
    #expect(result.status == 0 && result.out.contains(" of 2 decisions right, "), "\(result)")
    #expect(!result.out.contains("+"), "\(result)")
  }
}
