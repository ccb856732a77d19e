/// What writes to the residual stream: the embedding, a head, or an MLP. Biases of output projections belong to none.
public enum Sender: Hashable, Sendable {
  /// The input embedding, positions included.
  case embedding
  /// A head's z times its rows of W_O, or an MLP's output.
  case node(Node)
}

/// What reads the residual stream, each with an input of its own. Where heads share keys and values, so do their inputs.
public enum Receiver: Hashable, Sendable {
  /// The query input of a head.
  case query(layer: Int, head: Int)
  /// The key input of a key/value head.
  case key(layer: Int, head: Int)
  /// The value input of a key/value head.
  case value(layer: Int, head: Int)
  /// The input of an MLP.
  case mlp(layer: Int)
  /// The input of the final norm.
  case logits
}

/// An edge of the computational graph: what one sender adds to one receiver's input.
///
/// Written `L0H1>L1H2.q`: sender, receiver. The embedding is `embed`, the decision `logits`, an MLP `MLP2`.
public struct Edge: Hashable, Sendable {
  /// Who writes.
  public var sender: Sender
  /// Who reads.
  public var receiver: Receiver

  /// An edge from its two ends.
  public init(_ sender: Sender, _ receiver: Receiver) {
    self.sender = sender
    self.receiver = receiver
  }
}

extension Sender: CustomStringConvertible, Comparable {
  /// `embed`, `L2H1` or `MLP2`.
  public var description: String {
    switch self {
    case .embedding: "embed"
    case .node(let node): node.description
    }
  }

  /// Reads the printed form back.
  public init?(_ description: String) {
    if description == "embed" {
      self = .embedding
    } else if let node = Node(description) {
      self = .node(node)
    } else {
      return nil
    }
  }

  /// In order of computation.
  public static func < (left: Sender, right: Sender) -> Bool {
    switch (left, right) {
    case (_, .embedding): false
    case (.embedding, .node): true
    case (.node(let a), .node(let b)): a < b
    }
  }
}

extension Receiver: CodedAsPrinted {
  /// What a text should be.
  public static let printed = "an input such as L1H2.q"

  /// `L2H1.q`, `L2H1.k`, `L2H1.v`, `MLP2` or `logits`.
  public var description: String {
    switch self {
    case .query(let layer, let head): "L\(layer)H\(head).q"
    case .key(let layer, let head): "L\(layer)H\(head).k"
    case .value(let layer, let head): "L\(layer)H\(head).v"
    case .mlp(let layer): "MLP\(layer)"
    case .logits: "logits"
    }
  }

  /// Reads the printed form back.
  public init?(_ description: String) {
    if description == "logits" {
      self = .logits
      return
    }
    let parts = description.split(separator: ".", omittingEmptySubsequences: false)
    guard let node = parts.first.flatMap({ Node(String($0)) }) else { return nil }
    switch (node, parts.count == 2 ? parts[1] : "") {
    case (.mlp(let layer), "") where parts.count == 1: self = .mlp(layer: layer)
    case (.head(let layer, let head), "q"): self = .query(layer: layer, head: head)
    case (.head(let layer, let head), "k"): self = .key(layer: layer, head: head)
    case (.head(let layer, let head), "v"): self = .value(layer: layer, head: head)
    default: return nil
    }
  }
}

extension Edge: CodedAsPrinted {
  /// What a text should be.
  public static let printed = "an edge such as L0H1>L1H2.q"

  /// `L0H1>L1H2.q`.
  public var description: String { "\(sender)>\(receiver)" }

  /// Reads the printed form back.
  public init?(_ description: String) {
    let parts = description.split(separator: ">", omittingEmptySubsequences: false)
    guard parts.count == 2, let sender = Sender(String(parts[0])), let receiver = Receiver(String(parts[1])) else {
      return nil
    }
    self.init(sender, receiver)
  }
}
