import Foundation
import Testing

@Suite("tokens")
struct TokensTests {
  private static let credit = "examples/credit-screening/models/v1.0/tokenizer.json"
  private static let text = "Loan application: applicant male, job skilled. Decision:"

  /// A folder with the tokenizer of the credit example, and what its configuration says.
  private func folder(_ configuration: String? = nil) throws -> Scratch {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      at: scratch.folder.appendingPathComponent("model"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Program.repository.appendingPathComponent(Self.credit),
      to: scratch.folder.appendingPathComponent("model/tokenizer.json"))
    if let configuration { try scratch.write(configuration, to: "model/tokenizer_config.json") }
    return scratch
  }

  private func read(_ input: String, in scratch: Scratch) async throws -> Finished {
    try scratch.write(input, to: "input.json")
    return try await Program.shell("\"$VITRINE\" tokens model - --json <input.json", in: scratch.folder)
  }

  /// transformers 4.57.6 reads the text as 12 ids that begin with 0 where LlamaTokenizerFast makes the post-processor, else as 11.
  @Test("A folder with a tokenizer is enough, and its configuration adds what transformers adds")
  func configuration() async throws {
    let llama = #"""
      {"add_bos_token": true, "add_eos_token": false, "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
       "tokenizer_class": "LlamaTokenizerFast", "legacy": true}
      """#
    for (configuration, count) in [(llama, 12), (nil, 11)] {
      let result = try await read("[\"\(Self.text)\", [\"a\", \"b\"]]", in: try folder(configuration))
      #expect(result.status == 0, "\(result)")
      let json = try result.json()
      #expect(try Schema("tokens").problems(of: json) == [])
      #expect(json[0]?["text"] == .string(Self.text))
      #expect(json[0]?["ids"]?.array?.count == 11 && json[0]?["pieces"]?.array?.count == 11)
      #expect(json[0]?["special_ids"]?.array?.count == count && json[0]?["type_ids"]?.array?.count == count)
      #expect((json[0]?["special_ids"]?[0] == .number(0)) == (count == 12))
      #expect(json[1]?["ids"] == nil && json[1]?["pieces"] == nil)
      #expect(json[1]?["text"]?.array?.count == 2)
    }
  }

  /// Escapes for a person would be no JSON: `\u{85}`.
  @Test("JSON gives texts and pieces back as they are, with characters that a terminal must not see")
  func hiddenCharacters() async throws {
    let text = "a\u{85}b\u{2028}c\u{200B}d\u{202E}e\u{1B}[31mf\u{FEFF}"
    let input = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
    let result = try await read(input, in: try folder(nil))
    let json = try result.json()
    #expect(result.status == 0 && json[0]?["text"] == .string(text), "\(result)")
  }

  @Test("Texts of the command line are shown with their pieces")
  func table() async throws {
    let scratch = try folder()
    let result = try await Program.vitrine("tokens", "model", "Loan application", "a\tb", in: scratch.folder)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("text    \"Loan application\"") && result.out.contains("\\t"), "\(result)")
  }

  @Test(
    "Standard input that is not a list of texts and pairs exits 65 and says where",
    arguments: [
      ("", "not JSON"), ("{}", "is an object, not a list"), ("[1]", "entry 0 is a number"),
      ("[\"a\", [\"b\"]]", "entry 1 is a list"), ("[[\"a\", 1]]", "entry 0"), ("[\"a\"] x", "not JSON"),
      ("[\"a\",]", "not JSON"),
    ])
  func badInput(input: String, says: String) async throws {
    let result = try await read(input, in: try folder())
    #expect(result.status == 65 && result.out.isEmpty, "\(result)")
    #expect(result.err.contains("standard input") && result.err.contains(says), "\(result)")
  }

  @Test("A text that cannot be read has its error in its place, and the rest is there")
  func unreadable() async throws {
    let scratch = try folder()
    try scratch.write(
      #"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": []}"#, to: "model/tokenizer.json")
    let result = try await read(#"["a", "b", "aa"]"#, in: scratch)
    #expect(result.status == 65, "\(result)")
    let json = try result.json()
    #expect(try Schema("tokens").problems(of: json) == [])
    #expect(json[0]?["ids"]?.array?.count == 1 && json[2]?["ids"]?.array?.count == 2)
    #expect(json[1]?["error"]?.string?.contains("no token for U+62") == true && json[1]?["ids"] == nil)
  }

  @Test("No folder, no tokenizer and a broken configuration are named")
  func badFolders() async throws {
    let scratch = try folder("{\"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": 1}")
    let broken = try await Program.vitrine("tokens", "model", "a", in: scratch.folder)
    #expect(broken.status == 65 && broken.err.contains("tokenizer_config.json: key 'add_bos_token'"), "\(broken)")
    for (name, says) in [("none", "no such folder"), (".", "has no tokenizer.json")] {
      let result = try await Program.vitrine("tokens", name, "a", in: scratch.folder)
      #expect(result.status == 65 && result.err.contains(says), "\(result)")
    }
    #expect(try await Program.vitrine("tokens", "model", in: scratch.folder).status == 64)
  }
}
