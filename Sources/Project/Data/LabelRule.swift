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

    /// Whether it is a rare word that is a frequent one with one letter wrong.
    func isSlip(of usual: Occurrence) -> Bool {
      guard count * 20 <= usual.count, usual.value.count >= 4, abs(value.count - usual.value.count) <= 1,
        (value + usual.value).allSatisfy({ $0.isLetter || $0 == " " })
      else { return false }
      return NearestName.editDistance(value, usual.value) == 1
    }
  }

  /// A value of which the rule does not know what it means.
  struct Undeclared: Equatable {
    var occurrence: Occurrence
    /// The declared value that it probably stands for.
    var near: Near?
  }

  /// A declared value that another stands for.
  struct Near: Equatable {
    var value: String
    /// Whether both say the same, as `1` and `1.0` or `yes` and `y` do; otherwise one is a slip of the pen.
    var isSame: Bool
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

  /// The declared value that another probably stands for: the same letters and digits, the same number, the same word for yes or no,
  /// its beginning, or one within a slip of the pen.
  private func near(_ value: String) -> Near? {
    let declared = positive + (negative ?? [])
    let (core, number, truth) = (Self.core(value), ValueDoubts.number(value), TruthWord(value))
    let spelling = VisibleText.spelling(value)
    let same = declared.first { other in
      number == nil && !core.isEmpty && Self.core(other) == core || VisibleText.spelling(other) == spelling
        || number != nil && ValueDoubts.number(other) == number
        || truth != nil && TruthWord(other) == truth || Self.isBeginning(value, of: other)
        || Self.isBeginning(other, of: value)
    }
    if let same { return Near(value: same, isSame: true) }
    // Short codes (0, 1, A, B) are all one slip from one another: only longer words are compared by letters.
    guard value.unicodeScalars.count > 4 else { return nil }
    return declared.first { NearestName.editDistance(value.lowercased(), $0.lowercased()) <= 2 && $0.count > 4 }
      .map { Near(value: $0, isSame: false) }
  }

  /// Whether a text shortens a word: `app.` and `A` for `approve`.
  private static func isBeginning(_ short: String, of word: String) -> Bool {
    let letters = short.hasSuffix(".") ? String(short.dropLast()) : short
    return !letters.isEmpty && letters.utf8.count < word.utf8.count && word.count >= 4
      && (letters + word).allSatisfy(\.isLetter) && (letters.count == 1 || short.hasSuffix("."))
      && word.lowercased().hasPrefix(letters.lowercased())
  }

  /// What to do about values without a meaning: the rule that says what they probably mean, to be corrected.
  func remedy(_ values: [Undeclared], among occurrences: [Occurrence]) -> String {
    if values.count > 6, occurrences.allSatisfy({ Double($0.value) != nil }) {
      return
        "the column holds numbers, as scores are: name the column of the labels, or make a column of two labels from it"
    }
    let near = values.compactMap { value in value.near.map { (value.occurrence.value, $0) } }
    let missing = values.filter { $0.near == nil && Self.isMissing($0.occurrence.value) }.map(\.occurrence.value)
    var rest = values.filter { $0.near == nil && !Self.isMissing($0.occurrence.value) }.map(\.occurrence.value)
    let occurring = Set(occurrences.map { ExactText($0.value) })
    let same = near.filter { $0.1.isSame && $0.0 != $0.1.value }
    func with(_ declared: [String]) -> [String] {
      declared + same.filter { declared.contains($0.1.value) }.map { $0.0 }
    }
    var negatives = with(negative ?? [])
    let isOpen = !negatives.contains { occurring.contains(ExactText($0)) }
    // Who declared no negative value that occurs means others.
    if isOpen {
      negatives = Array(rest.prefix(8))
      rest = []
    }
    let left = ignored + missing + rest
    var example = "label: {column: \(column), positive: \(VisibleText.yaml(with(positive)))"
    if !negatives.isEmpty { example += ", negative: \(VisibleText.yaml(negatives))" }
    if !left.isEmpty { example += ", ignore: \(VisibleText.yaml(left))" }
    example += "}"
    let shown = near.prefix(4).map { value, near in
      "\(VisibleText.quoted(value, among: [near.value])) as \(VisibleText.quoted(near.value, among: [value]))"
    }.joined(separator: ", ")
    let changes = !same.isEmpty || !missing.isEmpty || !rest.isEmpty || isOpen && !negatives.isEmpty
    guard changes else { return "write in the file \(shown)" }
    let notes = [
      isOpen && negatives.count > 1 ? "if all of these are negative" : nil,
      left.isEmpty ? "'ignore' would leave records out" : "'ignore' leaves records out",
      rest.isEmpty ? nil : "what is a label belongs under 'positive' or 'negative'",
    ].compactMap { $0 }.joined(separator: "; ")
    return near.isEmpty
      ? "correct the file, or say what each value means, e.g. '\(example)' (\(notes))"
      : "write in the file \(shown), or declare every way of writing, e.g. '\(example)' (\(notes))"
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

  /// Whether a value is what tables hold where nothing is known: nothing, `NA`, `?` and their kin. A label that says so is none.
  static func isMissing(_ value: String) -> Bool {
    ValueDoubts.isMissing(value) || isCode(value)
      || ["none", "unknown", "undefined", "unlabelled", "unlabeled", "nd", "not recorded", "not available"].contains(
        VisibleText.spelling(value))
  }

  /// Whether a value is a number with which forms code what is not known: `-999`.
  static func isCode(_ value: String) -> Bool {
    ["-99", "-999", "-9999", "99", "999", "9999"].contains(value)
  }
}
