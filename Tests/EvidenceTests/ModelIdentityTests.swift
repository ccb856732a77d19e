import Foundation
import Testing

@testable import Analysis
@testable import Evidence

@Suite("Which model was run")
struct ModelIdentityTests {
  /// One folder with what PyPI's model-signing made of it.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var contents: [String: Content?]?
    var folder: String?
    var rootSha256: String
    var files: [[String]]
    var testDescription: String { name }
  }

  /// Bytes in base 64, or a pattern of them; null is an empty folder.
  enum Content: Decodable, Sendable {
    case bytes(Data)

    init(from decoder: any Decoder) throws {
      struct Pattern: Decodable { var `repeat`: Data, times: Int }
      let container = try decoder.singleValueContainer()
      if let data = try? container.decode(Data.self) {
        self = .bytes(data)
      } else {
        let pattern = try container.decode(Pattern.self)
        self = .bytes((0..<pattern.times).reduce(into: Data()) { data, _ in data += pattern.repeat })
      }
    }
  }

  static let cases: [Case] = {
    do { return try Golden.read("model_identity.json") } catch { preconditionFailure("model_identity.json: \(error)") }
  }()

  /// Where the real models of the golden file are: copies in the examples, and the folder of shared models if it exists.
  static let realModels: [(Case, URL)] = {
    let places = [
      ("examples/credit-screening/models/", "credit-screening/"), ("examples/ioi/models/v1.0", "ioi/model"),
      ("../shared/models/", ""),
    ]
    return cases.flatMap { one in
      places.compactMap { place, prefix in
        guard let folder = one.folder, folder.hasPrefix(prefix) else { return nil }
        let url = Golden.repository.appendingPathComponent(place + folder.dropFirst(prefix.count)).standardizedFileURL
        return FileManager.default.fileExists(atPath: url.path) ? (one, url) : nil
      }
    }
  }()

  private func measure(_ folder: URL, read: [ModelFile] = []) throws -> ModelIdentity {
    try .measure(
      folder: folder, read: read, tensors: [], architecture: "gpt2", layers: 2, headsPerLayer: 4)
  }

  private func write(_ files: [String: Content?], to folder: URL) throws {
    for (path, content) in files {
      let url = folder.appendingPathComponent(path)
      if case .bytes(let data)? = content {
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
      } else {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      }
    }
  }

  @Test(
    "root digest, file digests and their order are those of model-signing", arguments: cases.filter { $0.folder == nil }
  )
  func golden(one: Case) throws {
    let scratch = try Scratch()
    try write(try #require(one.contents), to: scratch.folder)
    let identity = try measure(scratch.folder)
    #expect(identity.rootSha256 == one.rootSha256)
    #expect(identity.files.map { [$0.path, $0.sha256] } == one.files)
  }

  @Test("real models have the digests that model-signing gives them", arguments: realModels)
  func real(one: Case, folder: URL) throws {
    let identity = try measure(folder)
    #expect(identity.rootSha256 == one.rootSha256)
    #expect(identity.files.map { [$0.path, $0.sha256] } == one.files)
    #expect(identity.tokenizerSha256 == one.files.first { $0[0] == "tokenizer.json" }?[1])
  }

  @Test("a published signature beside a model is carried into its identity, and changes no digest")
  func publishedSignature() throws {
    let scratch = try Scratch()
    let model = Golden.repository.appendingPathComponent("examples/ioi/models/v1.0")
    for name in try FileManager.default.contentsOfDirectory(atPath: model.path) {
      try FileManager.default.copyItem(at: model.appendingPathComponent(name), to: scratch(name))
    }
    let plain = try measure(scratch.folder)
    #expect(plain.signature == nil)
    // Made by `model_signing sign key` on this model.
    let bundle = try Data(contentsOf: Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/model.sig"))
    try bundle.write(to: scratch("model.sig"))
    let signed = try measure(scratch.folder)
    let signature = try #require(signed.signature)
    #expect(signed.rootSha256 == plain.rootSha256)
    #expect(signature.signedRootSha256 == signed.rootSha256)
    #expect(signature.mediaType == "application/vnd.dev.sigstore.bundle.v0.3+json")
    #expect(signature.document == String(decoding: bundle, as: UTF8.self))
    #expect(signature.sha256 == (try SHA256.digest(of: bundle).hex))
    for other in [Data(), Data("no bundle".utf8), Data([0xFF]), Data(repeating: 0x20, count: 2 << 20)] {
      try other.write(to: scratch("model.sig"))
      let found = try #require(try measure(scratch.folder).signature)
      #expect(found.signedRootSha256 == nil && found.bytes == other.count)
    }
  }

  @Test("the root digest alone is that of the whole identity")
  func rootAlone() throws {
    let folder = Golden.repository.appendingPathComponent("examples/credit-screening/models/v1.1")
    #expect(try ModelIdentity.rootDigest(folder: folder) == measure(folder).rootSha256)
  }

  @Test("both versions of the example's model are among the real models that are measured")
  func examples() {
    let paths = Self.realModels.map(\.1.path)
    for version in ["v1.0", "v1.1"] {
      #expect(paths.contains { $0.hasSuffix("examples/credit-screening/models/\(version)") })
    }
  }

  @Test("files that the engine reads are digested from the memory that it computes with, and must still be there")
  func memory() throws {
    let scratch = try Scratch()
    try Data("one".utf8).write(to: scratch("model.safetensors"))
    try Data("{}".utf8).write(to: scratch("config.json"))
    let held = try ModelFile(url: scratch("model.safetensors"), path: "model.safetensors")
    let before = try measure(scratch.folder)
    #expect(try measure(scratch.folder, read: [held]) == before)
    // SHA-256 of "one", by sha256sum.
    let one = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    #expect(before.files.first { $0.path == "model.safetensors" }?.sha256 == one)
    // The engine holds the file that was; the folder gets another one of the same size in its place.
    try FileManager.default.removeItem(at: scratch("model.safetensors"))
    try Data("two".utf8).write(to: scratch("model.safetensors"))
    let error = #expect(throws: AnalysisError.self) { try measure(scratch.folder, read: [held]) }
    #expect(error?.code == .changedWhileRead && error?.message.contains("model.safetensors") == true)
    #expect(try measure(scratch.folder) != before)
  }

  @Test("the tensors' digest is that of the recipe in tensors.py, in whatever order they are given")
  func tensors() throws {
    struct Tensors: Decodable {
      struct Tensor: Decodable { var name: String, type: String, shape: [Int], begin: Int, end: Int }
      var file: Data, tensors: [Tensor], tensorsSha256: String
    }
    let golden: Tensors = try Golden.read("tensors.json")
    let scratch = try Scratch()
    try golden.file.write(to: scratch("model.safetensors"))
    let file = try ModelFile(url: scratch("model.safetensors"), path: "model.safetensors")
    let tensors = golden.tensors.map {
      StoredTensor(name: $0.name, dataTypeName: $0.type, shape: $0.shape, file: file, range: $0.begin..<$0.end)
    }
    for order in [tensors, tensors.reversed()] {
      let identity = try ModelIdentity.measure(
        folder: scratch.folder, read: [file], tensors: order, architecture: "gpt2", layers: 1, headsPerLayer: 1)
      #expect(identity.tensorsSha256 == golden.tensorsSha256)
      #expect(identity.parameters == 11)  // 2·3 + 2 + 1·1 + 1 + 0·4 + 1
    }
  }

  @Test("one changed weight byte changes all digests that cover it and no other")
  func oneByte() throws {
    let scratch = try Scratch()
    var bytes = Data(repeating: 7, count: 4096)
    func identity() throws -> ModelIdentity {
      try bytes.write(to: scratch("model.safetensors"))
      try Data("{}".utf8).write(to: scratch("tokenizer.json"))
      let file = try ModelFile(url: scratch("model.safetensors"), path: "model.safetensors")
      let tensor = StoredTensor(name: "w", dataTypeName: "F32", shape: [4, 4], file: file, range: 1000..<1064)
      return try .measure(
        folder: scratch.folder, read: [file], tensors: [tensor], architecture: "gpt2", layers: 1, headsPerLayer: 1)
    }
    let before = try identity()
    bytes[1010] = 8  // inside the tensor
    let inside = try identity()
    #expect(inside.rootSha256 != before.rootSha256)
    #expect(inside.tensorsSha256 != before.tensorsSha256)
    #expect(inside.tokenizerSha256 == before.tokenizerSha256)
    bytes[1010] = 7
    bytes[10] = 8  // in the header, say: other file, same tensors
    let outside = try identity()
    #expect(outside.rootSha256 != before.rootSha256)
    #expect(outside.tensorsSha256 == before.tensorsSha256)
  }

  @Test("links, special files and files the engine reads but the folder does not name are refused")
  func refusals() throws {
    let scratch = try Scratch()
    try Data("{}".utf8).write(to: scratch("config.json"))
    func refusal(_ what: String, read: [ModelFile] = []) {
      let error = #expect(throws: EvidenceError.self, "\(what)") { try measure(scratch.folder, read: read) }
      #expect(error?.code == .badModelFolder)
      #expect(error?.message.contains(what) == true)
    }
    try FileManager.default.createSymbolicLink(
      at: scratch("link.json"), withDestinationURL: scratch("config.json"))
    refusal("link.json")
    try FileManager.default.removeItem(at: scratch("link.json"))
    #expect(mkfifo(scratch("pipe").path, 0o600) == 0)
    refusal("pipe")
    try FileManager.default.removeItem(at: scratch("pipe"))
    let stray = try ModelFile(url: scratch("config.json"), path: "elsewhere/config.json")
    refusal("config.json", read: [stray])
    let double = StoredTensor(name: "w", dataTypeName: "F32", shape: [], file: stray, range: 0..<0)
    #expect(throws: EvidenceError.self) {
      try ModelIdentity.measure(
        folder: scratch.folder, read: [], tensors: [double, double], architecture: "", layers: 1, headsPerLayer: 1)
    }
    #expect(throws: Never.self) { try measure(scratch.folder) }
  }

  @Test("a folder that does not exist is an error of the file system")
  func missing() throws {
    let scratch = try Scratch()
    let error = #expect(throws: EvidenceError.self) { try measure(scratch("nowhere")) }
    #expect(error?.code == .inputOutput)
  }
}
