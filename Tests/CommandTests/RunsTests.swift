import Foundation
import GRDB
import Testing

@Suite("runs list and runs show")
struct RunsTests {
  /// A project with two finished runs.
  private func twoRuns() async throws -> (project: Scratch, ids: [String]) {
    let project = try Sample.folder(
      Sample.project(behaviours: [("one", [Sample.pair()]), ("two", [Sample.pair("park")])]))
    let result = try await Program.vitrine("analyze", project.path, "--methods", "exact-patching", "--json")
    let ids = try result.json().array?.compactMap { $0["id"]?.string } ?? []
    try #require(ids.count == 2, "\(result)")
    return (project, ids)
  }

  private func show(_ id: String, _ project: Scratch, _ options: String...) async throws -> Finished {
    try await Program.start(["runs", "show", id, "--project", project.path] + options).finished()
  }

  @Test("show takes the whole ID, a beginning or an end; too short is wrong use, unknown and ambiguous are 'no'")
  func identifiers() async throws {
    let (project, ids) = try await twoRuns()
    let id = ids[1]
    let common = zip(ids[0], ids[1]).prefix { $0 == $1 }.count
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    let suffix = try #require(list[1]?["suffix"]?.string)
    #expect(id.hasSuffix(suffix) && suffix.count >= 6)
    for text in [id, id.uppercased(), String(id.prefix(common + 6)), suffix, String(id.suffix(12))] {
      let result = try await show(text, project)
      #expect(result.status == 0 && result.out.hasPrefix("Run \(id)\n"), "\(text): \(result)")
    }
    let short = try await show(String(id.suffix(5)), project)
    #expect(short.status == 64 && short.err.contains("too short") && short.out.isEmpty, "\(short)")
    let unknown = try await show("zzzzzzzz", project)
    #expect(unknown.status == 1 && unknown.err.contains("no run 'zzzzzzzz'") && unknown.out.isEmpty, "\(unknown)")
    #expect(unknown.err.contains("vitrine runs list"))
    // Both identifiers begin with the same time, unless the clock's upper 24 bits changed between them (every 4.7 hours).
    try #require(common >= 6)
    let ambiguous = try await show(String(id.prefix(6)), project)
    #expect(ambiguous.status == 1 && ambiguous.out.isEmpty, "\(ambiguous)")
    for candidate in ids { #expect(ambiguous.err.contains(candidate), "\(ambiguous)") }
  }

  @Test("The record names everything needed to run it again, by digests that sha256sum confirms")
  func complete() async throws {
    let (project, ids) = try await twoRuns()
    let text = try await show(ids[0], project)
    for word in [
      "Record SHA-256", "Model root digest", "Tokenizer", "Prompts SHA-256", "binary SHA-256", "seed 1", "1 thread",
      "Who is given the object?", "for: \" John\"; against: \" Mary\"", "<|endoftext|>", "exact-patching",
      "Total effect", "Checks of the engine on this model",
    ] {
      #expect(text.said.contains(word), "no '\(word)': \(text)")
    }
    let shown = try await show(ids[0], project, "--json")
    let record = try shown.json()
    let plan = try #require(record["analysis_plan"])
    #expect(plan["pairs"]?[0]?["clean"] == .string("When Mary and John went to the store, Mary gave a drink to"))
    #expect(plan["prepend"] == .array([.string("<|endoftext|>")]))
    #expect(plan["seed"] != nil && plan["bootstrap_resamples"] == .number(100))
    #expect(record["machine"]?["threads"] == .number(1))
    for digest in [
      record["model"]?["root_sha256"], record["model"]?["tensors_sha256"], record["model"]?["tokenizer_sha256"],
      record["prompts_sha256"], record["program"]?["binary_sha256"],
    ] {
      #expect(text.out.contains(try #require(digest?.string)), "\(text)")
    }

    let sums = try await Program.shell(
      #"cd "$1" && sha256sum config.json model.safetensors tokenizer.json "$VITRINE" | cut -d ' ' -f 1"#,
      Sample.repositoryPath(Sample.ioi)
    ).out.split(separator: "\n").map(String.init)
    let files = record["model"]?["files"]?.array ?? []
    for (name, sum) in zip(["config.json", "model.safetensors", "tokenizer.json"], sums) {
      #expect(files.contains { $0["path"]?.string == name && $0["sha256"]?.string == sum }, "\(name)")
    }
    #expect(record["model"]?["tokenizer_sha256"]?.string == sums[2])
    #expect(record["program"]?["binary_sha256"]?.string == sums[3])

    // What --json prints is the record itself: its digest, but for the line end, is the one in the list.
    try project.write(String(shown.out.dropLast()), to: "record.json")
    let digest = try await Program.shell(#"sha256sum "$1" | cut -d ' ' -f 1"#, project.url("record.json").path)
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    #expect(list[0]?["sha256"]?.string == digest.out.trimmingCharacters(in: .newlines))
  }

  @Test("list filters by model, behaviour, kind, status and time; a choice that does not exist is wrong use")
  func filters() async throws {
    let (project, ids) = try await twoRuns()
    func list(_ options: String...) async throws -> Finished {
      try await Program.start(["runs", "list", "--project", project.path, "--json"] + options).finished()
    }
    func listed(_ result: Finished) throws -> [String] {
      try result.json().array?.compactMap { $0["id"]?.string } ?? []
    }
    #expect(try listed(await list()) == ids)
    #expect(try listed(await list("--behaviour", "two")) == [ids[1]])
    #expect(try listed(await list("--model", "1.0", "--kind", "analysis", "--status", "finished")) == ids)
    #expect(try listed(await list("--kind", "evaluation")) == [])
    #expect(try listed(await list("--since", "2999-01-01")) == [])
    #expect(try listed(await list("--until", "2999-01-01")) == ids)
    #expect(try await list("--kind", "magic").status == 64)
    #expect(try await list("--since", "yesterday").status == 64)
    let none = try await Program.vitrine("runs", "list", "--project", project.path, "--model", "9")
    #expect(none.out == "no runs\n" && none.status == 0, "\(none)")
  }

  // MARK: Editing by hand

  /// Another value for each column of a run's index and entry that the tables' own rules would accept.
  static let edits: [(table: String, column: String, value: String)] = [
    ("runs", "sequence", "sequence + 100"), ("runs", "id", "'x'"), ("runs", "sha256", "lower(hex(zeroblob(32)))"),
    ("runs", "kind", "'evaluation'"), ("runs", "status", "'refused'"),
    ("runs", "started", "'2020-01-01T00:00:00.000Z'"),
    ("runs", "ended", "'2999-01-01T00:00:00.000Z'"), ("runs", "system", "'another'"),
    ("runs", "model_version", "'9.9'"),
    ("runs", "behaviour", "NULL"), ("runs", "methods", "'none'"), ("runs", "model_sha256", "lower(hex(zeroblob(32)))"),
    ("runs", "program_version", "'9.9'"), ("entries", "sequence", "sequence + 100"), ("entries", "log", "2"),
    ("entries", "position", "position + 100"), ("entries", "kind", "'log'"),
    ("entries", "id", "'01a21189-80b5-73ac-ac86-809862ee91c5'"), ("entries", "subject", "id"),
    ("entries", "sha256", "lower(hex(zeroblob(32)))"),
    ("entries", "document", "CAST(replace(CAST(document AS TEXT), '\"seed\":', '\"seed\": ') AS BLOB)"),
  ]

  private func database(_ project: Scratch) throws -> DatabaseQueue {
    var configuration = Configuration()
    // As SQLite's own default is: an attacker's program does not switch foreign keys on.
    configuration.foreignKeysEnabled = false
    return try DatabaseQueue(path: project.url("evidence.sqlite").path, configuration: configuration)
  }

  @Test("Raw SQLite refuses to change any column, to delete, and to replace; the runs stay intact")
  func editsAreRefused() async throws {
    let (project, ids) = try await twoRuns()
    let database = try database(project)
    var statements = Self.edits.map { "UPDATE \($0.table) SET \($0.column) = \($0.value)" }
    for table in ["runs", "entries"] {
      let columns = try await database.read { try $0.columns(in: table).map(\.name) }
      #expect(
        Set(columns) == Set(Self.edits.filter { $0.table == table }.map(\.column)), "every column of \(table) is tried")
      statements += ["DELETE FROM \(table)", "DELETE FROM \(table) WHERE sequence = 2"]
      let list = columns.joined(separator: ", ")
      statements.append("INSERT OR REPLACE INTO \(table) (\(list)) SELECT \(list) FROM \(table) WHERE sequence = 2")
      statements.append("REPLACE INTO \(table) (\(list)) SELECT \(list) FROM \(table)")
    }
    for statement in statements {
      let error = await #expect(throws: DatabaseError.self, "\(statement)") {
        try await database.write { try $0.execute(sql: statement) }
      }
      #expect(
        error?.message?.hasPrefix("Vitrine evidence store:") == true, "\(statement): \(String(describing: error))")
    }
    try database.close()
    for id in ids { #expect(try await show(id, project).status == 0) }
  }

  @Test(
    "With the triggers off, an edit of any column is found: show says so and exits 1",
    arguments: RunsTests.edits.indices)
  func editsAreFound(number: Int) async throws {
    let (project, ids) = try await twoRuns()
    let (table, column, changed) = Self.edits[number]
    var value = changed
    var name = ids[1]
    if table == "runs", column == "id" {
      name = ids[1].replacingCharacters(
        in: ids[1].startIndex..<ids[1].index(ids[1].startIndex, offsetBy: 2), with: "ff")
      value = "'\(name)'"
    }
    let statement = "UPDATE \(table) SET \(column) = \(value) WHERE sequence = 3"
    let database = try database(project)
    try await database.write { database in
      for trigger in try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        try database.execute(sql: "DROP TRIGGER \(trigger)")
      }
      try database.execute(sql: statement)
      #expect(database.changesCount == 1)
    }
    try database.close()
    let result = try await show(name, project)
    #expect(result.status == 1, "\(result)")
    #expect(result.err.contains("not intact"), "\(result)")
    #expect(try await show(name, project, "--json").status == 1)
    let verified = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verified.status == 1 && verified.out.contains("NOT INTACT"), "\(verified)")
    // The other run is as it was, and a store without its protections takes no more runs.
    #expect(try await show(ids[0], project).status == 0)
    let more = try await Program.vitrine("analyze", project.path, "--behaviour", "one")
    #expect(more.status == 65 && more.err.contains("protections were tampered with"), "\(more)")
  }
}
