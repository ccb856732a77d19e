public import Foundation

/// What was refused last, so that only what is new since then need be printed: a small file beside the bundles, which proves nothing
/// and may be removed.
public struct RefusalMemory: Sendable {
  /// A finding as it is remembered.
  public struct Item: Codable, Sendable, Hashable {
    /// The gate.
    public var gate: Gate
    /// What it was about.
    public var key: GateKey
  }

  /// How this refusal differs from the last.
  public struct Change: Sendable, Equatable {
    /// What was not there last time.
    public var new: [GateFinding]
    /// What was there last time too.
    public var asBefore: [GateFinding]
    /// What was there and is not any more.
    public var settled: [Item]
  }

  private let file: URL
  private let who: String

  /// The memory of one person's signature in one role.
  /// - Parameters:
  ///   - folder: the folder of the bundles.
  ///   - name: the bundle's name.
  public init(folder: URL, name: String, role: String, person: String) {
    file = folder.appendingPathComponent(".\(name).refusals.json")
    who = "\(role) \(person)"
  }

  /// How a refusal differs from the last one.
  public func change(_ refusals: [GateFinding]) -> Change {
    let last = Set(read()[who] ?? [])
    let now = Set(refusals.map { Item(gate: $0.gate, key: $0.key) })
    return Change(
      new: refusals.filter { !last.contains(Item(gate: $0.gate, key: $0.key)) },
      asBefore: refusals.filter { last.contains(Item(gate: $0.gate, key: $0.key)) },
      settled: (read()[who] ?? []).filter { !now.contains($0) })
  }

  /// Keeps a refusal; an empty one forgets the last. A folder that cannot be written is no reason to stop: then everything is
  /// printed again.
  public func keep(_ refusals: [GateFinding]) {
    var memory = read()
    if refusals.isEmpty, memory[who] == nil { return }
    memory[who] = refusals.isEmpty ? nil : refusals.map { Item(gate: $0.gate, key: $0.key) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(memory) else { return }
    try? FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? data.write(to: file, options: .atomic)
  }

  /// A file that is none of ours is as good as none.
  private func read() -> [String: [Item]] {
    let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true, (values?.fileSize ?? 0) < 1 << 22,
      let data = FileManager.default.contents(atPath: file.path)
    else { return [:] }
    return (try? JSONDecoder().decode([String: [Item]].self, from: data)) ?? [:]
  }
}
