/// What is possible but probably a slip in a substitution: the prompt still says elsewhere what the record was.
struct SubstitutionDoubts {
  let table: DataTable
  /// The records in use.
  let records: [Int]
  let template: PromptTemplate
  let substitution: Substitution

  /// All of them.
  var doubts: [String] { [mention].compactMap { $0 } + companions }

  private var others: [String] { template.fields.filter { $0 != substitution.field } }

  /// The clean value as a word of the template's own text, or inside a longer text of another column.
  private var mention: String? {
    let word = substitution.clean
    guard word.count > 2, word.contains(where: \.isLetter) else { return nil }
    for part in template.parts {
      if case .text(let text) = part, Self.hasWord(word, in: text),
        !Self.hasWord(substitution.counterfactual, in: text)
      {
        return "the template itself says '\(word)', which stays when '\(substitution.field)' is set to "
          + "'\(substitution.counterfactual)'; write it as a field, or reword it"
      }
    }
    for column in others {
      guard
        let record = records.first(where: { record in
          let value = table.value(record, column) ?? ""
          // A text that says both, as "Mary and John" does, names what may be put in and does not depend on it.
          return value != word && Self.hasWord(word, in: value) && !Self.hasWord(substitution.counterfactual, in: value)
        })
      else { continue }
      return "'\(column)' says '\(word)' too, first in line \(table.lines[record]) of \(table.path) "
        + "(\(VisibleText.quoted(table.value(record, column) ?? ""))), and stays when '\(substitution.field)' is set to "
        + "'\(substitution.counterfactual)': the counterfactual is changed in part; leave those records out, or reword them"
    }
    return nil
  }

  private static func hasWord(_ word: String, in text: String) -> Bool {
    text.ranges(of: word).contains { range in
      let before = text[..<range.lowerBound].last
      let after = text[range.upperBound...].first
      return ![before, after].contains { $0?.isLetter == true || $0?.isNumber == true }
    }
  }

  /// Columns that go along with the substituted one in the data, as titles go with sexes, and stay as recorded.
  private var companions: [String] {
    func values(_ column: String, where value: String) -> [String: Int] {
      var counts: [String: Int] = [:]
      for record in records where table.value(record, substitution.field) == value {
        counts[table.value(record, column) ?? "", default: 0] += 1
      }
      return counts
    }
    return others.compactMap { column in
      let (clean, other) = (
        values(column, where: substitution.clean), values(column, where: substitution.counterfactual)
      )
      let isFrequent = [clean, other].allSatisfy { counts in
        counts.values.reduce(0, +) >= max(5, 3 * counts.count)
      }
      guard isFrequent, Set(clean.keys).isDisjoint(with: other.keys),
        let a = clean.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        let b = other.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
      else { return nil }
      return
        "in \(table.path) '\(column)' always goes along with '\(substitution.field)' ('\(a.key)' with '\(substitution.clean)', "
        + "'\(b.key)' with '\(substitution.counterfactual)') but stays as recorded: the counterfactual is changed in part; take "
        + "'{\(column)}' out of the template, or write such pairs under 'pairs'"
    }
  }
}
