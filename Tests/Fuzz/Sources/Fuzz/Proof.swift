import Analysis
import CFuzz
import Foundation

/// Does on purpose what the fuzzer is to notice. Returns only if it was not noticed.
func prove(_ what: String, in scratch: URL) throws {
  fuzz_begin(0, 60)
  switch what {
  case "address":
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
    defer { bytes.deallocate() }
    consume(bytes.load(fromByteOffset: Int(consumed(16)), as: UInt8.self))
  case "mapping":
    // One byte behind a file of 100 bytes in memory.
    let url = scratch.appendingPathComponent("file")
    try Data(count: 100).write(to: url)
    let file = try ModelFile(url: url, path: "file")
    if let start = file.bytes.baseAddress { consume(start.load(fromByteOffset: Int(consumed(100)), as: UInt8.self)) }
  case "integer": consume(UInt8(truncatingIfNeeded: fuzz_overflow_integer(Int32(consumed(7)))))
  case "trap": consume(UInt8(consumed(255)) + UInt8(consumed(255)))
  default: return
  }
  fuzz_end()
}

/// A number that the optimiser does not know.
@inline(never)
private func consumed(_ number: Int) -> Int { number + (CommandLine.arguments.count > 1000 ? 1 : 0) }

@inline(never)
private func consume(_ byte: UInt8) { if byte == 255 { say("") } }
