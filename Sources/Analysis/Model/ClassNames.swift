/// Whether `config.json` says in one way only which class has which number.
enum ClassNames {
  /// - Parameter labels: the names of `id2label` in order.
  /// - Throws: `AnalysisError.badConfiguration` if a name stands twice, or `num_labels` or `label2id` say something else.
  static func check(_ labels: [String], _ json: ModelJSONObject) throws {
    var seen: [String: Int] = [:]
    for (index, label) in labels.enumerated() {
      guard let first = seen.updateValue(index, forKey: label) else { continue }
      throw json.failure(
        "id2label",
        "names both class \(first) and class \(index) '\(label)'; give each class its own name, or answers cannot name it"
      )
    }
    if let count = try json.integer("num_labels", in: 1...1_000_000), count != labels.count {
      throw json.failure(
        "num_labels", "is \(count), but id2label names \(labels.count) classes; correct the one that is wrong")
    }
    guard let numbers = try json.object("label2id") else { return }
    for (index, label) in labels.enumerated() where !numbers.members.isEmpty {
      let number: Int? =
        switch numbers[label] {
        case .integer(let number): number
        case .string(let text): Int(text)
        default: nil
        }
      guard number != index else { continue }
      throw json.failure(
        "label2id",
        "says that '\(label)' is \(number.map { "class \($0)" } ?? "no class"), but id2label says that it is class \(index); "
          + "correct the one that is wrong, or right and wrong decisions are exchanged")
    }
  }

  /// The class that an answer was probably meant to name: the same letters without case and blanks.
  static func nearest(_ answer: String, among labels: [String]) -> String? {
    func core(_ text: String) -> String {
      var core = String.UnicodeScalarView()
      for scalar in text.lowercased().unicodeScalars
      where scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        core.append(scalar)
      }
      return String(core)
    }
    let wanted = core(answer)
    return labels.first { !wanted.isEmpty && core($0) == wanted }
  }
}
