/// What a record is for, as a column of the data says it: `train_set`, `Training`, `dev`, `holdout`.
enum DataPart: Equatable {
  /// The model was trained on it.
  case training
  /// The model or its settings were chosen with it.
  case validation
  /// The model has not seen it.
  case test

  /// Nil if a value says nothing of the kind.
  init?(_ value: String) {
    var words = Self.words(value)
    switch words.joined() {
    case "insample", "ins", "tr": self = .training
    case "outofsample", "outoftime", "oos", "oot", "holdout", "heldout": self = .test
    default:
      words.removeAll(where: Self.filling.contains)
      let parts = words.map(Self.part)
      guard !parts.isEmpty, !parts.contains(nil) else { return nil }
      self = parts.contains(.training) ? .training : parts.contains(.validation) ? .validation : .test
    }
  }

  private static let filling: Set<String> = [
    "set", "data", "dataset", "split", "sample", "samples", "record", "records", "part", "subset", "fold", "only",
    "the",
  ]

  private static func part(_ word: String) -> DataPart? {
    switch word {
    case "train", "trains", "trained", "training", "trainset", "trainingset", "traindata", "trainingdata", "trn", "fit",
      "learn", "learning", "trainval", "traindev":
      .training
    case "dev", "devel", "development", "val", "valid", "validation", "valset", "devset", "validationset", "tune",
      "tuning":
      .validation
    case "test", "testing", "tst", "testset", "testdata", "eval", "evaluation", "evalset", "devtest": .test
    default: nil
    }
  }

  /// The words of a name or value, without numbers: `isTrain_2` is `is` and `train`.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasSmall = false
    for character in text {
      if character.isLetter {
        if character.isUppercase, wasSmall, !word.isEmpty {
          words.append(word)
          word = ""
        }
        word += character.lowercased()
        wasSmall = character.isLowercase
      } else {
        if !word.isEmpty { words.append(word) }
        word = ""
        wasSmall = false
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}

/// A column that says what each record is for.
struct PartColumn {
  let name: String
  /// What each value says; nothing about values that say nothing.
  private let parts: [ExactText: DataPart]

  /// Nil if the column says nothing of the kind.
  init?(_ name: String, in table: DataTable) {
    guard let values = table.values(of: name, atMost: Self.mostParts) else { return nil }
    self.name = name
    let words = DataPart.words(name)
    let byWord = values.compactMap { value in DataPart(value).map { (ExactText(value), $0) } }
    let isNamed = !Self.names.isDisjoint(with: words)
    let divides = byWord.contains { $0.1 == .training } && byWord.contains { $0.1 != .training }
    if !byWord.isEmpty, isNamed || divides && byWord.count == values.count {
      parts = Dictionary(byWord) { first, _ in first }
    } else if let yes = Self.flag(words) {
      let truths = values.compactMap { value in
        TruthWord(value).map { (ExactText(value), $0 == .yes ? yes : yes.opposite) }
      }
      guard truths.count == values.count else { return nil }
      parts = Dictionary(truths) { first, _ in first }
    } else {
      return nil
    }
  }

  /// More values divide nothing.
  private static let mostParts = 50

  /// What a record is for.
  func part(_ record: Int, in table: DataTable) -> DataPart? {
    table.value(record, name).flatMap { parts[ExactText($0)] }
  }

  /// Words of the names of such columns.
  private static let names: Set<String> = [
    "split", "splits", "set", "subset", "partition", "fold", "usage", "phase", "dataset", "sample", "role", "part",
  ]

  /// What `yes` means in a column that is named as a question: `is_train`, `in_test`, `holdout_flag`.
  private static func flag(_ words: [String]) -> DataPart? {
    let asking: Set<String> = ["is", "in", "was", "used", "for", "flag", "set", "use", "seen"]
    let others = words.filter { !asking.contains($0) }
    let isAsked = others.count < words.count
    switch others.joined() {
    case "train", "trained", "trainset", "istrain", "intrain": return .training
    case "istraining", "traindata", "trainingdata": return .training
    // Persons have trainings, too.
    case "training": return isAsked ? .training : nil
    case "test", "testing", "holdout", "heldout", "eval", "evaluation": return isAsked ? .test : nil
    case "istest", "intest", "isholdout": return .test
    default: return nil
    }
  }
}

extension DataPart {
  fileprivate var opposite: DataPart { self == .training ? .test : .training }
}
