import Analysis

/// A sentence that claims something, with its standing and its source.
struct Sentence {
  /// The sentence as printed, its run linked.
  var inlines: [Inline]
  /// What the evidence allows to say.
  var standing: Finding.Standing
  /// The run's full identifier.
  var run: String?
  /// The finding's id.
  var finding: String?

  /// The sentence with its standing in front.
  func badged(_ text: InterfaceText) -> [Inline] { [.badge(text.badge(standing)), .text(" ")] + inlines }

  /// The sentence as data.
  var claim: Dossier.Claim {
    Dossier.Claim(text: inlines.plainText, standing: standing, run: run, finding: finding)
  }
}

extension [Inline] {
  /// The words alone.
  var plainText: String {
    map { inline in
      switch inline {
      case .text(let text), .attributed(let text), .foreign(let text), .strong(let text), .code(let text),
        .link(let text, _):
        text
      case .badge(let badge): badge.text
      case .anchor: ""
      }
    }.joined()
  }
}
