import Analysis

/// Which prompts two runs share: by their texts, not by their names or places.
struct PromptMatch {
  /// Places of the partners, in the order of the first side.
  let pairs: [(before: Int, after: Int)]
  /// Prompts without a partner, of both sides together.
  let alone: Int

  /// Matches two lists of keys; the k-th occurrence of a key on one side belongs to the k-th on the other.
  init<Key: Hashable>(_ before: [Key], _ after: [Key]) {
    var places: [Key: [Int]] = [:]
    for (place, key) in after.enumerated().reversed() { places[key, default: []].append(place) }
    var pairs: [(Int, Int)] = []
    for (place, key) in before.enumerated() {
      if let partner = places[key]?.popLast() { pairs.append((place, partner)) }
    }
    self.pairs = pairs.map { (before: $0.0, after: $0.1) }
    alone = before.count + after.count - 2 * pairs.count
  }
}

/// To which groups prompts belong, by their names: the evaluation's records have groups, and behaviours are made from
/// the same records.
struct PromptGroups {
  /// The groupings, in the order of the evaluation.
  let groupings: [String]
  private let groups: [String: [String: String]]
  private let prompts: [String: String]

  /// Groups of an evaluation's records; none without one.
  /// - Parameter intersections: groupings whose combinations are groups too.
  init(_ plan: EvaluationPlan?, intersections: [[String]] = []) {
    let known = intersections.filter { columns in columns.allSatisfy { plan?.groupings.contains($0) == true } }
    groupings = (plan?.groupings ?? []) + known.map(GroupComparison.grouping)
    func all(_ own: [String: String]) -> [String: String] {
      known.reduce(into: own) { groups, columns in
        groups[GroupComparison.grouping(columns)] = GroupComparison.group(columns.map { own[$0] ?? "" })
      }
    }
    groups = Dictionary(plan?.examples.map { ($0.name, all($0.groups)) } ?? []) { first, _ in first }
    prompts = Dictionary(plan?.examples.map { ($0.name, $0.prompt) } ?? []) { first, _ in first }
  }

  /// Whether a plan's pairs are made from the records: every pair has a record's name, and where a record's own prompt
  /// is one of a pair's, it is that of the same name.
  func describes(_ pairs: [AnalysisPlan.Pair]) -> Bool {
    guard !prompts.isEmpty, pairs.allSatisfy({ prompts[$0.name] != nil }) else { return false }
    return pairs.contains { prompts[$0.name] == $0.clean || prompts[$0.name] == $0.counterfactual }
  }

  /// The groups of a grouping in alphabetical order, with the places of their prompts.
  func members(_ grouping: String, of names: [String]) -> [(group: String, places: [Int])] {
    var places: [String: [Int]] = [:]
    for (place, name) in names.enumerated() {
      if let group = groups[name]?[grouping] { places[group, default: []].append(place) }
    }
    return places.keys.sorted().map { ($0, places[$0] ?? []) }
  }
}
