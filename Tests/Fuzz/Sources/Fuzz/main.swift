import Analysis
import CFuzz
import Foundation

// usage: Fuzz --reference Tests/Reference [--count N] [--seed S] [--from I] [--only I]
//   [--prove address|mapping|integer|trap]
// Damages model folders and uses them. A crash, a sanitizer's finding, an error that is not an AnalysisError or an attempt of
// more than 60 seconds ends the process with the number of the attempt.

var options: [String: String] = [:]
var words = CommandLine.arguments.dropFirst()
while let name = words.popFirst(), let value = words.popFirst() { options[name] = value }

func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

guard let reference = options["--reference"] else {
  say("Fuzz: --reference Tests/Reference is missing; start it with scripts/fuzz")
  exit(64)
}
let count = UInt64(options["--count"] ?? "") ?? 1000
let seed = UInt64(options["--seed"] ?? "") ?? 1
let first = UInt64(options["--from"] ?? "") ?? 0
let only = UInt64(options["--only"] ?? "")

let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-fuzz-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: scratch) }

fuzz_prepare(seed)
if let what = options["--prove"] {
  try prove(what, in: scratch)
  say("not noticed: \(what)")
  exit(0)
}

let victim = Victim(folder: scratch, seeds: try Seeds(reference: URL(fileURLWithPath: reference)), seed: seed)
var used: [Damage: Int] = [:]
var refused: [Damage: [AnalysisError.Code: Int]] = [:]
for number in only.map({ $0...$0 }) ?? first...first + max(count, 1) - 1 {
  fuzz_begin(number, 60)
  let (damage, model, files) = try victim.files(of: number)
  if only != nil { say("attempt \(number): \(damage.rawValue) of \(model)") }
  do {
    // A measurement takes many times as long as what leads to it.
    switch try victim.attempt(files, measure: number % 4 == 0 || damage == .weights || only != nil) {
    case .used: used[damage, default: 0] += 1
    case .refused(let code): refused[damage, default: [:]][code, default: 0] += 1
    }
  } catch {
    say("FAILED in attempt \(number): \(damage.rawValue) of \(model): not an AnalysisError: \(error)")
    say("again with: scripts/fuzz --only \(number) --seed \(seed)")
    exit(1)
  }
  fuzz_end()
  if number % 10_000 == 9_999 { say("\(number + 1) attempts") }
}

for damage in Damage.allCases {
  let codes = (refused[damage] ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }
  say(
    "\(damage.rawValue): \(used[damage] ?? 0) used; refused: \(codes.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "))"
  )
}
let sanitizer = fuzz_has_address_sanitizer() == 1 ? "with" : "WITHOUT"
say(
  "passed: \(only == nil ? count : 1) attempts of seed \(seed), \(sanitizer) AddressSanitizer: no crash, no over-read")
