/// A component of the computational graph whose activation can be replaced: an attention head or an MLP.
///
/// Written `L2H1` (layer 2, head 1) and `MLP2`, both counted from 0, in records and in print.
public enum Node: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// An attention head's output before the output projection, `z(l,h)`.
  case head(layer: Int, head: Int)
  /// An MLP's output, `mlp_out(l)`.
  case mlp(layer: Int)

  /// The layer, from 0.
  public var layer: Int {
    switch self {
    case .head(let layer, _): layer
    case .mlp(let layer): layer
    }
  }

  /// Whether this is an attention head.
  public var isHead: Bool {
    if case .head = self { true } else { false }
  }

  /// `L2H1` or `MLP2`.
  public var description: String {
    switch self {
    case .head(let layer, let head): "L\(layer)H\(head)"
    case .mlp(let layer): "MLP\(layer)"
    }
  }

  /// Reads the printed form back.
  /// - Parameter description: `L2H1` or `MLP2`.
  public init?(_ description: String) {
    if description.hasPrefix("MLP"), let layer = Int(description.dropFirst(3)), layer >= 0 {
      self = .mlp(layer: layer)
      return
    }
    let parts = description.dropFirst().split(separator: "H", omittingEmptySubsequences: false)
    guard description.hasPrefix("L"), parts.count == 2, let layer = Int(parts[0]), let head = Int(parts[1]),
      layer >= 0, head >= 0
    else { return nil }
    self = .head(layer: layer, head: head)
  }

  /// By layer; within a layer the heads in order, then the MLP.
  public static func < (left: Node, right: Node) -> Bool {
    func key(_ node: Node) -> (Int, Int) {
      switch node {
      case .head(let layer, let head): (layer, head)
      case .mlp(let layer): (layer, .max)
      }
    }
    return key(left) < key(right)
  }
}

extension Node: CodedAsPrinted {
  /// What a text should be.
  public static let printed = "a node such as L2H1 or MLP2"
}

/// A value that is coded as the text that it prints.
public protocol CodedAsPrinted: Codable, LosslessStringConvertible {
  /// What a text should be, for the error where it is something else: `a node such as L2H1`.
  static var printed: String { get }
}

extension CodedAsPrinted {
  /// Reads the printed form.
  /// - Throws: `DecodingError.dataCorrupted` if the text is none.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not \(Self.printed)"))
    }
    self = value
  }

  /// Writes the printed form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
