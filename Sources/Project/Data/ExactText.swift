/// A text that equals another only if its bytes do. Swift's `String` also holds texts equal that Unicode writes in two ways.
struct ExactText: Hashable {
  private let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The text itself.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
