/// A word for yes or no, as files write it.
enum TruthWord: Equatable {
  case yes, no

  /// Nil if the text is none.
  init?(_ text: String) {
    switch VisibleText.spelling(text) {
    case "yes", "y", "true", "t", "1", "1.0", "ja", "j", "oui", "o", "si", "s\u{ED}", "sim", "on": self = .yes
    case "no", "n", "false", "f", "0", "0.0", "nein", "non", "nao", "n\u{E3}o", "off": self = .no
    default: return nil
    }
  }
}
