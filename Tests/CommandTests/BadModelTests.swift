import Foundation
import Testing

/// One way in which a model folder can be wrong, and what every command must say of it.
struct Damage: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What the message must contain.
  let says: [String]
  /// `check` sees it without opening the model, and has its own words for all but the last of `says`.
  var seenByFiles = false
  let apply: @Sendable (_ model: URL) throws -> Void

  private static func change(_ name: String, _ body: @escaping @Sendable (inout Data) throws -> Void)
    -> @Sendable (URL)
    throws -> Void
  {
    { model in
      let file = model.appendingPathComponent(name)
      var bytes = try Data(contentsOf: file)
      try body(&bytes)
      try bytes.write(to: file)
    }
  }

  /// Replaces a text of the file's first part by one of the same length, so that all offsets stay right.
  private static func replace(_ old: String, by new: String, in name: String = "model.safetensors")
    -> @Sendable (URL)
    throws -> Void
  {
    change(name) { bytes in
      let range = try #require(bytes.range(of: Data(old.utf8)), "the model has no '\(old)'")
      #expect(old.utf8.count == new.utf8.count || name != "model.safetensors")
      bytes.replaceSubrange(range, with: Data(new.utf8))
    }
  }

  private static func header(_ length: UInt64) -> @Sendable (URL) throws -> Void {
    change("model.safetensors") {
      $0.replaceSubrange(0..<8, with: withUnsafeBytes(of: length.littleEndian) { Data($0) })
    }
  }

  static let all = [
    Damage(testDescription: "no such folder", says: ["no such model folder", "config.json"], seenByFiles: true) {
      try FileManager.default.removeItem(at: $0)
    },
    Damage(testDescription: "no weights", says: ["model.safetensors", ".safetensors"], seenByFiles: true) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("model.safetensors"))
    },
    Damage(
      testDescription: "truncated safetensors", says: ["model.safetensors", "truncated", "copy the file again"],
      apply: change("model.safetensors") { $0.removeLast($0.count / 2) }),
    Damage(
      testDescription: "a file shorter than the header's length field", says: ["model.safetensors", "5 bytes"],
      apply: change("model.safetensors") { $0 = $0.prefix(5) }),
    Damage(
      testDescription: "header length beyond the file",
      says: ["model.safetensors", "header length 50000000", "beyond the end of the file"], apply: header(50_000_000)),
    Damage(
      testDescription: "header length beyond any file", says: ["model.safetensors", "18446744073709551615"],
      apply: header(.max)),
    Damage(
      testDescription: "wrong dtype", says: ["model.safetensors", "h.0.attn.c_attn.bias", "I32", "F32"],
      apply: replace("\"dtype\":\"F32\"", by: "\"dtype\":\"I32\"")),
    Damage(
      testDescription: "missing tensor", says: ["transformer.ln_f.weight", "missing", "[128]"],
      apply: replace("transformer.ln_f.weight", by: "transformer.ln_g.weight")),
    Damage(
      testDescription: "a width that the tensors do not have", says: ["config.json", "shape", "another model"],
      apply: replace("\"n_embd\": 128", by: "\"n_embd\": 64", in: "config.json")),
    Damage(
      testDescription: "unknown architecture", says: ["config.json", "mamba", "gpt2"],
      apply: replace("\"model_type\": \"gpt2\"", by: "\"model_type\": \"mamba\"", in: "config.json")),
    Damage(
      testDescription: "a configuration that is not JSON", says: ["config.json", "JSON"],
      apply: change("config.json") { $0.removeLast(20) }),
    Damage(testDescription: "a vocabulary that does not match", says: ["tokenizer.json", "563", "509"]) { model in
      // The credit model's tokenizer has 563 tokens, this model 509.
      let file = model.appendingPathComponent("tokenizer.json")
      try FileManager.default.removeItem(at: file)
      try FileManager.default.copyItem(
        at: Program.repository.appendingPathComponent(Sample.credit).appendingPathComponent("tokenizer.json"), to: file)
    },
  ]
}

@Suite("Bad models")
struct BadModelTests {
  @Test("analyze, evaluate, check and measure refuse it with 65, say why, and leave nothing", arguments: Damage.all)
  func refused(_ damage: Damage) async throws {
    let project = try Sample.folder(
      Sample.project(model: "model") + """
        evaluation:
          template: "{text}"
          data: data.csv
          label: {column: label, positive: John}

        """)
    try project.write("text,label\nMary gave it to,John\n", to: "data.csv")
    try project.copy(Sample.ioi, to: "model")
    try damage.apply(project.url("model"))
    try project.write(
      #"[{"clean": "When Mary", "corrupted": "When John", "positive": [" John"], "negative": [" Mary"]}]"#,
      to: "cases.json")
    let before = try project.files()

    for command in ["analyze", "evaluate", "check"] {
      let result = try await Program.vitrine(command, project.path)
      // What is not there yet is a next step to `check`, not an error.
      #expect(result.status == (command == "check" && damage.seenByFiles ? 0 : 65), "\(command): \(result)")
      let message = command == "check" ? result.out : result.err
      let words = command == "check" && damage.seenByFiles ? damage.says.suffix(1) : damage.says[...]
      for word in words { #expect(message.contains(word), "\(command) does not say '\(word)': \(result)") }
      if command != "check" { #expect(result.out.isEmpty, "\(command): \(result)") }
      #expect(try project.files() == before, "\(command) left something behind")
    }

    let measured = try await Program.vitrine("measure", "model", "cases.json", "--json", in: project.folder)
    #expect(measured.status == 65, "\(measured)")
    for word in damage.says {
      #expect((measured.out + measured.err).contains(word), "measure does not say '\(word)': \(measured)")
    }
  }

  @Test("A model without a tokenizer: the commands that need text say so, and how to go on")
  func noTokenizer() async throws {
    let project = try Sample.folder(Sample.project(model: Sample.repositoryPath(Sample.tiny)))
    let result = try await Program.vitrine("analyze", project.path)
    #expect(result.status == 65, "\(result)")
    #expect(result.err.contains("tokenizer.json"), "\(result)")
    #expect(try project.files() == ["vitrine.yaml"])
  }
}
