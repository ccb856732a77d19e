import Analysis
import Evidence

/// Words and numbers that stand in many places.
extension InterfaceText {
  /// A number with a fixed count of decimals, e.g. `−0.168`.
  func fixed(_ value: Double, _ decimals: Int = 3, signed: Bool = false) -> String {
    numbers.fixed(value, decimals, signed: signed)
  }

  /// A share as per cent with one decimal, e.g. `80.5 %`.
  func percent(_ share: Double) -> String { numbers.percent(share) }

  /// A small number with three significant digits.
  func precise(_ value: Double) -> String { numbers.precise(value) }

  /// A p-value: never 0, which no test gives.
  func pValue(_ p: Double) -> String { p < 1e-300 ? words("diff.tiny-p") : precise(p) }

  /// A count in groups of three.
  func count(_ value: Int) -> String { numbers.count(value) }

  /// The level of an interval, e.g. `95 %`.
  func level(_ confidence: Double) -> String { numbers.level(confidence) }

  /// `−0.190 to −0.146`, kept on one line; in words if there is no interval.
  func range(_ estimate: Estimate, percent asPercent: Bool = false) -> String {
    estimate.hasInterval ? range(estimate.low, estimate.high, percent: asPercent) : words("numbers.no-interval")
  }

  /// `−0.190 to −0.146`, kept on one line.
  func range(_ low: Double, _ high: Double, percent asPercent: Bool = false) -> String {
    words(
      "numbers.range",
      [
        "low": .text(asPercent ? percent(low) : fixed(low)), "high": .text(asPercent ? percent(high) : fixed(high)),
      ])
  }

  /// `95 % interval −0.190 to −0.146`.
  func interval(_ estimate: Estimate, percent asPercent: Bool = false) -> String {
    words(
      "numbers.interval",
      ["level": .text(level(estimate.confidence)), "range": .text(range(estimate, percent: asPercent))])
  }

  /// `9 of 200 (4.5 %, 95 % interval 2.4 % to 8.3 %)`.
  func proportion(_ proportion: Proportion) -> String { self.proportion(proportion, counted(of: proportion)) }

  /// `9 of 200 pairs (4.5 %, 95 % interval 2.4 % to 8.3 %)`.
  func proportionOfPairs(_ proportion: Proportion) -> String {
    self.proportion(
      proportion,
      words(
        "numbers.of-pairs", ["count": .text(String(proportion.count)), "n": .text(String(proportion.share.n))]))
  }

  /// `160 of 200 records (80.0 %, 95 % interval 74.4 % to 85.1 %)`.
  func proportionOfRecords(_ proportion: Proportion) -> String {
    self.proportion(
      proportion,
      words(
        "numbers.of-records", ["count": .text(String(proportion.count)), "n": .text(String(proportion.share.n))]))
  }

  /// `9 of 200`.
  func counted(of proportion: Proportion) -> String { counted(proportion.count, of: proportion.share.n) }

  /// `9 of 200`.
  func counted(_ count: Int, of n: Int) -> String {
    words("numbers.of", ["count": .text(String(count)), "n": .text(String(n))])
  }

  private func proportion(_ proportion: Proportion, _ counted: String) -> String {
    words(
      "numbers.proportion",
      [
        "counted": .text(counted), "share": .text(percent(proportion.share.value)),
        "interval": .text(interval(proportion.share, percent: true)),
      ])
  }

  /// `95 % interval −0.190 to −0.146, n = 200 pairs`.
  func precision(_ estimate: Estimate) -> String {
    let n = words("numbers.n-pairs", ["n": .count(estimate.n)])
    guard estimate.hasInterval else {
      return estimate.n > 1
        ? words("numbers.precision-all-agree", ["n": .text(n)]) : words("numbers.precision-none", ["n": .text(n)])
    }
    return words("numbers.precision", ["interval": .text(interval(estimate)), "n": .text(n)])
  }

  /// A quoted word on one line, e.g. `“approve”`.
  func quoted(_ text: String) -> String { facts.quoteOpen + PlainText.oneLine(text) + facts.quoteClose }

  /// Answers as a reader says them, e.g. `“approve” or “accept”`.
  func answers(_ answers: [String]) -> String {
    guard var said = answers.first.map(quoted) else { return "" }
    for answer in answers.dropFirst() {
      said = words("words.or", ["first": .text(said), "second": .text(quoted(answer))])
    }
    return said
  }

  /// What stands against the positive answers: the negative ones, or that the one label does not hold.
  func answers(against positive: [String], _ negative: [String]) -> String {
    negative.isEmpty ? words("glance.not", ["answers": .text(answers(positive))]) : answers(negative)
  }

  /// The day of an RFC 3339 time or of a date `YYYY-MM-DD`, as the language writes it. Anything else stays as it is.
  func day(_ time: String) -> String {
    let day = String(time.unicodeScalars.prefix(10))
    let parts = day.splitScalars("-")
    guard parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return day }
    return facts.date.replacingScalars("{year}", with: parts[0]).replacingScalars("{month}", with: parts[1])
      .replacingScalars("{day}", with: parts[2])
  }

  /// A standing in a word.
  func badge(_ standing: Finding.Standing) -> Badge {
    switch standing {
    case .measured: Badge(kind: .measured, text: marked(words("standing.measured"), standing.rawValue))
    case .screened: Badge(kind: .screened, text: marked(words("standing.screened"), standing.rawValue))
    case .notEstablished:
      Badge(kind: .notEstablished, text: marked(words("standing.not-established"), standing.rawValue))
    }
  }
}

// MARK: What renderers add

extension InterfaceText {
  /// The word that opens a notice.
  func notice(_ kind: Block.NoticeKind) -> String {
    let word =
      switch kind {
      case .missing: words("page.missing")
      case .approximate: words("page.approximate")
      case .refused: words("page.refused")
      case .note: words("page.note")
      }
    return marked(word, kind.rawValue)
  }

  /// A figure's caption with its number.
  func figure(_ number: Int, _ caption: String) -> String {
    words("page.figure", ["number": .text(String(number)), "caption": .text(caption)])
  }
}

// MARK: Values in print

extension InterfaceText {
  /// `−0.168 (−0.190 to −0.146)`.
  func valueWithRange(_ estimate: Estimate, percent asPercent: Bool = false) -> String {
    words(
      "numbers.value-with-range",
      [
        "value": .text(asPercent ? percent(estimate.value) : fixed(estimate.value)),
        "range": .text(range(estimate, percent: asPercent)),
      ])
  }

  /// A day as the language writes it.
  func day(_ date: CalendarDate) -> String { day(date.description) }

  /// The same words where decision values are numbers in a unit of their own: it stands where `logits` does.
  /// - Parameter unit: nil: decision values are logits, and nothing changes.
  /// - Complexity: O(messages).
  func measuring(in unit: String?) -> InterfaceText {
    guard let unit, measuredUnit == nil else { return self }
    let logits = words("words.logits")
    var measuring = InterfaceText(
      language: language, facts: facts,
      messages: messages.mapValues { $0.mapLiterals { $0.replacing(logits, with: unit) } }, claims: claims,
      phrases: phrases, isMarked: isMarked)
    measuring.measuredUnit = unit
    return measuring
  }

  /// Answers that the decision value counts for; of a regression with a threshold, that the number is above it.
  func answers(_ positive: [String], unit: String?, threshold: Double?) -> String {
    guard let unit else { return answers(positive) }
    return threshold.map { words("behaviour.number-above", ["threshold": .text(precise($0)), "unit": .text(unit)]) }
      ?? words("behaviour.number", ["unit": .text(unit)])
  }

  /// A number in a unit with its sign, and its interval: `+3.2 (1.1 to 5.4)`.
  func signedWithRange(_ estimate: Estimate) -> String {
    guard estimate.hasInterval else { return fixed(estimate.value, signed: true) }
    return words(
      "diff.difference",
      [
        "value": .text(fixed(estimate.value, signed: true)), "low": .text(fixed(estimate.low, signed: true)),
        "high": .text(fixed(estimate.high, signed: true)),
      ])
  }

  /// What a finding's unit is called after its value.
  func unit(_ unit: String) -> String {
    switch unit {
    case "": ""
    case "logits": " " + words("words.logits")
    case "share": " " + words("words.share")
    case "ratio": " " + words("words.ratio")
    default: " " + unit
    }
  }
}

extension InterfaceText {
  /// What stands in a provider's statement in place of what is not shown.
  var providerWords: ProviderMarkdown.Words {
    let mark = "\u{FFFC}"
    let parts = words("page.picture-not-shown", ["picture": .text(mark)]).splitScalars(mark)
    return ProviderMarkdown.Words(
      rawHTMLRemoved: words("page.raw-html-removed"),
      pictureNotShown: (before: parts.first ?? "", behind: parts.count > 1 ? parts[1] : ""))
  }
}
