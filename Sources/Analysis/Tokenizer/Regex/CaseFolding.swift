/// Letters without regard to case, as Oniguruma compares them: by full case folding, under which a ligature or `ß` is two or three letters.
enum CaseFolding {
  /// What a scalar folds to.
  static func key(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    switch scalar.value {
    // The dotted and the dotless i keep to themselves; only the first has a longer form.
    case 0x130: return ["i", "\u{307}"]
    case 0x131: return [scalar]
    case ..<0x80: return [("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar]
    default: break
    }
    guard UnicodeVersions.isAssigned(scalar, in: 16) else { return [scalar] }
    let upper = scalar.properties.lowercaseMapping.unicodeScalars.flatMap {
      $0.properties.uppercaseMapping.unicodeScalars
    }
    return upper.flatMap { $0.properties.lowercaseMapping.unicodeScalars }
  }

  /// Where scripts with two cases are.
  private static let ranges: [ClosedRange<UInt32>] = [
    0x41...0x5A, 0x61...0x7A, 0xB5...0x587, 0x10A0...0x10FF, 0x13A0...0x13FF, 0x1C80...0x1CBF, 0x1D79...0x1D8E,
    0x1E00...0x1FFF, 0x2126...0x2188,
    0x24B6...0x24E9, 0x2C00...0x2D2F, 0xA640...0xA69F, 0xA722...0xA7FF, 0xAB53...0xABBF, 0xFB00...0xFB17,
    0xFF21...0xFF5A,
    0x10400...0x104FF, 0x10570...0x105BF, 0x10C80...0x10CFF, 0x10D50...0x10D85, 0x118A0...0x118DF, 0x16E40...0x16E7F,
    0x1E900...0x1E943,
  ]

  /// The scalars that fold alike.
  private static let byKey: [[Unicode.Scalar]: [Unicode.Scalar]] = {
    var groups: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]
    for scalar in ranges.joined().compactMap(Unicode.Scalar.init) { groups[key(scalar), default: []].append(scalar) }
    return groups.filter { $0.value.count > 1 || $0.key.count > 1 }
  }()

  /// The scalars that stand for several letters.
  static let ligatures: [Unicode.Scalar] = byKey.filter { $0.key.count > 1 }.flatMap(\.value).sorted()

  /// The scalar and its other cases.
  static func cases(of scalar: Unicode.Scalar) -> [Unicode.Scalar] { byKey[key(scalar)] ?? [scalar] }

  private static func set(of key: [Unicode.Scalar]) -> RegexSet {
    .any((byKey[key] ?? key).map { RegexSet.scalar($0) })
  }

  /// What matches the letters that a scalar folds to, one by one.
  static func letters(of scalar: Unicode.Scalar) -> [RegexNode] { key(scalar).map { .set(set(of: [$0])) } }

  /// What matches letters that stand one after another.
  /// - Throws: `RegexError` if so many of them may be ligatures that the ways could not be counted up.
  static func nodes(of letters: [Unicode.Scalar]) throws -> [RegexNode] {
    let folded = letters.flatMap(key)
    var left = 12
    var nodes: [RegexNode] = []
    var start = 0
    while start < folded.count {
      // Letters that a ligature may stand for belong together; what follows them is the same either way.
      var (end, i) = (start + 1, start)
      while i < end {
        for length in 2...3 where isLigature(folded, at: i, length) {
          left -= 1
          guard left > 0 else {
            throw RegexError(reason: "letters without regard to case, many of which a ligature may stand for")
          }
          end = max(end, i + length)
        }
        i += 1
      }
      nodes += ways(Array(folded[start..<end]))
      start = end
    }
    return nodes
  }

  private static func isLigature(_ folded: [Unicode.Scalar], at i: Int, _ length: Int) -> Bool {
    i + length <= folded.count && byKey[Array(folded[i..<i + length])] != nil
  }

  /// What matches folded letters, each with the next ones as a ligature where there is one.
  private static func ways(_ folded: [Unicode.Scalar]) -> [RegexNode] {
    // From the end: what matches from each letter on.
    var after: [[RegexNode]] = Array(repeating: [], count: folded.count + 1)
    for i in folded.indices.reversed() {
      let ligatures = (2...3).filter { isLigature(folded, at: i, $0) }.map { length in
        RegexNode.sequence([.set(set(of: Array(folded[i..<i + length])))] + after[i + length])
      }
      let plain = [RegexNode.set(set(of: [folded[i]]))] + after[i + 1]
      after[i] = ligatures.isEmpty ? plain : [.alternatives([.sequence(plain)] + ligatures)]
    }
    return after[0]
  }
}
