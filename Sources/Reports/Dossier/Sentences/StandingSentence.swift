import Analysis
import Evidence

/// In which of three ways a change is shown to move the decision, and what the floors are.
extension BehaviourSentences {
  /// What each of the three says; nil if no pair was measured.
  var grounds: Sentence? {
    guard let behaviour else { return nil }
    let level = TextValue.text(text.level(behaviour.size.confidence))
    let (size, direction) = (TextValue.text(sizeClause(behaviour)), TextValue.text(directionClause(behaviour)))
    let inlines =
      behaviour.flips.map { flips in
        text.inlines(
          "standing.asked",
          [
            "level": level, "flips": .text(flipsClause(flips, behaviour)), "size": size, "direction": direction,
            "run": .inline(link),
          ])
      }
      ?? text.inlines(
        "standing.asked-undecided", ["level": level, "size": size, "direction": direction, "run": .inline(link)])
    return Sentence(
      inlines: inlines, standing: behaviour.standing, run: record.id,
      finding: result.standing == nil ? "total-effect" : "change")
  }

  private func flipsClause(_ flips: Proportion, _ behaviour: BehaviourStanding) -> String {
    let (floor, range) = (text.percent(behaviour.flipFloor), text.range(flips.share, percent: true))
    let counted = TextValue.text(text.counted(of: flips))
    return behaviour.grounds.contains(.flips)
      ? text.words("standing.flips-shown", ["floor": .text(floor), "counted": counted, "range": .text(range)])
      : text.words("standing.flips-not-shown", ["floor": .text(floor), "counted": counted, "range": .text(range)])
  }

  private func sizeClause(_ behaviour: BehaviourStanding) -> String {
    let (floor, value) = (text.precise(behaviour.sizeFloor), text.fixed(behaviour.size.value))
    let range = TextValue.text(text.range(behaviour.size))
    return behaviour.grounds.contains(.size)
      ? text.words("standing.size-shown", ["floor": .text(floor), "value": .text(value), "range": range])
      : text.words("standing.size-not-shown", ["floor": .text(floor), "value": .text(value), "range": range])
  }

  private func directionClause(_ behaviour: BehaviourStanding) -> String {
    let value = TextValue.text(text.fixed(behaviour.direction.value, signed: true))
    let range = TextValue.text(text.range(behaviour.direction))
    return behaviour.grounds.contains(.direction)
      ? text.words("standing.direction-shown", ["value": value, "range": range])
      : text.words("standing.direction-not-shown", ["value": value, "range": range])
  }
}

extension InterfaceText {
  /// The standing of a behaviour, with what it rests on.
  func badge(_ behaviour: BehaviourStanding) -> Badge {
    let word: String
    if behaviour.flips == nil {
      guard !behaviour.grounds.isEmpty else { return badge(.notEstablished) }
      word =
        behaviour.grounds.contains(.size)
        ? words("standing.measured-number") : words("standing.measured-number-direction")
    } else if behaviour.grounds.contains(.flips) {
      word = words("standing.measured-flips")
    } else if behaviour.grounds.contains(.size) {
      word = words("standing.measured-size")
    } else if behaviour.grounds.contains(.direction) {
      word = words("standing.measured-direction")
    } else {
      return badge(.notEstablished)
    }
    return Badge(kind: .measured, text: marked(word, Finding.Standing.measured.rawValue))
  }
}
