import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("Data files")
struct DataTests {
  private func rows(_ text: String) throws -> [[String]] {
    try DelimitedText(Data(text.utf8)).rows.map(\.fields)
  }

  @Test(
    "Fields are read as RFC 4180 has them",
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}a,b\n", [["a", "b"]]),
      ("\"x, y\",\"say \"\"no\"\"\"\n", [["x, y", "say \"no\""]]),
      ("\"two\nlines\",b\n", [["two\nlines", "b"]]),
      ("a,,\n", [["a", "", ""]]),
      ("a,", [["a", ""]]),
      (" a , b\n", [[" a ", " b"]]),
      ("\"\"\n", []),
      ("a\n\n\n", [["a"]]),
      ("a\n\nb\n", [["a"], [""], ["b"]]),
      ("", []),
    ])
  func fields(text: String, expected: [[String]]) throws {
    #expect(try rows(text) == expected)
  }

  @Test("Each row knows its line, also after quoted line ends")
  func lines() throws {
    let table = try DelimitedText(Data("h\n\"a\nb\nc\"\nd\r\ne\n".utf8))
    #expect(table.rows.map(\.line) == [1, 2, 5, 6])
  }

  @Test(
    "Broken quotation is refused with its line",
    arguments: [
      ("a\n\"b\nc\n", 2, "never closed"), ("a\nb\"c\n", 2, "not quoted"), ("a\n\"b\"c\n", 2, "follows a closing"),
    ])
  func broken(text: String, line: Int, problem: String) {
    #expect {
      try DelimitedText(Data(text.utf8))
    } throws: { error in
      guard let error = error as? DelimitedText.Malformed else { return false }
      return error.line == line && error.problem.contains(problem)
    }
  }

  @Test(
    "A bad data file is named with the line and the remedy",
    arguments: [
      ("", ProjectError.Code.emptyData, ["'data.csv'", "vitrine.yaml line 16", "is empty"]),
      ("colour,shape,label,split\n", .emptyData, ["has a header but no records"]),
      ("colour,shape,label,split\nred,round,good\n", .badData, ["data.csv line 2", "3 fields", "header has 4"]),
      (
        "colour,shape,label,split\nred,round,good,test\nred,a,b,c,d\n", .badData,
        ["data.csv line 3", "5 fields", "quote fields"]
      ),
      (
        "colour,shape,label,split\nred,round,good,test\n\nred,round,good,test\n", .badData,
        ["data.csv line 3", "is blank"]
      ),
      (
        "colour,shape,colour,split\na,b,c,d\n", .badData,
        ["data.csv line 1", "two columns are called 'colour'", "rename"]
      ),
      ("colour,,label,split\na,b,c,d\n", .badData, ["data.csv line 1", "column 2 has no name"]),
      (
        "colour;shape;label;split\na;b;c;d\n", .badData, ["'data.csv'", "vitrine.yaml line 16", "semicolons", "commas"]
      ),
      ("colour,shape,label,split\n\"red,round,good,test\n", .badData, ["data.csv line 2", "never closed"]),
    ])
  func badFile(text: String, code: ProjectError.Code, parts: [String]) throws {
    let error = projectError { _ = try Sample.project(data: text).load() }
    #expect(error?.code == code)
    for part in parts { #expect(error?.message.contains(part) == true, "'\(part)' is not in: \(error?.message ?? "")") }
    #expect(error?.exitStatus == .badInput)
  }

  @Test("A data file that is not UTF-8 is refused with its line")
  func notUTF8() throws {
    let temporary = try Sample.project()
    try temporary.write(Data("colour,shape,label,split\n".utf8) + Data([0xE9, 0x2C]), to: "data.csv")
    let error = projectError { _ = try temporary.load() }
    #expect(error?.message.contains("'data.csv'") == true)
    #expect(error?.message.contains("is not UTF-8 text: line 2") == true)
    #expect(error?.message.contains("iconv -f WINDOWS-1252 -t UTF-8") == true)
  }

  @Test("Braces that belong to the text are doubled")
  func braces() throws {
    let table = try tableOf("a,b\n1,2\n")
    let template = try PromptTemplate("{{x}} {a}{b} {a}")
    #expect(template.fields == ["a", "b"])
    #expect(template.prompt(table, record: 0) == "{x} 12 1")
    #expect(template.prompt(table, record: 0, setting: ("a", "{b}")) == "{x} {b}2 {b}")
  }

  private func tableOf(_ text: String) throws -> DataTable {
    let temporary = try TemporaryProject(["t.csv": text])
    return try DataTable(path: "t.csv", url: temporary.folder.appendingPathComponent("t.csv"), namedIn: "test")
  }
}

@Suite("Seeded draws")
struct SeededDrawTests {
  @Test("SplitMix64 gives the published outputs for seed 1234567")
  func splitMix() {
    // Rosetta Code, "Pseudo-random numbers/Splitmix64"; the same by a Python transcription of Vigna's splitmix64.c.
    var generator = SplitMix64(seed: 1_234_567)
    let outputs = (0..<5).map { _ in generator.next() }
    #expect(
      outputs == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test(
    "The documented algorithm, transcribed to Python, draws the same",
    arguments: [
      (5, 20, UInt64(1), [5, 9, 13, 14, 15]), (5, 20, 2, [1, 2, 10, 11, 13]), (3, 6, 7, [3, 4, 5]),
      (4, 5, 7, [0, 1, 2, 4]),
    ])
  func sample(count: Int, total: Int, seed: UInt64, expected: [Int]) {
    #expect(SeededDraw.sample(count, of: total, seed: seed) == expected)
  }

  @Test("Asking for as many as there are, or more, gives all in order")
  func all() {
    #expect(SeededDraw.sample(4, of: 4, seed: 9) == [0, 1, 2, 3])
    #expect(SeededDraw.sample(7, of: 4, seed: 9) == [0, 1, 2, 3])
    #expect(SeededDraw.sample(0, of: 4, seed: 9) == [])
  }

  @Test("Over many seeds every record is drawn equally often")
  func uniform() {
    var counts = Array(repeating: 0, count: 10)
    for seed in 0..<2000 {
      for number in SeededDraw.sample(3, of: 10, seed: UInt64(seed)) { counts[number] += 1 }
    }
    // 600 expected; standard deviation √(2000 · 0.3 · 0.7) = 20.5; five of them.
    for count in counts { #expect(abs(count - 600) < 103) }
  }
}

@Suite("Nearest names")
struct NearestNameTests {
  @Test("Every known key with one slip of the pen leads to a key one edit away")
  func oneSlip() throws {
    let known =
      ProjectReading.keys + [
        "intended_purpose", "annex_iii_point", "placed_on_market", "supersedes", "substitute", "counterfactual",
        "integrated_gradients_steps", "token_attribution_pairs", "comprehensiveness_target", "bootstrap_resamples",
      ]
    for key in known {
      for slip in slips(of: key) where !known.contains(slip) {
        let found = try #require(NearestName.find(slip, among: known), "nothing for '\(slip)'")
        #expect(found == key || slips(of: found).contains(slip), "'\(slip)' led to '\(found)'")
      }
    }
  }

  /// Every text that one deletion, insertion, substitution or swap of neighbours makes of another.
  private func slips(of text: String) -> Set<String> {
    let letters = Array(text)
    var slips: Set<String> = []
    for i in letters.indices {
      slips.insert(String(letters[..<i] + letters[(i + 1)...]))
      slips.insert(String(letters[..<i] + ["q"] + letters[(i + 1)...]))
      if i > 0 {
        var swapped = letters
        swapped.swapAt(i - 1, i)
        slips.insert(String(swapped))
      }
    }
    for i in 0...letters.count { slips.insert(String(letters[..<i] + ["q"] + letters[i...])) }
    return slips
  }

  @Test(
    "Distances known by hand",
    arguments: [
      ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("ca", "abc", 3),
      ("behaviour", "behaviours", 1),
    ])
  func distances(left: String, right: String, distance: Int) {
    #expect(NearestName.editDistance(left, right) == distance)
    #expect(NearestName.editDistance(right, left) == distance)
  }

  @Test("A name like none of the known ones gets no suggestion")
  func none() {
    #expect(NearestName.find("wavelength", among: ["id", "question", "pairs"]) == nil)
    #expect(NearestName.find("x", among: []) == nil)
  }
}
