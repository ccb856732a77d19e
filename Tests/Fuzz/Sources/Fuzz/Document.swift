import Foundation

/// JSON that may be written wrong: keys twice, numbers that no type holds, pieces that are no JSON.
indirect enum Document: Decodable, Sendable {
  case object([(key: String, value: Document)])
  case array([Document])
  case text(String)
  /// Written as it is: numbers, truth values, null, nonsense.
  case raw(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .raw("null")
    } else if let value = try? container.decode(Bool.self) {
      self = .raw("\(value)")
    } else if let value = try? container.decode(Int.self) {
      self = .raw("\(value)")
    } else if let value = try? container.decode(Double.self) {
      self = .raw("\(value)")
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([Document].self) {
      self = .array(value)
    } else {
      let members = try container.decode([String: Document].self)
      self = .object(members.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
    }
  }

  /// The bytes as JSON, as far as it is any.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (number, member) in members.enumerated() {
        if number > 0 { out.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (number, item) in items.enumerated() {
        if number > 0 { out.append(UInt8(ascii: ",")) }
        item.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .text(let text): Self.write(text, to: &out)
    case .raw(let raw): out.append(contentsOf: raw.utf8)
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case ..<0x20:
        out += Array("\\u00".utf8) + Array((byte < 16 ? "0" : "").utf8) + Array(String(byte, radix: 16).utf8)
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  /// The number of values in it, itself included.
  var count: Int {
    switch self {
    case .object(let members): members.reduce(1) { $0 + $1.value.count }
    case .array(let items): items.reduce(1) { $0 + $1.count }
    default: 1
    }
  }

  /// Changes the value that is the `place`-th in order of writing.
  mutating func change(_ place: Int, _ body: (inout Document) -> Void) {
    if place == 0 { return body(&self) }
    var place = place - 1
    switch self {
    case .object(var members):
      for i in members.indices {
        let size = members[i].value.count
        if place < size {
          members[i].value.change(place, body)
          break
        }
        place -= size
      }
      self = .object(members)
    case .array(var items):
      for i in items.indices {
        let size = items[i].count
        if place < size {
          items[i].change(place, body)
          break
        }
        place -= size
      }
      self = .array(items)
    default: break
    }
  }

  /// A member of an object, nil if there is none.
  subscript(key: String) -> Document? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      guard case .object(var members) = self, let newValue else { return }
      if let i = members.firstIndex(where: { $0.key == key }) { members[i].value = newValue }
      self = .object(members)
    }
  }
}
