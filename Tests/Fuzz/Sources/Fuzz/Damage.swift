import Foundation

/// What one attempt does to which file.
enum Damage: String, CaseIterable {
  case header, configuration, tokenizer, index, bytes, weights

  /// Changes files in place. A file that is no JSON, or not there, stays as it is.
  static func apply(
    _ kind: Damage, to files: inout [String: [UInt8]], _ draw: inout Draw
  ) throws {
    switch kind {
    case .header:
      let name = draw.pick(files.keys.filter { $0.hasSuffix(".safetensors") }.sorted())
      files[name] = try damagedHeader(files[name] ?? [], &draw)
    case .configuration: try damageDocument("config.json", .configuration, &files, &draw)
    case .tokenizer: try damageDocument("tokenizer.json", .tokenizer, &files, &draw)
    case .index: try damageDocument("model.safetensors.index.json", .configuration, &files, &draw)
    case .bytes:
      let name = draw.pick(files.keys.sorted())
      files[name] = damagedBytes(files[name] ?? [], &draw)
    case .weights:
      let name = draw.pick(files.keys.filter { $0.hasSuffix(".safetensors") }.sorted())
      files[name] = damagedWeights(files[name] ?? [], &draw)
    }
  }

  private static func damageDocument(
    _ name: String, _ damage: DocumentDamage, _ files: inout [String: [UInt8]], _ draw: inout Draw
  ) throws {
    guard let bytes = files[name] else { return }
    var document = try JSONDecoder().decode(Document.self, from: Data(bytes))
    damage.damage(&document, &draw)
    files[name] = document.bytes
  }

  // MARK: Safetensors

  static func headerLength(of file: [UInt8]) -> Int {
    Int(file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) })
  }

  /// The header damaged as JSON or in ways that keep it consistent, its length or the file's length changed.
  private static func damagedHeader(_ file: [UInt8], _ draw: inout Draw) throws -> [UInt8] {
    let length = headerLength(of: file)
    var document = try JSONDecoder().decode(Document.self, from: Data(file[8..<8 + length]))
    if draw.chance(2) { reshape(&document, &draw) } else { DocumentDamage.header.damage(&document, &draw) }
    let header = document.bytes
    var (stated, data) = (UInt64(header.count), Array(file[(8 + length)...]))
    switch draw.below(8) {
    case 0: stated = draw.next() >> UInt64(draw.below(64))
    case 1: stated = UInt64(header.count + draw.pick([-1, 1, 8, 100])) & 0xFFFF_FFFF
    case 2: data.removeLast(draw.below(min(data.count, 5000)))
    case 3: data += [UInt8](repeating: 0, count: draw.below(5000))
    default: break
    }
    return withUnsafeBytes(of: stated.littleEndian) { [UInt8]($0) } + header + data
  }

  /// Changes one tensor's entry so that it may still agree with the file: another type of the same size, another shape of
  /// the same product, places exchanged or moved.
  private static func reshape(_ document: inout Document, _ draw: inout Draw) {
    guard case .object(let members) = document, !members.isEmpty else { return }
    let (name, other) = (draw.pick(members).key, draw.pick(members).key)
    guard var entry = document[name], case .array(let shape)? = entry["shape"] else { return }
    let sizes = shape.map { if case .raw(let raw) = $0 { Int(raw) ?? 0 } else { 0 } }
    switch draw.below(6) {
    case 0: entry["dtype"] = .text(draw.pick(["F16", "BF16", "F32", "I32", "U32", "I16", "F64"]))
    case 1: entry["shape"] = .array(shape.reversed())
    case 2: entry["shape"] = .array([.raw("\(sizes.reduce(1, *))")])
    case 3:
      entry["dtype"] = .text(draw.pick(["F16", "BF16"]))
      entry["shape"] = .array(shape.dropLast() + [.raw("\((sizes.last ?? 1) * 2)")])
    case 4:
      let mine = entry["data_offsets"]
      entry["data_offsets"] = document[other]?["data_offsets"]
      if var there = document[other] {
        there["data_offsets"] = mine
        document[other] = there
      }
    default:
      entry["shape"] = .array([.raw(draw.pick(DocumentDamage.numbers))] + shape.dropFirst())
      entry["data_offsets"] = .array([.raw(draw.pick(DocumentDamage.numbers)), .raw(draw.pick(DocumentDamage.numbers))])
    }
    document[name] = entry
  }

  /// Weights that are not finite, or so large or small that sums are not.
  private static func damagedWeights(_ file: [UInt8], _ draw: inout Draw) -> [UInt8] {
    var file = file
    let start = 8 + headerLength(of: file)
    let patterns: [UInt32] = [
      0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 0x7F7F_FFFF, 0xFF7F_FFFF, 1, 0x8000_0000, 0x7F80_0001,
    ]
    let pattern = withUnsafeBytes(of: draw.pick(patterns).littleEndian) { [UInt8]($0) }
    for _ in 0..<draw.pick([1, 3, 1000]) {
      let place = start + 4 * draw.below((file.count - start) / 4)
      if place + 4 <= file.count { file.replaceSubrange(place..<place + 4, with: pattern) }
    }
    return file
  }

  // MARK: Bytes

  /// Bits and bytes changed, taken out, doubled, cut off.
  private static func damagedBytes(_ file: [UInt8], _ draw: inout Draw) -> [UInt8] {
    var file = file
    // Most of a safetensors file is weights; the header is what can break.
    let reach = draw.chance(2) ? file.count : min(file.count, 2500)
    for _ in 0..<1 + draw.below(4) where !file.isEmpty {
      let place = draw.below(min(reach, file.count))
      let end = min(file.count, place + 1 + draw.below(20))
      switch draw.below(6) {
      case 0: file[place] ^= 1 << UInt8(draw.below(8))
      case 1: file[place] = UInt8(draw.below(256))
      case 2: file.removeSubrange(place..<end)
      case 3: file.insert(contentsOf: file[place..<end], at: place)
      case 4: file[place] = UInt8(draw.pick(Array("{}[],:\"\\0123456789-.eE nulltruefals".utf8)))
      default: if draw.chance(4) { file.removeSubrange(place...) } else { file[place] &+= 1 }
      }
    }
    return file
  }
}
