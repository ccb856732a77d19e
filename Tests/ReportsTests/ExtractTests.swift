import Foundation
import Testing
import Yams

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The documents beside the dossier")
struct ExtractTests {
  private typealias Fixtures = DossierFixtures

  private static let names = [
    "dossier.md", "dossier.html", "dossier.json", "evidence.md", "evidence.html", "traceability.md",
    "traceability.html", "law.md", "law.html", "instructions-for-use.md", "instructions-for-use.html",
    "eu-declaration-of-conformity-draft.md", "eu-declaration-of-conformity-draft.html", "registration-annex-viii.md",
    "registration-annex-viii.html", "model-card.md",
    "gaps.md", "gaps.csv", "gaps.ics",
  ]

  /// The extracts in HTML, without the dossier's own pages.
  private static let extracts = [
    "instructions-for-use.html", "eu-declaration-of-conformity-draft.html", "registration-annex-viii.html",
  ]

  private func build(_ yaml: String = Fixtures.yaml(), runs: (Project) -> [StoredRun] = { _ in [] }) throws
    -> DossierBuilder.Output
  {
    let folder = try Fixtures.folder(yaml)
    let project = try Fixtures.project(folder)
    return try DossierBuilder().build(Fixtures.inputs(folder, runs: runs(project)))
  }

  @Test("have these names")
  func names() throws { #expect(try build().files.map(\.name) == Self.names) }

  @Test(
    "quote the points of Article 13(3), Annex V and Annex VIII in the law's order, each with its letter",
    arguments: [
      ("instructions-for-use.md", "article-13-3-", 13), ("eu-declaration-of-conformity-draft.md", "annex-v-", 8),
      ("registration-annex-viii.md", "annex-viii-a-", 13),
    ])
  func order(_ name: String, _ prefix: String, _ count: Int) throws {
    let markdown = PlainText.oneLine(
      try #require(MarkupReader(try CmarkJudge.html(build().text(name)))).text)
    let catalogue = try StatusFixtures.catalogue.get()
    let passages = catalogue.provisions.filter { $0.id.hasPrefix(prefix) }
    #expect(passages.count == count)
    var rest = markdown[...]
    for provision in passages {
      let citation = provision.passage.citation
      let mark = try #require(citation.firstMatch(of: #/point ([^,]+),/#)).1
      let heading = "\(mark)\(mark.hasSuffix(")") ? "" : ".") \(provision.passage.ourTitle)"
      let place = try #require(rest.range(of: heading), "\(provision.id): \(heading)")
      rest = rest[place.upperBound...]
      let words = try #require(rest.range(of: PlainText.oneLine(provision.passage.text)), "\(provision.id)")
      rest = rest[words.upperBound...]
    }
  }

  @Test("leave blank what the project does not hold, and state no conformity")
  func blanks() throws {
    let output = try build()
    let form = try #require(MarkupReader(output.text("eu-declaration-of-conformity-draft.html"))).text
    let blank = ExtractAssembly.blank
    for field in ["Place", "Date", "Name", "Function", "For or on behalf of", "Signature", "Statement of the provider"]
    {
      #expect(form.contains("\(field)\(blank)"), "\(field)")
    }
    #expect(form.contains("Provider, as declared\(blank)"))
    // The two sentences that only the provider may write stand in it as the law's words alone.
    #expect(form.ranges(of: "sole responsibility").count == 1)
    #expect(form.ranges(of: "in conformity with this Regulation").count == 1)
  }

  @Test("fill in what the project file and the runs hold")
  func facts() throws {
    let yaml = Fixtures.yaml().replacing("people:", with: "  provider: Example Provider, Dublin\npeople:")
    let output = try build(yaml) { [Fixtures.evaluation($0, id: Fixtures.id("2"))] }
    for name in Self.extracts {
      #expect(output.text(name).contains("Example Provider, Dublin"), "\(name)")
    }
    #expect(output.text("eu-declaration-of-conformity-draft.md").contains(Fixtures.modelDigest))
    #expect(output.text("instructions-for-use.md").contains("the decision equals the label in 161 of 200 records"))
    #expect(output.text("instructions-for-use.html").contains("traceability.html#run-\(Fixtures.id("2"))"))
    #expect(output.text("instructions-for-use.md").contains("traceability.md#run-\(Fixtures.id("2"))"))
  }

  @Test("link only to what is in the dossier")
  func links() throws {
    let output = try build {
      [Fixtures.analysis($0, id: Fixtures.id("1")), Fixtures.evaluation($0, id: Fixtures.id("2"))]
    }
    var pages: [String: MarkupReader] = [:]
    var ids: [String: Set<String>] = [:]
    for name in Self.names where name.hasSuffix(".html") {
      let page = try #require(MarkupReader(output.text(name)), "\(name)")
      pages[name] = page
      ids[name] = Set(page.elements.compactMap { $0.attributes["id"] })
    }
    var targets: Set<String> = []
    for name in Self.extracts {
      for target in try #require(pages[name]).elements.compactMap({ $0.attributes["href"] }) {
        let parts = target.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        let file = parts[0].isEmpty ? name : parts[0]
        let isThere =
          parts.count == 1
          ? output.files.contains { $0.name == file } : ids[file]?.contains(parts[1]) == true
        #expect(isThere, "\(name): \(target)")
        targets.insert(file)
      }
    }
    #expect(targets.isSuperset(of: ["dossier.html", "evidence.html", "traceability.html"]), "\(targets)")
  }

  /// The keys and the kinds of values are those of the hub's documentation of model cards ("model-index" needs `name` and, in each
  /// result, `task.type`, `dataset.type`, `dataset.name` and metrics with `type` and `value`). scripts/check-pages also has the hub's
  /// own library read it.
  @Test("give the model card a head that YAML reads, with the measured performance and without invented facts")
  func modelCard() throws {
    let yaml = Fixtures.yaml(system: "Scoring: \"quoted\" # not a comment --- license: mit")
    let card = try build(yaml) { [Fixtures.evaluation($0, id: Fixtures.id("2"))] }.text("model-card.md")
    let parts = card.split(separator: "---\n", maxSplits: 2, omittingEmptySubsequences: false)
    #expect(parts[0].isEmpty)
    let head = try #require(try Yams.load(yaml: String(parts[1])) as? [String: Any])
    #expect(Set(head.keys) == ["library_name", "pipeline_tag", "tags", "model-index"])
    let index = try #require((head["model-index"] as? [[String: Any]])?.first)
    #expect(index["name"] as? String == "Scoring: \"quoted\" # not a comment --- license: mit 1.0")
    let result = try #require((index["results"] as? [[String: Any]])?.first)
    #expect((result["task"] as? [String: Any])?["type"] as? String == "text-generation")
    #expect((result["dataset"] as? [String: Any])?["name"] as? String == "data.csv where split = test")
    let metrics = try #require(result["metrics"] as? [[String: Any]])
    #expect(metrics.map { $0["type"] as? String } == ["accuracy", "brier_score"])
    #expect(metrics.map { $0["value"] as? Double } == [0.805, 0.15])
    #expect(try build().text("model-card.md").hasPrefix("---\nlibrary_name: transformers\n"))
  }

  /// The hub's tasks (huggingface.co/tasks): a head for sequences is `text-classification`, a causal language model
  /// `text-generation`.
  @Test(
    "give the model card the task of the model's head",
    arguments: [
      (ModelHead.classifier, "text-classification"), (.languageModel, "text-generation"),
    ])
  func task(head: ModelHead, task: String) throws {
    let card = try build {
      var run = Fixtures.evaluation($0, id: Fixtures.id("2"))
      run.record.model.head = head
      return [run]
    }.text("model-card.md")
    #expect(card.contains("\npipeline_tag: \(task)\n") && card.contains("      type: \(task)\n"), "\(card.prefix(400))")
  }

  @Test(
    "refuse a definition that names what is not there, with the line",
    arguments: [
      ("- provision: annex-v-1\n", "- provision: annex-v-11\n", "annex-v-1"),
      ("\"7 harmonised-standards\"", "\"7 harmonized-standards\"", "harmonised-standards"),
      ("measured: [groups]", "measured: [group]", "groups"), ("facts: [placed-on-market]", "fact: [system]", "facts"),
      ("id: model-card", "id: dossier", "names a file"), ("formats: [md]", "formats: [pdf]", "html"),
      ("id: model-card", "id: instructions-for-use", "twice"),
      ("{extracts.model-card-title}", "{extracts.model-card-titel}", "did you mean 'extracts.model-card-title'"),
      ("{extracts.model-card-title}", "{words.or}", "no text without placeholders"),
    ])
  func refused(_ old: String, _ new: String, _ hint: String) throws {
    let catalogue = try StatusFixtures.catalogue.get()
    let installed = try String(contentsOf: templates.appendingPathComponent("extracts.yaml"), encoding: .utf8)
    let changed = installed.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != installed)
    let reader = ExtractReader(catalogue: catalogue, text: try .english())
    #expect(try reader.read(installed).count == 4)
    #expect { try reader.read(changed) } throws: { error in
      "\(error)".contains(#/extracts\.yaml,? line [0-9]+/#) && "\(error)".contains(hint)
    }
  }

  private var templates: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Templates/dossier")
  }

  @Test("follow a project's own definitions, file by file")
  func overrides() throws {
    let own = """
      schema: vitrine.extracts/1
      extracts:
        - id: short-form
          title: Short form
          scope: Ours.
          formats: [md]
          parts:
            - heading: Only this
              facts: [system]
      """
    let overrides = try Fixtures.Folder(["extracts.yaml": own, "README.md": "notes"])
    let folder = try Fixtures.folder()
    let output = try DossierBuilder(templates: overrides.url).build(Fixtures.inputs(folder, runs: []))
    let installed = Self.names.prefix { !$0.hasPrefix("instructions-for-use") }
    #expect(output.files.map(\.name) == installed + ["short-form.md", "gaps.md", "gaps.csv", "gaps.ics"])
    #expect(output.text("short-form.md").contains("## Only this"))
  }

  @Test(
    "refuse a template file that replaces nothing, naming what it may have meant",
    arguments: ["styles.css", "dossier.html"])
  func unknownTemplate(_ name: String) throws {
    let overrides = try Fixtures.Folder([name: "x"])
    #expect { try DossierBuilder(templates: overrides.url) } throws: {
      ($0 as? ReportsError)?.code == .badTemplate && "\($0)".contains(name) && "\($0)".contains("style.css")
    }
  }
}
