/// Walks through two JSON values side by side and notes what differs.
struct ComparisonWalk {
  /// Where a value stands.
  struct Place {
    /// Its path in the record.
    var path = ""
    /// The key that it stands under, or under which the list stands that it is in.
    var key = ""
    /// What its tolerance is relative to.
    var scale = 1.0

    func member(_ name: String) -> Place {
      let isPlain = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
      let step = isPlain ? (path.isEmpty ? name : ".\(name)") : "['\(name)']"
      return Place(path: path + step, key: name, scale: scale)
    }

    func element(_ index: Int) -> Place { Place(path: "\(path)[\(index)]", key: key, scale: scale) }
  }

  /// Keys of texts that are written for a person. What they say is measured by the numbers beside them.
  private static let words: Set<String> = [
    "title", "note", "detail", "assumption", "method", "unit", "scope", "failure", "granularity", "components",
    "ablation", "positions", "direction", "prompts",
  ]

  private let tolerance: ResultComparison.Tolerance
  private let scales: [String: Double]
  private(set) var numbers = ResultComparison.Numbers()
  private(set) var textsEqual = 0
  private(set) var differences: [ResultComparison.Difference] = []
  private(set) var changes: [ResultComparison.Change] = []

  /// - Parameter scales: what the numbers of a pair are relative to, by the pair's name.
  init(_ tolerance: ResultComparison.Tolerance, scales: [String: Double]) {
    self.tolerance = tolerance
    self.scales = scales
  }

  /// max(1, |m_clean − m_counterfactual|) of each pair of a recorded result, by its name.
  static func scales(ofPairs result: JSONValue) -> [String: Double] {
    guard case .array(let pairs)? = result["analysis"]?["pairs"] else { return [:] }
    return pairs.reduce(into: [:]) { scales, pair in
      guard case .string(let name)? = pair["name"], let scale = scale(ofPair: pair) else { return }
      scales[name] = scale
    }
  }

  private static func scale(ofPair pair: JSONValue) -> Double? {
    guard case .number(let clean)? = pair["m_clean"], case .number(let other)? = pair["m_counterfactual"] else {
      return nil
    }
    return max(1, abs(clean - other))
  }

  /// Compares two values at one place.
  mutating func compare(_ recorded: JSONValue, _ reproduced: JSONValue, _ place: Place) throws {
    switch (recorded, reproduced) {
    case (.number(let old), .number(let new)): compare(old, new, place)
    case (.object(let old), .object(let new)): try compare(old, new, inside(recorded, place))
    case (.array(let old), .array(let new)):
      for index in 0..<max(old.count, new.count) {
        try compare(
          old.indices.contains(index) ? old[index] : nil, new.indices.contains(index) ? new[index] : nil,
          place.element(index))
      }
    default:
      // Texts by their bytes: `==` of Swift strings overlooks Unicode normalisation.
      if try CanonicalJSON.write(recorded) == CanonicalJSON.write(reproduced) {
        textsEqual += 1
      } else {
        try change(Self.words.contains(place.key) ? .wording : .changed, recorded, reproduced, place)
      }
    }
  }

  private mutating func compare(_ old: [String: JSONValue], _ new: [String: JSONValue], _ place: Place) throws {
    for name in Set(old.keys).union(new.keys).sorted() {
      try compare(old[name], new[name], place.member(name))
    }
  }

  private mutating func compare(_ recorded: JSONValue?, _ reproduced: JSONValue?, _ place: Place) throws {
    switch (recorded, reproduced) {
    case (let old?, let new?): try compare(old, new, place)
    case (let old?, nil): try change(.onlyRecorded, old, nil, place)
    case (nil, let new?): try change(.onlyReproduced, nil, new, place)
    case (nil, nil): break
    }
  }

  private mutating func compare(_ old: Double, _ new: Double, _ place: Place) {
    guard old != new else {
      numbers.equal += 1
      return
    }
    let difference = ResultComparison.Difference(
      path: place.path, recorded: old, reproduced: new, difference: new - old,
      allowed: tolerance.relative * place.scale)
    if difference.isWithin { numbers.within += 1 } else { numbers.beyond += 1 }
    differences.append(difference)
  }

  /// The place of an object's members: the numbers of a prompt pair are relative to the pair's own effect.
  private func inside(_ object: JSONValue, _ place: Place) -> Place {
    var place = place
    if let scale = Self.scale(ofPair: object) {
      place.scale = scale
    } else if case .string(let pair)? = object["pair"], let scale = scales[pair] {
      place.scale = scale
    }
    return place
  }

  private mutating func change(
    _ kind: ResultComparison.Change.Kind, _ recorded: JSONValue?, _ reproduced: JSONValue?, _ place: Place
  ) throws {
    numbers.unmatched += (recorded.map(Self.count) ?? 0) + (reproduced.map(Self.count) ?? 0)
    changes.append(
      ResultComparison.Change(
        path: place.path, kind: kind, recorded: try recorded.map(Self.shortened),
        reproduced: try reproduced.map(Self.shortened)))
  }

  /// How many numbers a value holds.
  private static func count(_ value: JSONValue) -> Int {
    switch value {
    case .number: 1
    case .array(let elements): elements.reduce(0) { $0 + count($1) }
    case .object(let members): members.values.reduce(0) { $0 + count($1) }
    case .null, .bool, .string: 0
    }
  }

  private static func shortened(_ value: JSONValue) throws -> String {
    let text = String(decoding: try CanonicalJSON.write(value), as: UTF8.self)
    return text.count <= 200 ? text : String(text.prefix(199)) + "…"
  }
}
