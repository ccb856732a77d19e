import Foundation
import Testing

@Suite("vitrine diff of what is not alike, not whole or not there")
struct DiffTroubleTests {
  private static let places = ["store", "park", "school", "office", "garden", "hospital"]

  /// A project with two versions of the indirect-object model.
  /// - Parameters:
  ///   - pairs: the behaviour's prompt pairs.
  ///   - versions: which of them are analysed.
  ///   - change: what is done to the later one's files.
  private func project(
    pairs: [String] = places.map { Sample.pair($0) }, versions: [String] = ["1.0", "1.1"],
    change: (Scratch) throws -> Void = { _ in }
  ) async throws -> Scratch {
    let project = try Scratch()
    try project.copy(Sample.ioi, to: "models/a")
    try project.copy(Sample.ioi, to: "models/b")
    try change(project)
    try Self.write(project, [("names", pairs)])
    try await analyse(project, versions)
    return project
  }

  private static func write(_ project: Scratch, _ behaviours: [(id: String, pairs: [String])]) throws {
    let yaml = Sample.project(
      behaviours: behaviours, analysis: ["methods: [exact-patching, attribution-patching, circuit]"])
    try project.write(
      yaml.replacing(
        "  1.0: {folder: \"\(Sample.repositoryPath(Sample.ioi))\"}",
        with: "  1.0: {folder: models/a}\n  1.1: {folder: models/b, supersedes: 1.0}"), to: "vitrine.yaml")
  }

  private func analyse(_ project: Scratch, _ versions: [String]) async throws {
    for version in versions {
      let analysed = try await Program.vitrine("analyze", project.path, "--model", version)
      #expect(analysed.status == 0, "\(analysed)")
    }
  }

  private func diff(_ project: Scratch, _ options: String...) async throws -> Finished {
    try await Program.start(["diff", "--project", project.path] + options).finished()
  }

  private func page(_ project: Scratch, _ folder: String = "1.0-1.1", _ name: String = "diff.md") throws -> String {
    try String(contentsOf: project.url("diff/\(folder)/\(name)"), encoding: .utf8)
  }

  /// Changes one number of the later model's configuration.
  private static func configure(_ project: Scratch, _ change: (inout [String: Any]) -> Void) throws {
    let file = project.url("models/b/config.json")
    var value = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    change(&value)
    try JSONSerialization.data(withJSONObject: value).write(to: file)
  }

  @Test(
    "of models with other numbers of heads says so, pairs heads by effect against chance or not at all, and exits 1")
  func shapes() async throws {
    // Twice as many heads of half the width fit the same tensors and make another function of them.
    var heads = 0
    let project = try await project { project in
      try Self.configure(project) { value in
        heads = value["n_head"] as? Int ?? 0
        value["n_head"] = 2 * heads
      }
    }
    let result = try await diff(project, "1.0", "1.1")
    #expect(result.status == 1, "\(result)")
    #expect(result.said.contains("the number of heads per layer was \(heads) and is \(2 * heads)"), "\(result)")
    let text = try page(project)
    #expect(text.contains("The models have different shapes:"))
    #expect(text.contains("by chance") && text.contains("standard deviation"))
    let json = try JSON(page(project, "1.0-1.1", "diff.json"))
    #expect(try Schema("diff").problems(of: json) == [])
    let identity = json["mechanisms"]?[0]?["identity"]
    #expect(identity == .string("by-profile") || identity == .string("not-established"))
    #expect(json["mechanisms"]?[0]?["name_correlation"] == nil)
    // The later circuit has heads that the earlier model lacks, unless all of them are among its first ones.
    let later = json["mechanisms"]?[0]?["circuit_after"]?.array?.compactMap(\.string) ?? []
    let lacks = later.filter { $0.split(separator: "H").last.flatMap { Int($0) } ?? 0 >= heads }
    #expect(lacks.isEmpty || text.contains("the model lacks \(lacks.joined(separator: ", "))"))
  }

  @Test("of models with other tokenizers compares texts, says what that means, and exits 1")
  func tokenizers() async throws {
    // The vocabulary stays; the last merge is not made any more.
    let project = try await project { project in
      let file = project.url("models/b/tokenizer.json")
      var value = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      var model = try #require(value["model"] as? [String: Any])
      model["merges"] = Array(try #require(model["merges"] as? [Any]).dropLast())
      value["model"] = model
      try JSONSerialization.data(withJSONObject: value).write(to: file)
    }
    let result = try await diff(project, "1.0", "1.1")
    #expect(result.status == 1 && result.said.contains("The tokenizers differ"), "\(result)")
    #expect(result.said.contains("the tokenizer is another one, and 'may_change' does not name tokenizer"), "\(result)")
    #expect(try page(project).contains("The tokenizers differ"))
  }

  @Test("of a version without runs, or without its folder, says which and what to do")
  func notThere() async throws {
    let project = try await project(versions: ["1.0"]) { project in
      try Self.configure(project) { $0["layer_norm_epsilon"] = 0.01 }
    }
    let unrun = try await diff(project, "1.0", "1.1")
    #expect(unrun.status == 1 && unrun.err.contains("vitrine analyze --model 1.1"), "\(unrun)")
    #expect(try project.files().filter { $0.hasPrefix("diff") } == [])
    try await analyse(project, ["1.1"])
    try FileManager.default.removeItem(at: project.url("models/b"))
    let gone = try await diff(project, "1.0", "1.1")
    // The effects are another's, and nothing was declared.
    #expect(gone.status == 1, "\(gone)")
    #expect(gone.said.contains("The model folder of version 1.1, b, is not there."), "\(gone)")
    #expect(try page(project).contains("The model folder of version 1.1, b, is not there."))
    let itself = try await diff(project, "1.0", "1.0", "--no-models")
    #expect(itself.status == 0 && itself.err.contains("both sides are the same"), "\(itself)")
    #expect(itself.out.contains("Byte-identical"), "\(itself)")
  }

  @Test(
    "refuses what is no dossier with the file's name and a remedy, and writes nothing",
    arguments: [
      ("cut.json", "{\"schema\":\"vitrine.dossier/1\",\"system\":", 65), ("empty.json", "", 65),
      ("later.json", "{\"schema\":\"vitrine.dossier/99\"}", 65), ("page.json", "<html></html>", 65),
      ("folder/other.txt", "", 74),
    ])
  func noDossier(name: String, content: String, status: Int) async throws {
    let folder = try Scratch()
    try folder.write(content, to: name)
    let argument = name.hasPrefix("folder/") ? "folder" : name
    let result = try await Program.start(["diff", argument, argument, "--to", "out"], in: folder.folder).finished()
    #expect(Int(result.status) == status, "\(result)")
    #expect(result.err.contains(argument) && result.err.contains("'vitrine dossier build'"), "\(result)")
    #expect(try folder.files() == [name])
  }

  @Test("of runs that share no prompt compares two samples and says that it finds less")
  func noCommonPrompt() async throws {
    let project = try await project(versions: ["1.0"])
    let built = try await Program.vitrine("dossier", "build", "--project", project.path, "--model", "1.0")
    #expect(built.status == 0, "\(built)")
    try FileManager.default.moveItem(at: project.url("dossier/1.0"), to: project.url("old"))
    try Self.write(project, [("names", ["house", "restaurant", "station"].map { Sample.pair($0) })])
    try await analyse(project, ["1.1"])
    let result = try await diff(project, project.url("old").path, "1.1")
    let json = try JSON(page(project, "1.0-1.1", "diff.json"))
    #expect(json["rows"]?.array?.isEmpty == false, "\(result)")
    #expect(json["rows"]?.array?.allSatisfy { $0["pairing"] == .string("independent") } == true)
    #expect(json["mechanisms"]?[0]?["identity"] == .string("not-established"))
    #expect(try page(project).contains("The two sides share no prompt"))
  }

  @Test("of other behaviours compares nothing, says so, and does not pass that off as no change")
  func otherBehaviours() async throws {
    let project = try await project(versions: ["1.0"])
    let built = try await Program.vitrine("dossier", "build", "--project", project.path, "--model", "1.0")
    #expect(built.status == 0, "\(built)")
    try FileManager.default.moveItem(at: project.url("dossier/1.0"), to: project.url("old"))
    try Self.write(project, [("objects", Self.places.map { Sample.pair($0) })])
    try await analyse(project, ["1.1"])
    let result = try await diff(project, project.url("old").path, "1.1")
    #expect(result.said.contains("behaviour objects: only version 1.1 has it"), "\(result)")
    #expect(result.said.contains("behaviour names: only version 1.0 has it"), "\(result)")
    #expect(result.said.contains("No difference could be tested"), "\(result)")
    #expect(try page(project).contains("No difference could be tested"))
  }

  @Test("prints markup in a prompt's name as text")
  func markup() async throws {
    let name = "<script>alert(1)</script>"
    let pairs = Self.places.map { Sample.pair($0).replacing("{name: \($0) John", with: "{name: \"\(name) \($0)\"") }
    let project = try await project(pairs: pairs) { project in
      try Self.configure(project) { $0["layer_norm_epsilon"] = 0.01 }
    }
    _ = try await diff(project, "1.0", "1.1")
    let html = try page(project, "1.0-1.1", "diff.html")
    #expect(!html.lowercased().contains("<script"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; store"))
    // In Markdown a backslash makes it text (CommonMark 0.31, section 2.4).
    let markdown = try page(project)
    #expect(markdown.contains("\\<script\\>alert") && !markdown.replacing("\\<", with: "").contains("<script"))
  }
}
