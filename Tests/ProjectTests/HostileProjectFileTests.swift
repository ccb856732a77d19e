import Foundation
import Testing

@testable import Project

/// A project file, or another file of a project, made to cost or to mislead.
struct Hostile: Sendable, CustomTestStringConvertible {
  let what: String
  let yaml: @Sendable () -> String
  /// What the refusal says.
  let parts: [String]
  var testDescription: String { what }

  init(_ what: String, _ parts: String..., yaml: @escaping @Sendable () -> String) {
    (self.what, self.parts, self.yaml) = (what, parts, yaml)
  }

  private static func laughs(_ line: (String, String) -> String) -> String {
    (1...30).reduce("a0: &a0 [x, x]\n") { $0 + line("a\($1)", "a\($1 - 1)") + "\n" }
  }

  static let all = [
    Hostile("a thousand million values by aliases", "line 2", "alias (*a0)", "write the value out") {
      laughs { "\($0): &\($0) [*\($1), *\($1), *\($1), *\($1), *\($1), *\($1), *\($1), *\($1), *\($1)]" }
    },
    Hostile("aliases as keys", "line 1", "not a plain text") { "? &a [x, x]\n: 1\n? [*a, *a, *a, *a]\n: 2\n" },
    Hostile("an alias as a key", "line 2", "alias") { "a: &a x\n*a : 1\n" },
    Hostile("aliases in merge keys", "line 2", "alias") { laughs { "\($0): &\($0) {<<: [*\($1), *\($1)]}" } },
    Hostile("groups as keys in groups as keys", "not a plain text") {
      (0..<20).reduce("x") { text, _ in "{? \(text) : 1}" }
    },
    Hostile("lists 100,000 deep", "line 1", "nesting") { String(repeating: "[", count: 100_000) },
    Hostile("groups 500 deep", "deep") {
      (0..<500).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
    },
    Hostile("one value of 5 MB", "line 1", "more than 1000000") {
      "system: " + String(repeating: "x", count: 5_000_000)
    },
    Hostile("a file of 40 MB", "more than 32000000 bytes") {
      "system: {name: a}\n" + String(repeating: "#\n", count: 20_000_000)
    },
    Hostile("two million values", "values") { "system: [" + String(repeating: "a,", count: 2_500_000) + "a]" },
    Hostile("two documents", "another document") { Sample.yaml + "\n---\n" + Sample.yaml },
    Hostile("a tag of Python", "line 1", "tag", "leave the tag out") { "system: !!python/object/apply:os.system [id]" },
    Hostile("binary", "tag") { "system: {name: !!binary aGFsbG8=}" },
    Hostile("a tag of its own", "tag") { "system: !mine {name: a}" },
    Hostile("a key twice, once in quotes", "'name' is written twice", "line 2") {
      "system:\n  name: a\n  \"name\": b\n"
    },
    Hostile("a key twice, once written with a combining mark", "twice") {
      "models:\n  é: {folder: a}\n  e\u{301}: {folder: b}\n"
    },
    Hostile("a merge key", "unknown key '<<'") { "system:\n  <<: {name: a}\n" },
    Hostile("20,000 versions", "20000 model versions", "1000") {
      "system: {name: a}\nmodels:\n"
        + (1...20_000).map { "  v\($0): {folder: m, supersedes: v\(max(1, $0 - 1))}" }.joined(separator: "\n")
    },
    Hostile("20,000 behaviours", "20000 entries under 'behaviours'") {
      "system: {name: a}\nbehaviours:\n"
        + (1...20_000).map { "  - {id: b\($0), question: q, pairs: []}" }.joined(separator: "\n")
    },
    Hostile("20,000 people", "20000 entries under 'people'") {
      "system: {name: a}\npeople:\n" + (1...20_000).map { "  - {name: p\($0), function: f}" }.joined(separator: "\n")
    },
    Hostile("20,000 groups", "20000 values of 'groups'") {
      Sample.yaml(replacing: [25: "  groups: [" + (1...20_000).map { "g\($0)" }.joined(separator: ",") + "]"])
    },
  ]
}

@Suite("Project files made to cost or to mislead")
struct HostileProjectFileTests {
  @Test("are refused at once, with the line and what to do", arguments: Hostile.all)
  func refused(one: Hostile) throws {
    let project = try TemporaryProject(["vitrine.yaml": one.yaml(), "data.csv": Sample.data])
    let start = ContinuousClock.now
    let error = projectError { _ = try project.load() }
    #expect(ContinuousClock.now - start < .seconds(20), "a debug build reads 40 MB in a few seconds")
    for part in one.parts {
      #expect(error?.message.contains(part) == true, "\(part): \(error?.message.prefix(400) ?? "")")
    }
    #expect((error?.message.utf8.count ?? 0) < 2000)
  }

  @Test(
    "A chain of as many versions as are allowed, and many pairs, are read; anchors without aliases and plain tags harm nobody"
  )
  func largeAndHarmless() throws {
    let models = (1...1000).map { "  v\($0): {folder: m\($0), supersedes: v\($0 - 1)}" }.joined(separator: "\n")
      .replacing(", supersedes: v0", with: "")
    let pairs = (1...3000).map { "      - {name: p\($0), clean: a \($0), counterfactual: b \($0)}" }.joined(
      separator: "\n")
    let project = try TemporaryProject([
      "vitrine.yaml": """
      system: &anchor {name: !!str Test}
      models:
      \(models)
      prompts: {answers: {positive: [" y"], negative: [" n"]}}
      behaviours:
        - id: many
          question: Many?
          pairs:
      \(pairs)
      """
    ])
    let loaded = try project.load()
    #expect(loaded.models.count == 1000 && loaded.behaviours[0].pairs.count == 3000)
  }

  @Test("A chain of versions that bites its tail is found in a long chain, too")
  func longCycle() throws {
    let models = (1...1000).map { "  v\($0): {folder: m\($0), supersedes: v\($0 == 1 ? 1000 : $0 - 1)}" }
    let project = try TemporaryProject([
      "vitrine.yaml": "system: {name: a}\nmodels:\n" + models.joined(separator: "\n")
    ])
    #expect(projectError { _ = try project.load() }?.message.contains("supersedes itself") == true)
  }

  @Test(
    "Names that become file names are checked when the file is read",
    arguments: [
      ("1.0", true), (String(repeating: "v", count: 100), true), (String(repeating: "v", count: 101), false),
      (String(repeating: "v", count: 300), false), ("a/b", false), ("..", false), ("../x", false), ("v1.", false),
      ("v1 ", true), ("\"v1 \"", false), ("\"v\\0\"", false), ("\"v\\e[2J\"", false), ("é", false), ("-v", false),
      ("\"con/\"", false),
    ])
  func names(name: String, isGood: Bool) throws {
    for (key, yaml) in [
      ("model version", "system: {name: a}\nmodels:\n  ? \(name)\n  : {folder: m}\n"),
      (
        "behaviour id",
        "system: {name: a}\nprompts: {answers: {positive: [y], negative: [n]}}\nbehaviours:\n  - id: \(name)\n"
          + "    question: q\n    pairs: [{clean: a, counterfactual: b}]\n"
      ),
    ] {
      let project = try TemporaryProject(["vitrine.yaml": yaml])
      if isGood {
        #expect(throws: Never.self) { try project.load() }
      } else {
        let message = try #require(projectError { _ = try project.load() }?.message)
        #expect(message.contains(key) && message.contains("vitrine.yaml line"), "\(message)")
        #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(message.debugDescription)")
      }
    }
  }

  @Test(
    "The system's name is one short line", arguments: ["\"a\\nb\"", "\"a\\0\"", "\"a\\e[2J\"", "\"a\\Lb\"", "LONG"])
  func systemName(name: String) throws {
    let name = name == "LONG" ? String(repeating: "ü", count: 101) : name
    let project = try TemporaryProject(["vitrine.yaml": "system:\n  name: \(name)\n"])
    let message = try #require(projectError { _ = try project.load() }?.message)
    #expect(message.contains("'name' of the system") && message.contains("line 2"), "\(message)")
  }

  @Test("Names that are one folder where capital letters do not count are refused")
  func twins() throws {
    let models = try TemporaryProject([
      "vitrine.yaml": "system: {name: a}\nmodels:\n  V1: {folder: a}\n  v1: {folder: b}\n"
    ])
    let message = try #require(projectError { _ = try models.load() }?.message)
    #expect(message.contains("'V1' and 'v1'") && message.contains("line 4"), "\(message)")
  }

  @Test("What is no file in a file's place is refused at once", arguments: ["vitrine.yaml", "data.csv"])
  func notAFile(name: String) throws {
    for kind in ["pipe", "device", "folder", "nowhere"] {
      let project = try Sample.project()
      let path = project.folder.appendingPathComponent(name).path
      unlink(path)
      switch kind {
      case "pipe": #expect(mkfifo(path, 0o644) == 0)
      case "device": #expect(symlink("/dev/zero", path) == 0)
      case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      default: #expect(symlink("nowhere", path) == 0)
      }
      let start = ContinuousClock.now
      let error = projectError { _ = try project.load() }
      #expect(error != nil && ContinuousClock.now - start < .seconds(5), "\(kind)")
    }
  }
}
