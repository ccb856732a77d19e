import Foundation
import Testing

@Suite("measure")
struct MeasureTests {
  private static let clean = "When Mary and John went to the store, Mary gave a drink to"
  private static let corrupted = "When Mary and John went to the store, John gave a drink to"

  private func measure(_ model: String, _ cases: String, _ options: String...) async throws -> Finished {
    let folder = try Scratch()
    try folder.write(cases, to: "cases.json")
    let result = try await Program.start(
      ["measure", Sample.repositoryPath(model), "cases.json"] + options, in: folder.folder
    ).finished()
    #expect(try folder.files() == ["cases.json"])
    return result
  }

  private func text(_ positive: String = "\" John\"", clean: String = clean, corrupted: String = corrupted) -> String {
    #"{"clean": "\#(clean)", "corrupted": "\#(corrupted)", "positive": [\#(positive)], "negative": [" Mary"]}"#
  }

  /// `Tests/Reference/credit-v1.0.json` holds float64 values of transformers and PyTorch.
  @Test("Token ids: every number agrees with the float64 reference within 1e-4 of max(1, |m_clean − m_corrupted|)")
  func agreesWithReference() async throws {
    let file = Program.repository.appendingPathComponent("Tests/Reference/credit-v1.0.json")
    let reference = try JSON(String(contentsOf: file, encoding: .utf8))
    let cases = try #require(reference["cases"]?.array).prefix(2)
    let input = try cases.map { expected in
      let heads = try #require(expected["circuits"]?.array).map { try Self.json(#require($0["heads"])) }
      let members = try ["clean_ids", "corrupted_ids", "positive", "negative"].map {
        try Self.json(#require(expected[$0]))
      }
      return """
        {"clean": \(members[0]), "corrupted": \(members[1]), "positive": \(members[2]), "negative": \(members[3]),
         "circuits": [\(heads.joined(separator: ", "))]}
        """
    }
    let result = try await measure(Sample.credit, "[\(input.joined(separator: ", "))]", "--json")
    #expect(result.status == 0, "\(result.err)")
    let report = try result.json()
    for key in ["model_type", "layers", "heads"] { #expect(report[key] == reference[key]) }
    let measured = try #require(report["cases"]?.array)
    #expect(measured.count == 2)
    for (number, (ours, expected)) in zip(measured, cases).enumerated() {
      let fields = try #require(expected.object)
      #expect(Set(try #require(ours.object).keys) == Set(fields.keys))
      let difference = try #require(expected["m_clean"]?.number) - (try #require(expected["m_corrupted"]?.number))
      let tolerance = 1e-4 * max(1, abs(difference))
      for (name, value) in fields where name != "circuits" {
        Self.compare(try #require(ours[name]), value, tolerance, "case \(number) \(name)")
      }
      for (i, circuit) in (expected["circuits"]?.array ?? []).enumerated() {
        for (name, value) in try #require(circuit.object) {
          let mine = try #require(ours["circuits"]?[i]?[name])
          Self.compare(mine, value, tolerance, "case \(number) circuit \(i) \(name)")
        }
      }
    }
  }

  private static func compare(_ ours: JSON, _ expected: JSON, _ tolerance: Double, _ place: String) {
    #expect(shape(ours) == shape(expected), "\(place)")
    let largest = zip(ours.numbers, expected.numbers).map { abs($0 - $1) }.max() ?? 0
    #expect(largest <= tolerance, "\(place) is off by \(largest)")
  }

  /// How lists are nested, without the numbers.
  private static func shape(_ value: JSON) -> String {
    value.array.map { "[" + $0.map(shape).joined() + "]" } ?? "."
  }

  private static func json(_ value: JSON) throws -> String {
    guard let items = value.array else { return String(Int(try #require(value.number))) }
    return "[" + (try items.map(json)).joined(separator: ", ") + "]"
  }

  @Test("Text is read by the model's tokenizer, without added tokens, and gives what its ids give")
  func textAndIds() async throws {
    // From tokenizer.json: each of the 14 pieces is one token of the vocabulary.
    let vocabulary = try #require(
      JSON(
        String(
          contentsOf: Program.repository.appendingPathComponent(Sample.ioi).appendingPathComponent("tokenizer.json"),
          encoding: .utf8))["model"]?["vocab"]?.object)
    func ids(_ text: String) throws -> [Int] {
      let pieces = text.replacingOccurrences(of: ",", with: " ,").split(separator: " ")
      return try pieces.enumerated().map { index, piece in
        let token = index == 0 || piece == "," ? String(piece) : "Ġ" + piece
        return Int(try #require(vocabulary[token]?.number, "no token '\(token)'"))
      }
    }
    let (john, mary) = (try ids("x John".replacingOccurrences(of: "x", with: "When"))[1], try ids("When Mary")[1])
    let byIds = """
      {"clean": \(try ids(Self.clean)), "corrupted": \(try ids(Self.corrupted)), "positive": [\(john)], "negative": [\(mary)]}
      """
    let result = try await measure(Sample.ioi, "[\(text()), \(byIds)]", "--json")
    #expect(result.status == 0, "\(result)")
    let cases = try #require(try result.json()["cases"]?.array)
    #expect(cases.count == 2 && cases[0] == cases[1])
    #expect(cases[0]["clean_ids"]?.numbers == (try ids(Self.clean)).map(Double.init))
    #expect(cases[0]["circuits"] == .array([]))
  }

  @Test("A bad case has its error in its place; the others are measured; exit 65 after the rest")
  func badCases() async throws {
    let long = Array(repeating: "Mary", count: 65).joined(separator: " ")
    let bad: [(json: String, says: [String])] = [
      (#"{"clean": "When Mary", "positive": [1], "negative": [2]}"#, ["corrupted", "missing"]),
      (#"{"clean": 3, "corrupted": [1], "positive": [1], "negative": [2]}"#, ["clean", "neither"]),
      (#"{"clean": [1], "corrupted": [1.5], "positive": [1], "negative": [2]}"#, ["corrupted", "neither"]),
      (#"{"clean": [1, 2], "corrupted": [1], "positive": [1], "negative": [2]}"#, ["2 tokens", "1;"]),
      (#"{"clean": [], "corrupted": [], "positive": [1], "negative": [2]}"#, ["no tokens"]),
      (#"{"clean": [99999], "corrupted": [1], "positive": [1], "negative": [2]}"#, ["99999"]),
      (#"{"clean": [-1], "corrupted": [1], "positive": [1], "negative": [2]}"#, ["-1"]),
      (#"{"clean": [1], "corrupted": [2], "positive": [], "negative": [2]}"#, ["positive", "empty"]),
      (#"{"clean": [1], "corrupted": [2], "positive": [2], "negative": [2]}"#, ["twice"]),
      (#"{"clean": [1], "corrupted": [2], "positive": [509], "negative": [2]}"#, ["509"]),
      (#"{"clean": [1], "corrupted": [2], "positive": [1], "negative": [2], "circuits": [[[4, 0]]]}"#, ["[4, 0]"]),
      (#"{"clean": [1], "corrupted": [2], "positive": [1], "negative": [2], "circuits": [[0]]}"#, ["circuits"]),
      ("[\(Array(repeating: "1", count: 3).joined(separator: ","))]", ["case 13"]),
      ("null", ["case 14"]),
      (text("\"John\""), ["did you mean ' John' with its leading space?"]),
      (text("\" John\", \" John Mary\""), ["is the beginning of"]),
      (text(clean: long, corrupted: long), ["64"]),
    ]
    let input = "[\(text()), \(bad.map(\.json).joined(separator: ",\n")), \(text())]"
    let result = try await measure(Sample.ioi, input, "--json")
    #expect(result.status == 65, "\(result)")
    let cases = try #require(try result.json()["cases"]?.array)
    #expect(cases.count == bad.count + 2)
    #expect(cases.first?["m_clean"] != nil && cases.first == cases.last)
    for (index, (given, entry)) in zip(bad, cases.dropFirst()).enumerated() {
      let message = try #require(entry["error"]?.string, "\(given.json) was measured")
      #expect(entry.object?.count == 1)
      for word in given.says + ["case \(index + 1)"] { #expect(message.contains(word), "\(message)") }
    }
    let asText = try await measure(Sample.ioi, input)
    #expect(asText.status == 65 && asText.out.contains("error: case 1:"), "\(asText)")
  }

  @Test("A model without a tokenizer works with ids, and says for text what is missing")
  func noTokenizer() async throws {
    let ids = #"{"clean": [1, 2, 3], "corrupted": [1, 4, 3], "positive": [5], "negative": [6]}"#
    let result = try await measure(Sample.tiny, "[\(ids), \(text())]", "--json")
    #expect(result.status == 65, "\(result)")
    let cases = try #require(try result.json()["cases"]?.array)
    #expect(cases[0]["noising_head"]?.array?.count == 3)
    #expect(cases[1]["error"]?.string?.contains("tokenizer.json") == true)
    #expect(try await measure(Sample.tiny, "[\(ids)]", "--json").status == 0)
  }

  @Test(
    "A file that is no list of cases: 65, its name, and nothing on standard output",
    arguments: ["", "{", "{\"clean\": [1]}", "[1, 2", "\"cases\"", "\u{0}"])
  func malformed(content: String) async throws {
    let result = try await measure(Sample.tiny, content, "--json")
    #expect(result.status == 65, "\(result)")
    #expect(result.out.isEmpty && result.err.contains("cases.json"), "\(result)")
  }

  @Test("An empty list is an empty list; a missing file is 65, a folder 74, a missing argument 64")
  func edges() async throws {
    let empty = try await measure(Sample.tiny, "[]", "--json")
    #expect(empty.status == 0, "\(empty)")
    #expect(try empty.json()["cases"] == .array([]))
    let model = Sample.repositoryPath(Sample.tiny)
    let missing = try await Program.vitrine("measure", model, "nowhere.json")
    #expect(missing.status == 65 && missing.err.contains("nowhere.json"), "\(missing)")
    let folder = try await Program.vitrine("measure", model, model)
    #expect(folder.status == 74 && folder.err.contains("not a regular file"), "\(folder)")
    #expect(try await Program.vitrine("measure", model).status == 64)
  }
}
