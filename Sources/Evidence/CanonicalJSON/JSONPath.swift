/// The way to a value in a document, kept from the inside out, so that a step down costs the same at every depth. A record has
/// tens of thousands of values, and the way is read only for a message.
indirect enum JSONPath {
  case root
  case key(JSONPath, String)
  case index(JSONPath, Int)

  /// The keys and indices from the root.
  var keys: [any CodingKey] {
    var steps: [any CodingKey] = []
    var place = self
    while true {
      switch place {
      case .root: return steps.reversed()
      case .key(let outer, let key):
        steps.append(JSONKey(key))
        place = outer
      case .index(let outer, let index):
        steps.append(JSONKey(index))
        place = outer
      }
    }
  }
}

/// A key or an index on the way to a value.
struct JSONKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ key: String) {
    stringValue = key
    intValue = nil
  }

  init(_ index: Int) {
    stringValue = String(index)
    intValue = index
  }

  init?(stringValue: String) { self.init(stringValue) }

  init?(intValue: Int) { self.init(intValue) }
}
