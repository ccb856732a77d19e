/// The interface's words: what renderers add to a document's own text. One value per language.
public struct Labels: Sendable, Equatable {
  public var skipToContent: String
  public var contents: String
  public var figure: String
  /// Introduces a figure's text alternative.
  public var inWords: String
  public var data: String
  public var missing: String
  public var approximate: String
  public var refused: String
  public var note: String
  /// Names the scrolling region of a provider's table.
  public var providerTable: String
  /// Words of the heat map's legend.
  public var outlined: String

  /// English.
  public static let english = Labels(
    skipToContent: "Skip to the content", contents: "Contents", figure: "Figure", inWords: "In words.",
    data: "Numbers of this figure", missing: "Missing.", approximate: "Approximate.", refused: "Not reported.",
    note: "Note.", providerTable: "Table of the provider's statement", outlined: "outlined: in the circuit")

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
