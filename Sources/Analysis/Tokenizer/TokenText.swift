/// A text as a key, of a token or of JSON: equal only if its bytes are.
///
/// `String` compares by canonical equivalence, which would merge tokens that differ only in how an accent is written.
struct TokenText: Hashable, Sendable, ExpressibleByStringLiteral {
  let text: String

  init(_ text: String) { self.text = text }

  init(stringLiteral text: String) { self.text = text }

  init<Scalars: Sequence<Unicode.Scalar>>(scalars: Scalars) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    text = String(view)
  }

  static func == (left: TokenText, right: TokenText) -> Bool {
    left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
