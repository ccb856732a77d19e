/// Matches a program against scalars by backtracking with a stack of its own, so that no text can exhaust the thread's.
struct RegexMatcher {
  private struct Choice {
    let instruction: Int
    /// Where to go on; a run gives up one scalar at a time down to `least`.
    var position: Int
    let least: Int
  }

  private let program: RegexProgram
  private let text: ArraySlice<Unicode.Scalar>
  private var choices: [Choice] = []
  private var steps = 0
  /// A pattern that runs wild is refused.
  private let mostSteps: Int

  /// Cuts a text into what matches and what lies between, in order; together they are the text.
  ///
  /// Empty matches count, except right after another match, as Oniguruma's iterator has it.
  /// - Returns: the pieces, and the steps that it took.
  /// - Throws: `RegexError` if the pattern needs more than `mostSteps`.
  /// - Complexity: O(text) for the patterns of known tokenizers.
  static func pieces(
    of text: [Unicode.Scalar], _ program: RegexProgram, mostSteps: Int
  ) throws -> (pieces: [(range: Range<Int>, matches: Bool)], steps: Int) {
    guard !text.isEmpty else { return ([], 0) }
    var matcher = RegexMatcher(program: program, text: text[...], mostSteps: mostSteps)
    var pieces: [(range: Range<Int>, matches: Bool)] = []
    var (from, previous) = (0, 0)
    var lastMatch: Int?
    while from <= text.count, let match = try matcher.search(from: from) {
      if match.isEmpty, match.upperBound == lastMatch {
        from += 1
        continue
      }
      from = match.upperBound
      lastMatch = match.upperBound
      if previous < match.lowerBound { pieces.append((previous..<match.lowerBound, false)) }
      pieces.append((match, true))
      previous = match.upperBound
    }
    if previous < text.count { pieces.append((previous..<text.count, false)) }
    return (pieces, matcher.steps)
  }

  private init(program: RegexProgram, text: ArraySlice<Unicode.Scalar>, mostSteps: Int) {
    self.program = program
    self.text = text
    self.mostSteps = mostSteps
  }

  private mutating func search(from: Int) throws -> Range<Int>? {
    for start in from...text.count {
      if let end = try run(0, at: start) { return start..<end }
    }
    return nil
  }

  /// Runs from an instruction to the next `accept`; returns where the match ends.
  /// - Parameter wanted: where it has to end, if that is not free.
  private mutating func run(_ first: Int, at start: Int, endingAt wanted: Int? = nil) throws -> Int? {
    let base = choices.count
    defer { choices.removeLast(choices.count - base) }
    var (instruction, position) = (first, start)
    while true {
      steps += 1
      guard steps < mostSteps else { throw RegexError(reason: "it needs too many steps on a text") }
      var matches = true
      switch program.instructions[instruction] {
      case .accept:
        guard let wanted, position != wanted else { return position }
        matches = false
      case .set(let set):
        matches = position < text.count && program.sets[set].contains(text[position])
        position += 1
        instruction += 1
      case .run(let set, let least, let most, let possessive):
        matches = takeRun(set, least, most, possessive, after: instruction + 1, &position)
        instruction += 1
      case .split(let one, let other):
        choices.append(Choice(instruction: other, position: position, least: position))
        instruction = one
      case .jump(let target): instruction = target
      case .look(let negative, let end):
        matches = (try run(instruction + 1, at: position) != nil) != negative
        instruction = end
      case .lookBehind(let negative, let back, let end):
        matches = try stands(behind: position, instruction + 1, back) != negative
        instruction = end
      case .passBegins(let loop):
        choices.append(Choice(instruction: -1 - loop, position: position, least: position))
        instruction += 1
      case .passEnds(let loop, let exit):
        let begin = choices.lastIndex { $0.instruction == -1 - loop }
        // Choices of the pass lie above its mark: looking for it is work too.
        steps += (choices.count - (begin ?? 0)) / 8
        instruction = begin.map { choices[$0].position } == position ? exit : instruction + 1
      case .atomic(let end):
        if let found = try run(instruction + 1, at: position) {
          position = found
        } else {
          matches = false
        }
        instruction = end
      case .anchor(let anchor):
        matches = holds(anchor, at: position)
        instruction += 1
      }
      if matches { continue }
      // Marks of loops are no choices.
      while choices.count > base, let last = choices.last, last.instruction < 0 { choices.removeLast() }
      guard choices.count > base, let choice = choices.last else { return nil }
      (instruction, position) = (choice.instruction, choice.position)
      if position > choice.least { choices[choices.count - 1].position -= 1 } else { choices.removeLast() }
    }
  }

  private mutating func stands(behind position: Int, _ first: Int, _ back: ClosedRange<Int>) throws -> Bool {
    var distance = back.lowerBound
    while distance <= min(back.upperBound, position) {
      if try run(first, at: position - distance, endingAt: position) != nil { return true }
      distance += 1
    }
    return false
  }

  private mutating func takeRun(
    _ set: Int, _ least: Int, _ most: Int, _ possessive: Bool, after: Int, _ position: inout Int
  ) -> Bool {
    let start = position
    let end = most < text.count - start ? start + most : text.count
    let set = program.sets[set]
    while position < end, set.contains(text[position]) { position += 1 }
    let taken = position - start
    guard taken >= least else { return false }
    if taken > least, !possessive {
      choices.append(Choice(instruction: after, position: position - 1, least: start + least))
    }
    steps += taken / 8
    return true
  }

  private func holds(_ anchor: RegexNode.Anchor, at position: Int) -> Bool {
    let atEnd = position == text.count
    switch anchor {
    case .textStart: return position == 0
    case .textEnd: return atEnd
    case .textEndOrNewline: return atEnd || (position == text.count - 1 && text[position] == "\n")
    case .lineStart: return position == 0 || (text[position - 1] == "\n" && !atEnd)
    case .lineEnd: return atEnd || text[position] == "\n"
    case .boundary, .noBoundary:
      let before = position > 0 && UnicodeVersions.isRegexWord(text[position - 1])
      let after = !atEnd && UnicodeVersions.isRegexWord(text[position])
      return (before != after) == (anchor == .boundary)
    }
  }
}
