import Foundation
import Testing

@testable import Analysis

/// A temporary folder that is removed when the object goes.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A copy of a model folder whose files may be changed.
  convenience init(copying model: URL) throws {
    try self.init()
    for file in try FileManager.default.contentsOfDirectory(at: model, includingPropertiesForKeys: nil) {
      try FileManager.default.copyItem(at: file, to: self.file(file.lastPathComponent))
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func write(_ data: Data, to name: String) throws { try data.write(to: file(name)) }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(at: file(name)) }

  /// Changes keys of a JSON file; a nil value removes the key.
  func edit(_ name: String, _ changes: [String: Any?]) throws {
    let old = try JSONSerialization.jsonObject(with: Data(contentsOf: file(name)))
    var object = try #require(old as? [String: Any])
    for (key, value) in changes { object[key] = value }
    try write(try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), to: name)
  }

  /// Overwrites floats of a tensor of `model.safetensors`.
  func poke(_ tensor: String, at index: Int, _ values: [Float]) throws {
    let stored = try #require(try Checkpoint(folder: folder).tensors[tensor])
    let place = stored.range.lowerBound + 4 * index
    var data = try Data(contentsOf: stored.file.url)
    for (i, value) in values.enumerated() {
      withUnsafeBytes(of: value.bitPattern.littleEndian) {
        data.replaceSubrange(place + 4 * i..<place + 4 * i + 4, with: $0)
      }
    }
    try data.write(to: stored.file.url)
  }
}

/// A safetensors file from its header text and its bytes.
func safetensors(header: String, bytes: Int = 0, headerLength: UInt64? = nil) -> Data {
  safetensors(header: header, data: Data(repeating: 0, count: bytes), headerLength: headerLength)
}

func safetensors(header: String, data: Data, headerLength: UInt64? = nil) -> Data {
  let text = Data(header.utf8)
  return withUnsafeBytes(of: (headerLength ?? UInt64(text.count)).littleEndian) { Data($0) } + text + data
}

/// Expects an `AnalysisError` with a code and, in its message, every part.
func expectError(
  _ code: AnalysisError.Code, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was refused; \(code) was expected", sourceLocation: sourceLocation)
  } catch let error as AnalysisError {
    #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
    for part in parts where !error.message.contains(part) {
      Issue.record("the message does not say '\(part)': \(error.message)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record("not an AnalysisError: \(error)", sourceLocation: sourceLocation)
  }
}
