/// Classes and what stands for a set of characters.
extension RegexParser {
  /// What follows a backslash, inside or outside a class.
  mutating func escapedSet(inClass: Bool) throws -> RegexSet {
    guard let scalar = take() else { throw RegexError(reason: "it ends in a backslash") }
    switch scalar {
    case "s": return .whiteSpace
    case "S": return .not(.whiteSpace)
    case "d": return .digit
    case "D": return .not(.digit)
    // Outside brackets Oniguruma looks the first 256 characters up in a table of its own.
    case "w": return inClass ? .word : .wordOutsideBrackets
    case "W": return .not(inClass ? .word : .wordOutsideBrackets)
    case "h": return .hexadecimalDigit
    case "H": return .not(.hexadecimalDigit)
    case "p", "P":
      // Without a brace it is the letter.
      return next == "{" ? try property(negated: scalar == "P", inClass: inClass) : .scalar(scalar)
    case "n": return .scalar("\n")
    case "r": return .scalar("\r")
    case "t": return .scalar("\t")
    case "f": return .scalar("\u{0C}")
    case "v": return .scalar("\u{0B}")
    case "a": return .scalar("\u{07}")
    case "e": return .scalar("\u{1B}")
    case "u": return .scalar(try hexadecimal(digits: 4))
    case "x":
      if take("{") {
        let scalar = try hexadecimal(digits: nil)
        guard take("}") else { throw RegexError(reason: "a '}' is missing") }
        return .scalar(scalar)
      }
      return .scalar(try hexadecimal(digits: 2))
    // Letters without a meaning stand for themselves; in a class so do those of what is no set.
    case "i", "j", "l", "m", "o", "q", "E", "F", "I", "J", "L", "Q", "T", "U", "V": return .scalar(scalar)
    case "R", "N", "X", "O", "A", "B", "G", "K", "Y", "Z", "k", "g", "y", "z":
      guard inClass else { throw RegexError(reason: "the escape \\\(scalar)") }
      return .scalar(scalar)
    case "a"..."z", "A"..."Z", "0"..."9": throw RegexError(reason: "the escape \\\(scalar)")
    default: return .scalar(scalar)
    }
  }

  private mutating func hexadecimal(digits: Int?) throws -> Unicode.Scalar {
    var value: UInt32 = 0
    var count = 0
    while count < digits ?? 8, let scalar = next, let digit = Character(scalar).hexDigitValue, scalar.isASCII {
      value = value << 4 | UInt32(digit)
      count += 1
      position += 1
    }
    guard count == digits ?? count, count > 0, let scalar = Unicode.Scalar(value), digits != 2 || value < 0x80 else {
      throw RegexError(reason: "a character number that the engine does not read")
    }
    return scalar
  }

  private mutating func property(negated: Bool, inClass: Bool) throws -> RegexSet {
    guard take("{") else { throw RegexError(reason: "\\p without a name") }
    var negated = negated
    if take("^") { negated.toggle() }
    var name = ""
    while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
    guard let set = RegexSet.property(name, inClass: inClass) else {
      throw RegexError(reason: "the property \\p{\(name)}")
    }
    return negated ? .not(set) : set
  }

  /// A class, after its `[`; without regard to case it may also match the letters that a ligature in it stands for.
  mutating func classNode() throws -> RegexNode {
    let (set, negated) = try characterClass()
    guard options.ignoresCase else { return .set(negated ? .not(set) : set) }
    if negated { return .set(.not(.ignoringCase(set))) }
    let ligatures = CaseFolding.ligatures.filter { set.contains($0) }
    guard !ligatures.isEmpty else { return .set(.ignoringCase(set)) }
    return .alternatives([.set(.ignoringCase(set))] + ligatures.map { .sequence(CaseFolding.letters(of: $0)) })
  }

  /// A class, after its `[`.
  private mutating func characterClass() throws -> (set: RegexSet, negated: Bool) {
    depth += 1
    defer { depth -= 1 }
    guard depth < 50 else { throw RegexError(reason: "classes are nested too deeply") }
    let negated = take("^")
    var items: [RegexSet] = []
    var left: RegexSet?
    var isFirst = true
    while let scalar = take() {
      if scalar == "]", isFirst {
        // A bracket that comes first stands for itself where another one closes the class.
        guard closesLater() else { throw RegexError(reason: "an empty class") }
        items.append(.scalar(scalar))
      } else if scalar == "]" {
        let right = RegexSet.any(items)
        return (left.map { .both($0, right) } ?? right, negated)
      } else if scalar == "&", take("&") {
        let right = RegexSet.any(items)
        left = left.map { .both($0, right) } ?? right
        items = []
      } else {
        items.append(try classItem(scalar))
      }
      isFirst = false
    }
    throw RegexError(reason: "a ']' is missing")
  }

  private func closesLater() -> Bool { pattern[min(position, pattern.count)...].contains("]") }

  private mutating func classItem(_ scalar: Unicode.Scalar) throws -> RegexSet {
    if scalar == "[" {
      if take(":") { return try posixClass() }
      let (set, negated) = try characterClass()
      return negated ? .not(set) : set
    }
    let first = scalar == "\\" ? try classEscape() : .scalar(scalar)
    guard next == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else { return first }
    guard case .range(let low) = first, low.count == 1 else {
      // [\d-x]: the hyphen stands for itself.
      throw RegexError(reason: "a range that begins with a class")
    }
    position += 1
    guard let end = take(), end != "[" else { throw RegexError(reason: "a range that ends in a class") }
    let last = end == "\\" ? try classEscape() : .scalar(end)
    guard case .range(let high) = last, high.count == 1, low.lowerBound <= high.lowerBound else {
      throw RegexError(reason: "a range that runs backwards or ends in a class")
    }
    return .range(low.lowerBound...high.lowerBound)
  }

  private mutating func classEscape() throws -> RegexSet {
    // In a class \b is the backspace.
    if take("b") { return .scalar("\u{08}") }
    return try escapedSet(inClass: true)
  }

  /// `[:alpha:]`, after its `[:`.
  private mutating func posixClass() throws -> RegexSet {
    let negated = take("^")
    var name = ""
    while let scalar = next, scalar != ":" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take(":]"), let set = RegexSet.posix(name) else { throw RegexError(reason: "the class [:\(name):]") }
    return negated ? .not(set) : set
  }
}
