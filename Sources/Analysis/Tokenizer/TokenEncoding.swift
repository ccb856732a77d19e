/// What a model reads of a prompt: token ids, and beside each its type and whether the tokenizer put it there.
///
/// All lists have one entry per token, in order.
public struct TokenEncoding: Sendable, Equatable {
  /// Token ids, `[tokens]` (`input_ids`).
  public private(set) var ids: [Int]
  /// Types, `[tokens]` (`token_type_ids`): which embedding of the kind of text a model adds that has them, usually 0 for the first text
  /// and 1 for the second.
  public private(set) var typeIDs: [Int]
  /// Whether the token belongs to no text, but was put around or between them, `[tokens]` (`special_tokens_mask`). A special token that
  /// stands in a text itself is part of that.
  public private(set) var isSpecial: [Bool]

  /// How many tokens there are.
  public var count: Int { ids.count }

  /// Tokens of one type, all of a text or all put there.
  public init(_ ids: [Int] = [], typeID: Int = 0, isSpecial: Bool = false) {
    self.ids = ids
    typeIDs = Array(repeating: typeID, count: ids.count)
    self.isSpecial = Array(repeating: isSpecial, count: ids.count)
  }

  /// One after the other.
  public static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.ids += right.ids
    sum.typeIDs += right.typeIDs
    sum.isSpecial += right.isSpecial
    return sum
  }

  /// The same tokens, all taken for a text's.
  var asText: Self {
    var copy = self
    copy.isSpecial = Array(repeating: false, count: count)
    return copy
  }

  /// The same tokens, all of one type.
  public func with(typeID: Int) -> Self {
    var copy = self
    copy.typeIDs = Array(repeating: typeID, count: count)
    return copy
  }
}
