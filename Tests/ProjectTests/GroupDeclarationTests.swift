import Testing

@testable import Analysis
@testable import Project

@Suite("Reference groups and intersections of the project file")
struct GroupDeclarationTests {
  private func project(_ groups: String) throws -> Project { try Sample.project(replacing: [25: groups]).load() }

  @Test("A column may name its reference group; intersections and the better answer are declared beside")
  func declared() throws {
    let evaluation = try #require(
      try project(
        """
          groups: [{column: shape, reference: round}, colour]
          intersections: [[shape, colour]]
          favourable: negative
        """
      ).evaluation)
    #expect(evaluation.groupings == ["shape", "colour"])
    #expect(
      evaluation.comparison
        == .init(references: ["shape": "round"], intersections: [["shape", "colour"]], favourable: .negative))
    #expect(try project("  groups: shape").evaluation?.comparison == GroupComparison.Declaration())
  }

  @Test(
    "What cannot be meant is refused by file, line, key and remedy",
    arguments: [
      (
        "  groups: [{column: shape, reference: sphere}]",
        "the reference group 'sphere' of 'shape' is not among the records of the evaluation, in vitrine.yaml line 25; the groups are:"
      ),
      (
        "  groups: [{column: shape, reference: roun}]",
        "the reference group 'roun' of 'shape' is not among the records of the evaluation, in vitrine.yaml line 25; did you mean 'round'?"
      ),
      ("  groups: [{column: shap}]", "'groups' names 'shap', which is not a column of"),
      (
        "  groups: [{columm: shape}]",
        "unknown key 'columm' under 'groups' in vitrine.yaml line 25; did you mean 'column'?"
      ),
      ("  groups: [{reference: round}]", "missing key 'column' under 'groups'"),
      ("  groups: [[shape]]", "'groups' under 'evaluation' must be a text"),
      ("  groups: [shape, {column: shape}]", "'groups' names 'shape' twice in vitrine.yaml line 25"),
      (
        "  groups: [shape]\n  intersections: [[shape, colour]]",
        "'intersections' names 'colour', which 'groups' does not, in vitrine.yaml line 26"
      ),
      (
        "  groups: [shape]\n  intersections: [[shape]]",
        "an entry of 'intersections' must name two or more different columns, in vitrine.yaml line 26"
      ),
      (
        "  groups: [shape, colour]\n  intersections: [shape, colour]", "must be a list of lists of columns, not 'shape'"
      ),
      ("  groups: [shape, colour]\n  intersections: shape", "must be a list of lists of columns, not 'shape'"),
      (
        "  groups: [shape, colour]\n  intersections: [[shape, colour], [colour, shape]]",
        "'intersections' has the columns colour, shape twice in vitrine.yaml line 26"
      ),
      (
        "  groups: [shape]\n  favourable: both",
        "'favourable' under 'evaluation' must be 'positive' or 'negative', not 'both'"
      ),
    ])
  func refused(_ groups: String, _ message: String) throws {
    let error = projectError { _ = try project(groups) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
  }

  @Test(
    "two groups of an intersection that would have one name are refused, and the same values with another mark are not")
  func sameName() throws {
    func load(_ mark: String) throws -> Project {
      let data =
        "colour,shape,label,split\nred,\"A\",good,train\n\"A\",\"B\(mark)C\",good,test\n\"A\(mark)B\",\"C\",bad,test\n"
      return try Sample.project(
        replacing: [25: "  groups: [shape, colour]\n  intersections: [[colour, shape]]"], data: data
      ).load()
    }
    let error = projectError { _ = try load(", ") }
    #expect(
      error?.message.contains(
        "two groups of the intersection colour, shape would both be called 'A, B, C' in vitrine.yaml line 26")
        == true, "\(error?.message ?? "no error")")
    #expect(try load("; ").evaluation?.comparison.intersections == [["colour", "shape"]])
  }
}
