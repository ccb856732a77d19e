/// What each value of a label column means: the positive answer is right, the negative one is, or the record has no label and
/// is left out. A value that nobody declared means nothing: it is an error, never "negative".
struct LabelRule: Equatable {
  /// What a declared value means.
  enum Side: String, Equatable {
    case positive, negative, ignored
  }

  /// The column.
  var column: String
  /// The label values of a right positive decision.
  var positive: [String]
  /// The label values of a right negative decision; nil if the project file leaves them to the data.
  var negative: [String]?
  /// The values of records that have no label.
  var ignored: [String] = []

  /// A value that occurs, how often, and where first.
  struct Occurrence: Equatable {
    var value: String
    var count: Int
    /// The first record that has it, as an index into the table's records.
    var first: Int
  }

  /// A value of which the rule does not know what it means.
  struct Undeclared: Equatable {
    var occurrence: Occurrence
    /// The declared value that it is probably a spelling of.
    var near: String?
  }

  /// What the rule makes of the values that occur.
  enum Reading: Equatable {
    /// Every value has a meaning; `assumed` is the one that is negative because it is the only other one.
    case settled(sides: [ExactText: Side], assumed: String?)
    /// These have none.
    case undeclared([Undeclared])
  }

  /// How often each value occurs among some records, in order of first appearance. Values are the same only if their bytes are:
  /// `"é"` may be written in two ways, and only the user knows whether both are meant.
  static func occurrences(of column: String, in table: DataTable, records: [Int]) -> [Occurrence] {
    var places: [ExactText: Int] = [:]
    var occurrences: [Occurrence] = []
    for record in records {
      guard let value = table.value(record, column) else { continue }
      if let place = places[ExactText(value)] {
        occurrences[place].count += 1
      } else {
        places[ExactText(value)] = occurrences.count
        occurrences.append(Occurrence(value: value, count: 1, first: record))
      }
    }
    return occurrences
  }

  /// Reads the values that occur.
  ///
  /// Where no negative value is declared and exactly one value beside the declared ones occurs, that one is negative — but not
  /// if it is what tables hold for "not known", nor if it differs from a declared value only in case, spaces or punctuation.
  func read(_ occurrences: [Occurrence]) -> Reading {
    var sides: [ExactText: Side] = [:]
    for (values, side) in [(positive, Side.positive), (negative ?? [], .negative), (ignored, .ignored)] {
      for value in values { sides[ExactText(value)] = side }
    }
    let others = occurrences.filter { sides[ExactText($0.value)] == nil }.map {
      Undeclared(occurrence: $0, near: near($0.value))
    }
    var assumed: String?
    if negative == nil, others.count == 1, let only = others.first, only.near == nil,
      !Self.isMissing(only.occurrence.value)
    {
      sides[ExactText(only.occurrence.value)] = .negative
      assumed = only.occurrence.value
    } else if !others.isEmpty {
      return .undeclared(others)
    }
    return .settled(sides: sides, assumed: assumed)
  }

  /// The declared value that another is probably a spelling of: the same letters and digits, or one within a slip of the pen.
  private func near(_ value: String) -> String? {
    let declared = positive + (negative ?? [])
    let core = Self.core(value)
    if let same = declared.first(where: { !core.isEmpty && Self.core($0) == core }) { return same }
    // Short codes (0, 1, A, B) are all one slip from one another: only longer words are compared by letters.
    guard value.unicodeScalars.count > 4 else { return nil }
    return declared.first { NearestName.editDistance(value.lowercased(), $0.lowercased()) <= 2 && $0.count > 4 }
  }

  /// The letters and digits of a value without case, and the sign or comparison before them: `>50K` is not `<=50K`.
  private static func core(_ value: String) -> String {
    var core = String.UnicodeScalarView()
    for scalar in value.lowercased().unicodeScalars {
      let counts = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      let isSign = scalar.properties.generalCategory == .mathSymbol || scalar == "-" || scalar == "!"
      if counts || isSign && !core.contains(where: \.properties.isAlphabetic) { core.append(scalar) }
    }
    return String(core)
  }

  /// Whether a value is what tables hold where nothing is known: nothing, `NA`, `?` and their kin.
  static func isMissing(_ value: String) -> Bool {
    var text = String.UnicodeScalarView()
    for scalar in value.lowercased().unicodeScalars
    where !scalar.properties.isWhitespace && !"<>#()[]".unicodeScalars.contains(scalar) {
      text.append(scalar)
    }
    return [
      "", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "?", "-", "--", "\u{2013}", "\u{2014}", ".", "..",
      "missing", "nat", "ref!", "value!", "div/0!", "num!", "null!", "name?",
      "unknown", "undefined", "unlabelled", "unlabeled", "n/d", "nd", "notavailable", "notrecorded",
    ].contains(String(text))
  }
}

/// A text that equals another only if its bytes do. Swift's `String` also holds texts equal that Unicode writes in two ways.
struct ExactText: Hashable {
  private let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The text itself.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
