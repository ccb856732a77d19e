import Foundation
import Testing

@testable import Analysis

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Hostile model folders")
struct HostileModelTests {
  private func open(_ folder: URL) throws {
    let checkpoint = try Checkpoint(folder: folder)
    let outline = try ModelOutline(checkpoint)
    _ = try checkpoint.tokenizer()
    _ = try outline.load()
  }

  // MARK: No regular files

  @Test(
    "A FIFO in place of any file is refused at once", .timeLimit(.minutes(1)),
    arguments: [
      "config.json", "model.safetensors", "tokenizer.json", "generation_config.json", "tokenizer_config.json",
    ])
  func fifo(name: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    try? scratch.remove(name)
    #expect(mkfifo(scratch.file(name).path, 0o600) == 0)
    expectError(.unreadable, [scratch.file(name).path, "a FIFO"]) { try open(scratch.folder) }
  }

  @Test(
    "A FIFO in place of a shard or of the index is refused at once", .timeLimit(.minutes(1)),
    arguments: ["model-00002-of-00002.safetensors", "model.safetensors.index.json"])
  func fifoShard(name: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    try scratch.remove(name)
    #expect(mkfifo(scratch.file(name).path, 0o600) == 0)
    expectError(.unreadable, [scratch.file(name).path, "a FIFO"]) { try open(scratch.folder) }
  }

  // MARK: Keys that stand twice

  struct Repeated: Sendable, CustomTestStringConvertible {
    let file: String
    let find: String
    let insert: String
    let says: [String]
    var testDescription: String { "\(file): \(insert)" }
  }

  static let repeated: [Repeated] = [
    .init(
      file: "config.json", find: "{", insert: "\"n_layer\": 2,", says: ["config.json: key 'n_layer' is given twice"]),
    .init(
      file: "config.json", find: "{", insert: "\"n\\u005flayer\": 2,",
      says: ["config.json: key 'n_layer' is given twice"]),
    .init(
      file: "config.json", find: "{", insert: "\"other\": {\"deep\": [1, {\"a\": 1, \"\\u0061\": 1}]},",
      says: ["config.json: other: deep 1: key 'a' is given twice"]),
    .init(
      file: "tokenizer.json", find: "{", insert: "\"normalizer\": null,",
      says: ["tokenizer.json: key 'normalizer' is given twice"]),
    .init(
      file: "tokenizer.json", find: "\"vocab\": {", insert: "\"!\": 7,",
      says: ["tokenizer.json: model: vocab: key '!' is given twice"]),
    .init(
      file: "tokenizer.json", find: "\"added_tokens\": [", insert: "{\"id\": 0, \"id\": 1},",
      says: ["tokenizer.json: added_tokens 0: key 'id' is given twice"]),
    .init(
      file: "generation_config.json", find: "{", insert: "\"x\": 1, \"x\": 1,",
      says: ["generation_config.json: key 'x' is given twice"]),
    .init(
      file: "tokenizer_config.json", find: "", insert: "{\"a\": {\"add_bos_token\": true, \"add_bos_token\": false}}",
      says: ["tokenizer_config.json: a: key 'add_bos_token' is given twice"]),
  ]

  @Test("A key that stands twice, however it is written, is refused by its name and place", arguments: repeated)
  func repeatedKeys(one: Repeated) throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    var text = (try? String(contentsOf: scratch.file(one.file), encoding: .utf8)) ?? ""
    let place = try one.find.isEmpty ? text.endIndex : #require(text.range(of: one.find)).upperBound
    text.insert(contentsOf: one.insert, at: place)
    try scratch.write(text, to: one.file)
    let code: AnalysisError.Code = one.file == "tokenizer.json" ? .badTokenizer : .badConfiguration
    expectError(code, one.says + ["keep one"]) { try open(scratch.folder) }
  }

  @Test("A tensor that the index names twice is refused")
  func repeatedInIndex() throws {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    let first = "\"wte.weight\": \"model-00001-of-00002.safetensors\", "
    try scratch.write("{\"weight_map\": {\(first)\(first) \"x\": \"y\"}}", to: "model.safetensors.index.json")
    expectError(.badCheckpoint, ["model.safetensors.index.json: weight_map: key 'wte.weight' is given twice"]) {
      try open(scratch.folder)
    }
  }

  @Test("Keys that only look alike are two keys")
  func canonicalEquivalence() throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
    try scratch.write("{\"\u{E9}\": 1, \"e\u{301}\": 2," + text.drop { $0 != "{" }.dropFirst(), to: "config.json")
    try open(scratch.folder)
  }

  @Test("A case of measure with a key twice is refused")
  func repeatedInCases() throws {
    let scratch = try Scratch()
    try scratch.write("[{\"clean\": [1], \"cl\\u0065an\": [2]}]", to: "cases.json")
    expectError(.badCases, ["cases.json: 0: key 'clean' is given twice"]) {
      _ = try MeasureReport(checkpoint: ReferenceModel.tiny.checkpoint(), casesFile: scratch.file("cases.json"))
    }
  }

  // MARK: Sizes

  @Test(
    "Sizes without sense are refused at once, before any weight is read",
    arguments: [
      ("n_layer", "1000000000"), ("vocab_size", "1000000000000"), ("n_embd", "0"), ("n_embd", "-24"),
      ("n_positions", "1e15"), ("n_inner", "0"), ("n_head", "-1"),
    ])
  func sizes(key: String, value: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.edit("config.json", [key: "@"])
    let text = try String(contentsOf: scratch.file("config.json"), encoding: .utf8)
    try scratch.write(text.replacingOccurrences(of: "\"@\"", with: value), to: "config.json")
    expectError(.badConfiguration, ["config.json: key '\(key)' is"]) {
      _ = try ModelOutline(Checkpoint(folder: scratch.folder))
    }
  }

  @Test("A budget that the weights do not fit into is refused before they are read")
  func budget() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    let checkpoint = try Checkpoint(folder: scratch.folder)
    let loaded = try ModelOutline(checkpoint).load()
    #expect(try ModelOutline(checkpoint).weightBytes == loaded.weightBytes)
    // The weights' bytes are gone: whoever read them would see that.
    let again = try Checkpoint(folder: scratch.folder)
    try scratch.remove("model.safetensors")
    expectError(.memoryTooSmall, ["memory budget", "give --memory"]) {
      _ = try ModelOutline(again, memory: MemoryBudget(total: 10_000))
    }
    expectError(.changedWhileRead, ["model.safetensors"]) {
      _ = try ModelOutline(again).load()
    }
  }

  @Test("Nesting without end is refused", arguments: ["config.json", "tokenizer.json"])
  func nesting(name: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    try scratch.write("{\"a\":" + String(repeating: "[", count: 1_000_000), to: name)
    let code: AnalysisError.Code = name == "tokenizer.json" ? .badTokenizer : .badConfiguration
    expectError(code, [name, "nested too deeply"]) { try open(scratch.folder) }
  }

  @Test("Files beyond any published model's size are refused without being read")
  func large() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    // Holes take no room on the disk.
    #expect(truncate(scratch.file("config.json").path, 1 << 40) == 0)
    expectError(.fileTooLarge, ["config.json", "1099511627776 bytes", "up to 16777216"]) { try open(scratch.folder) }
  }

  @Test("A header with 20,000 tensors is read")
  func header() throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    func write(_ tensors: Int) throws {
      let entries = (0..<tensors).map {
        "\"t\($0)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\($0),\($0 + 1)]}"
      }
      try scratch.write(
        safetensors(header: "{\(entries.joined(separator: ","))}", bytes: tensors), to: "model.safetensors")
    }
    try write(20_000)
    #expect(try Checkpoint(folder: scratch.folder).tensors.count == 20_000)
  }

  @Test("An index that names thousands of files is refused before they are opened")
  func shards() throws {
    let scratch = try Scratch(copying: ReferenceModel.tinyReLU.folder)
    let map = (0..<5000).map { "\"t\($0)\": \"s\($0)\"" }.joined(separator: ",")
    try scratch.write("{\"weight_map\": {\(map)}}", to: "model.safetensors.index.json")
    expectError(.badCheckpoint, ["key 'weight_map' names 5000 files", "up to 4096"]) { try open(scratch.folder) }
  }
}
