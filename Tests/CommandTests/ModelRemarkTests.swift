import Foundation
import Testing

/// What a model's folder holds and the computation leaves out: an error, or a declaration that `check`, the record and the dossier repeat.
@Suite("What is left out of a model")
struct ModelRemarkTests {
  /// A project whose model has a value head in its file, as trl leaves it.
  private func project(_ declaration: String = "") throws -> Scratch {
    let yaml = Sample.project(model: "model")
      .replacingOccurrences(of: "{folder: \"model\"}", with: "{folder: \"model\"\(declaration)}")
    let project = try Sample.folder(yaml)
    try project.copy(Sample.ioi, to: "model")
    try Self.add("v_head.summary.bias", to: project.url("model/model.safetensors"))
    return project
  }

  /// Appends one float32 number to a safetensors file.
  private static func add(_ name: String, to file: URL) throws {
    let bytes = try Data(contentsOf: file)
    let length = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    var header = try #require(String(data: bytes[8..<8 + length], encoding: .utf8))
    let end = bytes.count - 8 - length
    header = String(header[..<(try #require(header.lastIndex(of: "}")))])
    header += ",\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(end),\(end + 4)]}}"
    let text = Data(header.utf8)
    let size = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    try (size + text + bytes[(8 + length)...] + Data(count: 4)).write(to: file)
  }

  @Test("A tensor that nothing uses stops check, analyze and measure; check --json says it too")
  func refused() async throws {
    let project = try project()
    let words = [
      "model.safetensors: holds a value head ('v_head.summary.bias')", "ignore_tensors: [\"v_head.summary.bias\"]",
    ]
    for command in ["check", "analyze"] {
      let result = try await Program.vitrine(command, project.path)
      #expect(result.status == 65, "\(result)")
      for word in words { #expect((result.out + result.err).contains(word), "\(command): \(result)") }
    }
    let json = try await Program.vitrine("check", project.path, "--json")
    #expect(json.status == 65 && json.out.contains("v_head.summary.bias"), "\(json)")
    #expect(try project.files().allSatisfy { $0 == "vitrine.yaml" || $0.hasPrefix("model/") })
  }

  @Test("What is declared is repeated by check, the record, runs show, reproduce and the dossier")
  func declared() async throws {
    let project = try project(", ignore_tensors: [\"v_head.*\"]")
    let check = try await Program.vitrine("check", project.path)
    #expect(check.status == 0, "\(check)")
    #expect(
      check.out.contains("1 tensor of model.safetensors not used, as 'ignore_tensors' declares: v_head.summary.bias"),
      "\(check)")

    let analysis = try await Program.vitrine("analyze", project.path)
    #expect(analysis.status == 0, "\(analysis)")
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json")
    let id = try #require(list.out.firstMatch(of: /"id":"([0-9a-f-]{36})"/)?.1)
    let show = try await Program.vitrine("runs", "show", String(id), "--project", project.path)
    let told = "model.safetensors holds 1 tensor not computed with, as vitrine.yaml declares under ignore_tensors:"
    #expect(show.said.contains("\(told) v_head.summary.bias"), "\(show)")
    let record = try await Program.vitrine("runs", "show", String(id), "--project", project.path, "--json")
    #expect(
      record.out.contains(
        #""remarks":[{"file":"model.safetensors","kind":"declared","names":["v_head.summary.bias"]}]"#),
      "\(record.out.prefix(3000))")
    // The parameters are those of the model without the head, counted by Python from the file's header.
    #expect(record.out.contains("\"parameters\":\(try Self.parameters())"))

    let again = try await Program.vitrine("runs", "reproduce", String(id), "--project", project.path)
    #expect(again.status == 0, "\(again)")
    let dossier = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(dossier.status == 0, "\(dossier)")
    let page = try project.dossierPages("1.0")
    let line = "not computed with, as vitrine.yaml declares under ignore\\_tensors"
    let plain = page.replacingOccurrences(of: "\\_", with: "_").replacingOccurrences(of: "\n", with: " ")
    #expect(plain.contains(line.replacingOccurrences(of: "\\_", with: "_")))
    #expect(plain.components(separatedBy: "v_head.summary.bias").count > 2, "under the element and in the register")
    for name in ["dossier", "traceability"] {
      let page = try String(contentsOf: project.url("dossier/1.0/\(name).md"), encoding: .utf8)
      #expect(page.contains("v\\_head.summary.bias") || page.contains("v_head.summary.bias"), "\(name)")
    }
  }

  /// Scalars of the sample model: all tensors of its file, which are all used.
  private static func parameters() throws -> Int {
    let bytes = try Data(
      contentsOf: Program.repository.appendingPathComponent(Sample.ioi).appendingPathComponent("model.safetensors"))
    let length = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    // All of it is float32.
    return (bytes.count - 8 - length) / 4
  }

  @Test("check says it of a model without a tokenizer too")
  func withoutTokenizer() async throws {
    let project = try project()
    try FileManager.default.removeItem(at: project.url("model/tokenizer.json"))
    let check = try await Program.vitrine("check", project.path)
    #expect(check.status == 65 && check.out.contains("holds a value head ('v_head.summary.bias')"), "\(check)")
    #expect(check.out.contains("has no tokenizer.json"), "\(check)")
  }

  @Test("A declaration of what is not there is refused by check")
  func stale() async throws {
    let project = try project(", ignore_tensors: [\"v_head.*\", \"adapter.*\"]")
    let check = try await Program.vitrine("check", project.path)
    #expect(check.status == 65 && check.out.contains("'ignore_tensors' names 'adapter.*', which no tensor"), "\(check)")
  }

  @Test(
    "check names an adapter's folder, weights as .bin only, a git-LFS pointer, a missing shard and a hub's links, and exits 65"
  )
  func folders() async throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345678\n"
    let cases: [(says: [String], change: (Scratch) throws -> Void)] = [
      (
        ["is a LoRA (PEFT) adapter", "merge_and_unload"],
        { project in
          try FileManager.default.removeItem(at: project.url("model"))
          try project.write("{}", to: "model/adapter_config.json")
          try project.write("x", to: "model/adapter_model.safetensors")
        }
      ),
      (
        ["PyTorch .bin only", "python3 -c"],
        { project in
          try FileManager.default.moveItem(
            at: project.url("model/model.safetensors"), to: project.url("model/pytorch_model.bin"))
        }
      ),
      (
        ["model.safetensors: is a git-LFS pointer", "git lfs pull"],
        { try $0.write(pointer, to: "model/model.safetensors") }
      ),
      (["tokenizer.json: is a git-LFS pointer"], { try $0.write(pointer, to: "model/tokenizer.json") }),
      (
        ["names the shard 'b.safetensors', which is not there"],
        { project in
          try FileManager.default.moveItem(
            at: project.url("model/model.safetensors"), to: project.url("model/a.safetensors"))
          try project.write(
            #"{"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}"#,
            to: "model/model.safetensors.index.json")
        }
      ),
      (
        ["a symbolic link", "cp -rL"],
        { project in
          try FileManager.default.moveItem(
            at: project.url("model/model.safetensors"), to: project.url("blob"))
          try FileManager.default.createSymbolicLink(
            atPath: project.url("model/model.safetensors").path, withDestinationPath: "../blob")
        }
      ),
    ]
    for (says, change) in cases {
      let project = try Sample.folder(Sample.project(model: "model"))
      try project.copy(Sample.ioi, to: "model")
      try change(project)
      let check = try await Program.vitrine("check", project.path)
      #expect(check.status == 65, "\(says): \(check)")
      for word in says { #expect(check.out.contains(word), "\(check)") }
      let analysis = try await Program.vitrine("analyze", project.path)
      #expect(analysis.status == 65 && says.allSatisfy { analysis.err.contains($0) }, "\(analysis)")
    }
  }
}
