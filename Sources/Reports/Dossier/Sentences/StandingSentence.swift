import Analysis
import Evidence

/// In which of three ways a change is shown to move the decision, and what the floors are.
extension BehaviourSentences {
  /// What each of the three says; nil if no pair was measured.
  var grounds: Sentence? {
    guard let behaviour else { return nil }
    let inlines = text.inlines(
      "standing.asked",
      [
        "level": .text(text.level(behaviour.size.confidence)), "flips": .text(flipsClause(behaviour)),
        "size": .text(sizeClause(behaviour)), "direction": .text(directionClause(behaviour)), "run": .inline(link),
      ])
    return Sentence(
      inlines: inlines, standing: behaviour.standing, run: record.id,
      finding: result.standing == nil ? "total-effect" : "change")
  }

  private func flipsClause(_ behaviour: BehaviourStanding) -> String {
    let values: [String: TextValue] = [
      "floor": .text(text.percent(behaviour.flipFloor)), "low": .text(text.percent(behaviour.flips.share.low)),
      "counted": .text(text.counted(of: behaviour.flips)),
    ]
    return behaviour.grounds.contains(.flips)
      ? text.words("standing.flips-shown", values) : text.words("standing.flips-not-shown", values)
  }

  private func sizeClause(_ behaviour: BehaviourStanding) -> String {
    let values: [String: TextValue] = [
      "floor": .text(text.precise(behaviour.sizeFloor)), "value": .text(text.fixed(behaviour.size.value)),
      "range": .text(text.range(behaviour.size)),
    ]
    return behaviour.grounds.contains(.size)
      ? text.words("standing.size-shown", values) : text.words("standing.size-not-shown", values)
  }

  private func directionClause(_ behaviour: BehaviourStanding) -> String {
    let values: [String: TextValue] = [
      "value": .text(text.fixed(behaviour.direction.value, signed: true)),
      "range": .text(text.range(behaviour.direction)),
    ]
    return behaviour.grounds.contains(.direction)
      ? text.words("standing.direction-shown", values) : text.words("standing.direction-not-shown", values)
  }
}

extension InterfaceText {
  /// The standing of a behaviour, with what it rests on.
  func badge(_ behaviour: BehaviourStanding) -> Badge {
    let word: String
    if behaviour.grounds.contains(.flips) {
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
