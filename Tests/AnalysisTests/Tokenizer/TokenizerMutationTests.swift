import Foundation
import Testing

@testable import Analysis

@Suite("Damaged tokenizer files")
struct TokenizerMutationTests {
  /// Values put in the place of others.
  static let splices = [
    "null", "true", "false", "0", "-1", "2147483648", "9223372036854775807", "1e308", "0.5", "\"\"", "\"a\"",
    "\"\\u0301\"",
    "[]", "{}", "[[]]", "\"<unk>\"", "\"(\"", "\"[^\\\\s]+|(?i:a)\"", "\"\\\\p{L}{1,3}\"", "\"Removed\"",
    "\"Sequence\"",
    "\"ByteLevel\"", "\"NFC\"", "\"WordPiece\"", "\"BPE\"", "\"Metaspace\"", "\"first\"", ",", ":", "{", "]", "\\ud800",
  ]

  static let texts = ["", "a", "The report isn't due.\n  ", "é e\u{301} 12345 漢字 😀", "<s> x</s>[MASK]<|endoftext|>  "]

  private static func below(_ bound: Int, _ generator: inout SplitMix64) -> Int {
    Int(generator.next() % UInt64(max(bound, 1)))
  }

  /// A file with one value replaced: from a colon or comma to the next comma or bracket.
  private static func replaced(_ file: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    let (starts, ends) = (Set(":,".utf8), Set(",}]".utf8))
    var file = file
    guard let start = file[below(file.count, &generator)...].firstIndex(where: starts.contains),
      let end = file[(start + 1)...].firstIndex(where: ends.contains)
    else { return file }
    file.replaceSubrange(start + 1..<end, with: Array(splices[below(splices.count, &generator)].utf8))
    return file
  }

  /// A file with bytes changed, taken out, or doubled.
  private static func damaged(_ file: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    var file = file
    let place = below(file.count, &generator)
    let end = min(file.count, place + 1 + below(40, &generator))
    switch below(4, &generator) {
    case 0: file[place] = UInt8(below(256, &generator))
    case 1: file.remove(at: place)
    case 2: file.removeSubrange(place..<end)
    default: file.insert(contentsOf: file[place..<end], at: below(file.count, &generator))
    }
    return file
  }

  @Test(
    "A damaged file is refused with an AnalysisError or works; nothing else happens",
    arguments: TokenizerReference.kinds)
  func mutations(kind: String) throws {
    let file = try Data(contentsOf: TokenizerReference.folder.appendingPathComponent("\(kind)/small.json"))
    // The steps are a small part of the file, and the more telling: most of the changes are made there.
    let head = Array(file.prefix(upTo: try #require(file.firstRange(of: Data("\"model\"".utf8))).lowerBound))
    let tail = Array(file.dropFirst(head.count))
    var generator = SplitMix64(seed: TokenizerReference.hash(kind.utf8).utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    var (refused, read) = (0, 0)
    for number in 0..<(Reference.isFull ? 6_000 : 250) {
      var bytes = number % 4 == 0 ? Self.damaged(head + tail, &generator) : Self.replaced(head, &generator) + tail
      if number % 8 == 7 { bytes = Self.replaced(bytes, &generator) }
      do {
        let tokenizer = try bytes.withUnsafeBytes { try Tokenizer($0, name: "tokenizer.json") }
        read += 1
        for text in Self.texts { _ = tokenizer.texts(of: try tokenizer.encode(text) + [0, 1, 2]) }
      } catch let error as AnalysisError {
        refused += 1
        if error.code != .badTokenizer || !error.message.hasPrefix("tokenizer.json") {
          Issue.record("\(error.message)")
        }
      } catch {
        Issue.record("\(kind) \(number): \(error)")
      }
    }
    #expect(refused > 50, "the changes reach the reader")
    #expect(read > 10, "and some leave a file that works")
  }
}
