/// The interface's words: what renderers add to a document's own text. One value per language.
public struct Labels: Sendable, Equatable {
  /// The link over the menu, for keyboards and screen readers.
  public var skipToContent: String
  /// The heading of the table of contents.
  public var contents: String
  /// The word before the number of a figure.
  public var figure: String
  /// Introduces a figure's text alternative.
  public var inWords: String
  /// What opens the numbers behind a figure.
  public var data: String
  /// The first words of a notice of a gap.
  public var missing: String
  /// The first words of a notice of an approximation.
  public var approximate: String
  /// The first words of a notice of a refusal.
  public var refused: String
  /// The first words of any other notice.
  public var note: String
  /// Names the scrolling region of a provider's table.
  public var providerTable: String
  /// Names what is outlined in a heat map.
  public var outlined: String
  /// A token strip's legend, before the unit in brackets.
  public var tokenLegend: String
  /// A token strip's legend, before the largest value.
  public var largest: String
  /// A graph's legend for negative values.
  public var graphLowers: String
  /// A graph's legend for positive values.
  public var graphRaises: String
  /// A graph's legend, before the largest value.
  public var graphWidest: String

  /// English.
  public static let english = Labels(
    skipToContent: "Skip to the content", contents: "Contents", figure: "Figure", inWords: "In words.",
    data: "Numbers of this figure", missing: "Missing.", approximate: "Approximate.", refused: "Not reported.",
    note: "Note.", providerTable: "Table of the provider's statement", outlined: "outlined: in the circuit",
    tokenLegend: "orange raises, blue lowers the decision value", largest: "largest:",
    graphLowers: "replacing it lowers the decision value", graphRaises: "replacing it raises the decision value",
    graphWidest: "the widest line:")

  /// The word that opens a notice.
  func notice(_ kind: Block.NoticeKind) -> String {
    switch kind {
    case .missing: missing
    case .approximate: approximate
    case .refused: refused
    case .note: note
    }
  }
}
