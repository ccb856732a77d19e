import Evidence
import Foundation
import Project
import Templates
import Testing

@testable import Analysis
@testable import Reports

/// The languages whose files are installed beside English: nothing is missing, nothing says more, nothing is left in English.
@Suite("Interface text: installed languages")
struct InstalledLanguageTests {
  static let languages = InterfaceText.installedLanguages.filter { $0 != InterfaceText.reference }

  /// The installed files of a language as a project's, changed.
  static func copied(_ language: String, _ changes: [(String, String)] = []) throws -> [String: String] {
    let folder = Templates.url("text/\(language)")
    var files: [String: String] = [:]
    var found = Set<Int>()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      var text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for (index, change) in changes.enumerated() where text.contains(change.0) {
        text = text.replacing(change.0, with: change.1)
        found.insert(index)
      }
      files["text/\(language)/\(name)"] = text
    }
    try #require(found.count == changes.count)
    return files
  }

  /// The texts of a language's files by key, read without asking that they be complete.
  private static func texts(_ language: String) throws -> [String: String] {
    var texts: [String: String] = [:]
    let folder = Templates.url("text/\(language)")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".yaml") {
      let yaml = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      let file = try StrictMapping(yaml: yaml, file: name, keys: [])
      for section in file.presentKeys where !["language", "claims", "phrases"].contains(section) {
        let mapping = try file.mapping(section, keys: [])
        for key in mapping.presentKeys { texts["\(section).\(key)"] = try mapping.text(key) }
      }
    }
    return texts
  }

  @Test("German is installed")
  func german() { #expect(Self.languages.contains("de")) }

  @Test("a language has each text of English, and no other", arguments: languages)
  func complete(_ language: String) throws {
    let (own, english) = (try Self.texts(language), try InterfaceText.english().messages)
    let needed = english.keys.filter { !$0.hasPrefix("terminal.") }
    let missing = needed.filter { own[$0] == nil }.sorted()
    #expect(missing.isEmpty, "text/\(language)/ lacks \(missing.count) texts: \(missing.joined(separator: ", "))")
    let unknown = own.keys.filter { english[$0] == nil }.sorted()
    #expect(unknown.isEmpty, "text/\(language)/ has what nothing prints: \(unknown.joined(separator: ", "))")
  }

  @Test(
    "a text prints what the English one prints, in every form of its plurals, and adds no number", arguments: languages)
  func same(_ language: String) throws {
    let english = try InterfaceText.english()
    let own = try Self.texts(language)
    let text = try InterfaceText.read(language: language)
    for (key, message) in text.messages {
      let reference = try #require(english.messages[key])
      #expect(message.columns == reference.columns, "\(key)")
      #expect(Set(message.arguments.keys) == Set(reference.arguments.keys), "\(key)")
      let check = MessageCheck(key, english: reference, claims: text.claims)
      if let problem = check.problem(in: message, own[key] ?? "") { Issue.record("\(language) \(key) \(problem)") }
    }
  }

  /// Texts that are the same words in both languages.
  private static let alike: [String: Set<String>] = [
    "de": [
      "facts.system", "binding.plan", "register.tokenizer", "terms.prompts", "law.source", "extracts.blank-name",
      "extracts.heading-evaluation", "diff-history.columns-version", "diff-model.tokenizer", "diff.evaluation",
      "record.evaluation",
    ]
  ]

  @Test("a text is not the English one, but for values alone and words that both languages share", arguments: languages)
  func translated(_ language: String) throws {
    let (own, english) = (try Self.texts(language), try Self.texts(InterfaceText.reference))
    for (key, text) in own where english[key] == text && Self.alike[language]?.contains(key) != true {
      let words = text.replacing(/\{[^{}]*\}/, with: " ").split { !$0.isLetter }.filter { $0.count > 1 }
      #expect(words.isEmpty, "text/\(language)/ has the English text under \(key): \(text)")
    }
  }

  // MARK: Words from elsewhere

  /// Our words in the catalogue.
  private static func catalogueWords() throws -> Set<String> {
    let law = try LawCatalogue.load()
    var words: [String] = [law.notice, law.annex.ourTitle]
    words += law.sources.flatMap { [$0.title, $0.published, $0.note] }.filter { !$0.hasPrefix("CELEX") }
    words += law.application.map(\.covers) + law.applicability.map(\.says)
    words += law.notifiedBody.flatMap { [$0.says] + $0.asks } + [law.simplifiedForm.says]
    words += [law.standards.source, law.standards.note]
    words += law.standards.list.map(\.presumption).filter { !$0.hasPrefix("Article ") }
    words += law.points.map(\.passage.ourTitle) + law.provisions.map(\.passage.ourTitle)
    words += law.provisions.map(\.passage.amendment.act)
    for item in law.items {
      words += [item.passage.ourTitle, item.owner] + item.elements.flatMap { [$0.title, $0.owner] }
    }
    return Set(words)
  }

  @Test("every word of ours in the law catalogue has a phrase", arguments: languages)
  func catalogue(_ language: String) throws {
    let text = try InterfaceText.read(language: language)
    for word in try Self.catalogueWords().sorted() where text.phrases.phrase(for: word) == nil {
      Issue.record("text/\(language)/phrases.yaml has nothing for the catalogue's '\(word)'")
    }
  }

  /// The program's source, whose string literals records hold.
  private static func source(_ folders: [String]) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
    var text = ""
    for folder in folders {
      let files = FileManager.default.enumerator(
        at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      for case let file as URL in try #require(files) where file.pathExtension == "swift" {
        text += try String(contentsOf: file, encoding: .utf8).replacing(/" *\n? *\+ "/, with: "")
      }
    }
    return text
  }

  @Test("every phrase is of words that the program still says, and prints what stands in them", arguments: languages)
  func phrases(_ language: String) throws {
    let file = try StrictMapping(
      yaml: String(contentsOf: Templates.url("text/\(language)/phrases.yaml"), encoding: .utf8), file: "phrases.yaml",
      keys: ["phrases"])
    let recorded = try Self.recorded(["1.0", "1.1"].flatMap { try DossierGoldenTests.inputs($0).runs })
    let source = try Self.source(["Analysis", "Project", "Reports/Diff", "vitrine/Support"])
    let words = try Self.catalogueWords()
    let claims = try InterfaceText.read(language: language).claims
    let law = try ["annex-iv", "catalogue", "provisions"].map { name in
      try String(contentsOf: Templates.url("law/\(name).yaml"), encoding: .utf8)
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let all = ([source] + Array(words) + Array(recorded) + law).joined(separator: "\n")
    for entry in try file.mappings("phrases", keys: ["english", "own"]) {
      let (english, own) = (try entry.text("english"), try entry.text("own"))
      let (from, to) = (try Message(english, rule: .oneOther), try Message(own, rule: .oneOther))
      #expect(Set(from.arguments.keys) == Set(to.arguments.keys), "\(english)")
      let longest = from.literals.map(\.text).max { $0.count < $1.count } ?? ""
      // Some sentences are put together: then they end as one of their pieces does.
      let end = longest.suffix(9).trimmingCharacters(in: .whitespaces)
      #expect(
        all.contains(longest.prefix(24)) || all.contains(end), "nothing says '\(english)' any more; remove it")
      let check = MessageCheck("phrases", english: from, claims: claims)
      if let problem = check.problem(in: to, own) { Issue.record("'\(own)' \(problem)") }
      if let claim = ClaimLinter(claims).violation(in: to) { Issue.record("'\(own)' says '\(claim)'") }
      if english == own { #expect(["Status"].contains(english), "\(english)") }
    }
  }

  /// Every sentence that runs of the fixtures hold and a document prints.
  static func recorded(_ runs: [StoredRun]) -> Set<String> {
    var said: Set<String> = []
    for record in runs.map(\.record) {
      for entry in record.approximations { said.formUnion([entry.method, entry.assumption, entry.note]) }
      for test in record.selfTests { said.formUnion([test.name, test.detail]) }
      for refusal in record.refusals { said.formUnion([refusal.scope.rawValue, refusal.detail]) }
      if let plan = record.analysisPlan { said.insert(plan.construction) }
      if let terms = record.analysis?.circuit?.terms {
        said.formUnion([
          terms.granularity, terms.components, terms.ablation, terms.positions, terms.direction, terms.prompts,
        ])
      }
      said.formUnion((record.analysis?.significance?.entries ?? []).map(\.p.null))
      for finding in record.findings
      where ["total-effect", "change", "flips", "accuracy", "positive-rate", "auc", "brier", "calibration-error"]
        .contains(
          String(finding.id.prefix { $0 != "." }))
        || ["circuit.sufficiency", "circuit.comprehensiveness"].contains(finding.id)
      { said.insert(finding.title) }
    }
    return said.filter { !$0.isEmpty }
  }

  @Test("every sentence of the measured store has a phrase", arguments: languages)
  func records(_ language: String) throws {
    let text = try InterfaceText.read(language: language)
    let runs = try ["1.0", "1.1"].flatMap { try DossierGoldenTests.inputs($0).runs }
    let said = Self.recorded(runs)
    #expect(said.count > 40)
    for sentence in said.sorted() where text.phrases.phrase(for: sentence) == nil {
      Issue.record("text/\(language)/phrases.yaml has nothing for the record's '\(sentence)'")
    }
  }

  /// What each approximate method writes into the register.
  private static var approximations: [Approximation] {
    let single: [Approximation] = [
      .attributionPatching(approximate: [1], exact: [1]),
      .integratedActivations(approximate: [1], exact: [1], steps: 8),
      .positions(approximate: [1], exact: [1]), .gradientTimesInput(approximate: [1], exact: [1]),
      .gradientTimesInput(approximate: [], exact: []), .integratedGradients(residuals: [1], steps: 64),
      .integratedGradients(residuals: [], steps: 64),
      .edges("edge attribution patching", points: nil, approximate: [1], exact: [1], graph: 9, pairs: 3),
      .edges(
        "edge attribution along the input path, 5 points", points: 5, approximate: [1], exact: [1], graph: 9, pairs: 3),
    ]
    let kinds: [AnalysisPlan.Ablation] = [.zero, .mean, .positionMean]
    let ablations = kinds.flatMap { kind -> [Approximation] in
      [[], [Node.head(layer: 1, head: 2)]].map { .ablation(kind, ablated: [1], exact: [1], artefacts: $0) }
    }
    let several = [
      Approximation.relevances(held: [1], attended: [1], attribution: [1], exact: [1]),
      Approximation.queriesAndKeys(linear: [1], corrected: [1], dropped: [1], exact: [1]),
      Approximation.sizes(dropped: [1], attribution: [1], exact: [1]),
    ]
    return single + several.flatMap { $0 } + ablations
  }

  @Test("every method's entry in the register of approximations has phrases", arguments: languages)
  func register(_ language: String) throws {
    let text = try InterfaceText.read(language: language)
    for entry in Self.approximations {
      for sentence in [entry.method, entry.assumption, entry.note] {
        #expect(text.phrases.phrase(for: sentence) != nil, "\(sentence)")
        #expect(!text.known(sentence).contains { if case .foreign = $0 { true } else { false } }, "\(sentence)")
      }
    }
  }

  @Test("every refusal that the engine's code words has a phrase", arguments: languages)
  func refusals(_ language: String) throws {
    let text = try InterfaceText.read(language: language)
    let calls = try Self.source(["Analysis"]).matches(
      of: /\brefuse\(\s*(?:[^"{}]|"[a-z ]+",)*?(?:"([^"\n]{20,})"|directions == nil\s*\? "([^"\n]+)"\s*: "([^"\n]+)")/)
    let said = calls.flatMap { [$0.1, $0.2, $0.3].compactMap { $0.map(String.init) } }
    #expect(said.count > 8)
    for sentence in said {
      let filled = Self.filled(sentence)
      #expect(text.phrases.phrase(for: filled) != nil, "\(sentence)")
    }
  }

  /// A literal with 7 in place of each interpolation.
  private static func filled(_ literal: String) -> String {
    var (result, depth) = ("", 0)
    var characters = literal[...]
    while let character = characters.popFirst() {
      if depth == 0, character == "\\", characters.first == "(" {
        characters.removeFirst()
        (result, depth) = (result + "7", 1)
      } else if depth > 0 {
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
      } else {
        result.append(character)
      }
    }
    return result
  }

  @Test(
    "what stands in a sentence of a record is taken over, a number with the language's mark, a name of the data as it is"
  )
  func values() throws {
    let text = try InterfaceText.read(language: "de")
    #expect(
      text.known("|m_clean − m_counterfactual| = 0.001593 logits is below the floor of 0.05").plainText
        == "|m_clean − m_counterfactual| = 0,001593 Logits liegt unter der Untergrenze von 0,05")
    #expect(
      text.known("decisions that differ between pair and record").plainText
        == "Entscheidungen, die zwischen pair und record abweichen")
    #expect(
      text.known("4 of 6 pairs of 'indirect-object' (6 prompt pairs written out in vitrine.yaml)").plainText
        == "4 von 6 Paaren von „indirect-object“ (6 Paare von Prompts, ausgeschrieben in vitrine.yaml)")
    #expect(
      text.known("MLP1 of record 7; attribution -0.125, exact -0.25").plainText
        == "MLP1 von record 7; Attribution −0,125, exakt −0,25")
    // Where a number is asked for, words are no number.
    #expect(
      text.known("six prompt pairs written out in vitrine.yaml")
        == [.foreign("six prompt pairs written out in vitrine.yaml")])
    #expect(text.known("a sentence of an older program") == [.foreign("a sentence of an older program")])
    #expect(try InterfaceText.english().known("pair") == [.attributed("pair")])
  }

  // MARK: Pages

  /// Words that a sentence in English has.
  private static var english: Regex<Substring> {
    /\b(?:the|of|is|are|which|with|from|not|this|that|and|by|for|its|every|each)\b/.ignoresCase()
  }

  /// The lines of a page that are the language's: without code, statements, what is marked as English, and what others wrote.
  private func lines(_ html: String, without data: [String]) -> [String] {
    var page = html
    for pattern in [
      #"<style>[\s\S]*?</style>"#, #"<code>[\s\S]*?</code>"#, #"<blockquote[\s\S]*?</blockquote>"#,
      #"<div class="statement">[\s\S]*?\n</div>"#, #"<span lang="en">[\s\S]*?</span>"#, #"<svg[\s\S]*?</svg>"#,
    ] {
      page = page.replacingOccurrences(of: pattern, with: "\n", options: .regularExpression)
    }
    var text = page.replacingOccurrences(of: "<[^>]*>", with: "\n", options: .regularExpression)
      .replacing("&#39;", with: "'").replacing("&quot;", with: "\"").replacing("&lt;", with: "<").replacing(
        "&amp;", with: "&")
    for piece in data where piece.count > 2 { text = text.replacing(piece, with: "") }
    // A token of a prompt, in a cell of its own, is no sentence.
    return text.split(separator: "\n").map(String.init).filter { $0.split(separator: " ").count > 2 }
  }

  private func dataWords(_ inputs: DossierInputs) -> [String] {
    let project = inputs.project
    var words =
      project.behaviours.flatMap { [$0.question, $0.cleanLabel, $0.counterfactualLabel] }
      + project.people.flatMap { [$0.name, $0.function] }
    words +=
      [project.system.name, project.system.intendedPurpose ?? "", project.system.provider ?? ""]
      + project.models.compactMap(\.changes)
    for statement in inputs.statements.statements {
      words += statement.notApplicable.map(\.reason) + [statement.responsible ?? "", statement.function ?? ""]
    }
    words += inputs.signatures.flatMap { [$0.statement, $0.identity] }
    // The headings that a gap asks for are looked up in the provider's files as they stand.
    words += inputs.catalogue.items.flatMap(\.elements).map { "## \($0.title)" }
    return words.sorted { $0.count > $1.count }
  }

  @Test("a page in German holds no English sentence but the law's, which is marked", arguments: ["1.0", "1.1"])
  func pages(_ version: String) throws {
    let inputs = try DossierGoldenTests.inputs(version)
    let output = try DossierBuilder(language: "de").build(inputs)
    let data = dataWords(inputs)
    for (name, content) in output.files where name.hasSuffix(".html") {
      let html = String(decoding: content, as: UTF8.self)
      #expect(html.contains("<html lang=\"de\">"))
      for line in lines(html, without: data) where line.contains(Self.english) {
        Issue.record("\(name) \(version): \(line)")
      }
      // How the numbers came about, and what rests on what, quotes no law.
      let quotes = !["evidence.html", "traceability.html"].contains(name)
      for mark in ["<blockquote class=\"law\" lang=\"en\">", "<footer lang=\"de\">"] {
        #expect(html.contains(mark) == (quotes && name != "law.html"), "\(name) \(mark)")
      }
      #expect(html.contains("<span lang=\"en\">Article ") || name != "law.html")
      #expect(!html.contains("<blockquote class=\"law\">") && !html.contains("<footer>"), "\(name)")
      #expect(html.contains("Das Recht wird auf Englisch zitiert") == quotes, "\(name)")
    }
    let page = output.pages("html")
    #expect(page.contains("<h1>Technische Dokumentation: ") && page.contains("Zweckbestimmung"))
    #expect(page.contains(/−0,\d{3}/) && page.contains(/\d\d\.\d\d\.2026/) && page.contains("95\u{A0}%-Intervall"))
    #expect(!page.contains(/−\d+\.\d{3}\b/))
    #expect(!page.contains("[missing]") && !page.contains("[evidenced]"))
  }

  @Test("the comparison and the history in German hold no English sentence but the law's")
  func comparison() throws {
    let (before, after) = DiffFixtures.demo(try DiffDemo.shared.get())
    let builder = try DiffBuilder(language: "de")
    let data = [before, after].flatMap {
      [$0.dossier.system.name, $0.label] + $0.dossier.behaviours.map(\.question) + [$0.dossier.model.changes ?? ""]
    }
    for (first, second) in [(before, after), (before, before)] {
      let built = try builder.build(DiffFixtures.inputs(first, second))
      for (name, content) in built.files where name.hasSuffix(".html") {
        for line in lines(String(decoding: content, as: UTF8.self), without: data) where line.contains(Self.english) {
          Issue.record("\(name): \(line)")
        }
      }
    }
  }

  // MARK: A project's own words in an installed language

  @Test(
    "in German, and in any German, the names of states and what carries values stay as installed",
    arguments: ["de", "de-AT"],
    [
      ("  missing: fehlt", "  missing: vollständig", "status.missing"),
      ("  not-established: nicht gesichert", "  not-established: gemessen", "standing.not-established"),
      ("und {missing} fehlen.", "und {missing} sind da.", "brief.counts"),
    ])
  func fixed(_ language: String, _ change: (String, String, String)) throws {
    let files = try Self.copied("de", [(change.0, change.1)])
    let templates = try DossierFixtures.Folder(
      Dictionary(uniqueKeysWithValues: files.map { ($0.key.replacing("/de/", with: "/\(language)/"), $0.value) }))
    #expect {
      try DossierBuilder(templates: templates.url, language: language)
    } throws: {
      "\($0)".contains(change.2) && "\($0)".contains("installed")
    }
  }

  @Test("a project that words a German heading says so in German, with the program's names of states beside the words")
  func looks() throws {
    let templates = try DossierFixtures.Folder(
      try Self.copied("de", [("  heading: In Kürze\n", "  heading: Überblick\n")]))
    let inputs = try DossierFixtures.inputs(try DossierFixtures.folder(), runs: [])
    let page = try DossierBuilder(templates: templates.url, language: "de").build(inputs).text("dossier.html")
    #expect(page.contains("<h2>Überblick</h2>") && page.contains("fehlt [missing]"))
    #expect(
      page.contains("Die Wörter oder das Aussehen dieses Dokuments sind nicht die mit dem Programm installierten"))
    let plain = try DossierBuilder(language: "de").build(inputs).text("dossier.html")
    #expect(!plain.contains("[missing]") && !plain.contains("nicht die mit dem Programm"))
  }

  @Test("a language that is not installed names those that are")
  func unknown() {
    #expect {
      try DossierBuilder(language: "fr")
    } throws: {
      ($0 as? ReportsError)?.code == .badTemplate && "\($0)".contains("installed are de, en")
    }
  }
}
