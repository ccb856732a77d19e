import Foundation

extension Message {
  /// What stands for a placeholder in a wording.
  static let gap = " · "

  /// The texts that the message can print, one for each choice of plural forms, with `gap` for every value.
  var wordings: [String] { Self.wordings(parts) }

  private static func wordings(_ parts: [Part]) -> [String] {
    parts.reduce([""]) { heads, part in
      let tails: [String] =
        switch part {
        case .literal(let text): [text]
        case .argument, .number: [gap]
        case .plural(_, let branches): branches.flatMap { wordings($0.parts) }
        }
      // A text has one or two plurals; nobody needs a thousand wordings, and nobody can make a million here.
      return Array(heads.flatMap { head in tails.map { head + $0 } }.prefix(256))
    }
  }

  /// The placeholders that are printed whichever form a plural takes.
  var alwaysPrinted: Set<String> { Self.alwaysPrinted(parts) }

  private static func alwaysPrinted(_ parts: [Part]) -> Set<String> {
    parts.reduce(into: []) { names, part in
      switch part {
      case .literal: break
      case .argument(let name), .number(let name): names.insert(name)
      case .plural(_, let branches):
        guard let first = branches.first else { return }
        names.formUnion(
          branches.dropFirst().reduce(alwaysPrinted(first.parts)) { $0.intersection(alwaysPrinted($1.parts)) })
      }
    }
  }

  /// The literal pieces, each with whether a value stands right before and right after it.
  var literals: [(text: String, afterValue: Bool, beforeValue: Bool)] { Self.literals(parts) }

  private static func literals(_ parts: [Part]) -> [(text: String, afterValue: Bool, beforeValue: Bool)] {
    parts.enumerated().flatMap { index, part -> [(text: String, afterValue: Bool, beforeValue: Bool)] in
      switch part {
      case .literal(let text): [(text, index > 0, index + 1 < parts.count)]
      case .argument, .number: []
      case .plural(_, let branches): branches.flatMap { literals($0.parts) }
      }
    }
  }
}

extension String {
  /// Letters and their marks apart (Unicode normalization form D).
  var decomposed: String { decomposedStringWithCanonicalMapping }
}
