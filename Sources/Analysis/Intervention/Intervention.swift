/// A place where an activation can be read or replaced.
enum Site: Hashable, Sendable {
  /// The residual stream before a layer, `resid_pre(l)`; layer 0 is the input embedding.
  case residualPre(layer: Int)
  /// A head's output before the output projection, `z(l,h)`.
  case z(layer: Int, head: Int)
  /// The MLP's output, `mlp_out(l)`.
  case mlpOut(layer: Int)

  init(_ node: Node) {
    switch node {
    case .head(let layer, let head): self = .z(layer: layer, head: head)
    case .mlp(let layer): self = .mlpOut(layer: layer)
    }
  }

  /// Order of computation: by layer; within a layer residual stream, heads, MLP.
  var stage: Stage {
    switch self {
    case .residualPre(let layer): Stage(layer: layer, step: .residual)
    case .z(let layer, _): Stage(layer: layer, step: .heads)
    case .mlpOut(let layer): Stage(layer: layer, step: .mlp)
    }
  }
}

/// A moment of the forward pass.
struct Stage: Comparable, Hashable, Sendable {
  enum Step: Int, Sendable { case residual, heads, mlp }
  let layer: Int
  let step: Step

  static func < (left: Stage, right: Stage) -> Bool {
    (left.layer, left.step.rawValue) < (right.layer, right.step.rawValue)
  }
}

/// What an activation is replaced with. A replacement is a value or a pure function: nothing can be changed in place, so
/// a replacement that changes nothing is seen (`Sweep.Outcome.changed`).
enum Replacement: Sendable {
  /// The same site and positions in another run of as many tokens.
  case run(Trace, sequence: Int)
  /// Values, `[positions, width of the site]`.
  case values([Float])
  /// Takes the activation `[positions, width of the site]` and returns the new one.
  case transform(@Sendable ([Float]) -> [Float])
}

/// One replacement at one site, at all positions or some.
struct Intervention: Sendable {
  let site: Site
  /// Positions replaced; nil = all.
  let positions: Range<Int>?
  let replacement: Replacement

  init(_ site: Site, positions: Range<Int>? = nil, _ replacement: Replacement) {
    self.site = site
    self.positions = positions
    self.replacement = replacement
  }
}
