/// A step that takes each row alone: what embeddings pass on their way into the first layer, and the residual stream on its way to
/// the logits.
enum RowStep: Sendable {
  case norm(Norm)
  case linear(Linear)
  case activation(Activation)

  /// `[rows, inputs]` → `[rows, outputs]`.
  func forward(_ x: Matrix) -> Matrix {
    switch self {
    case .norm(let norm):
      let y = Matrix(rows: x.rows, columns: x.columns, zeroed: false)
      norm.forward(rows: x.rows, x.pointer, into: y.pointer)
      return y
    case .linear(let linear):
      let y = Matrix(rows: x.rows, columns: linear.outputs, zeroed: false)
      linear.forward(rows: x.rows, x.pointer, into: y.pointer)
      return y
    case .activation(let activation):
      let y = Matrix(rows: x.rows, columns: x.columns, zeroed: false)
      activation.forward(count: x.rows * x.columns, x.pointer, into: y.pointer)
      return y
    }
  }

  /// dx of `forward` at x: `[rows, outputs]` → `[rows, inputs]`.
  func backward(at x: Matrix, _ dy: Matrix, rule: BackwardRule = .derivative) -> Matrix {
    switch self {
    case .norm(let norm):
      let dx = Matrix(rows: x.rows, columns: x.columns)
      norm.backward(rows: x.rows, at: x.pointer, dy.pointer, addingTo: dx.pointer, rule: rule)
      return dx
    case .linear(let linear):
      let dx = Matrix(rows: x.rows, columns: linear.inputs, zeroed: false)
      linear.backward(rows: x.rows, dy.pointer, into: dx.pointer)
      return dx
    case .activation(let activation):
      let dx = Matrix(rows: x.rows, columns: x.columns, zeroed: false)
      activation.backward(count: x.rows * x.columns, at: x.pointer, dy.pointer, into: dx.pointer, rule: rule)
      return dx
    }
  }
}

extension [RowStep] {
  /// All steps, one after the other: `[rows, inputs]` → `[rows, outputs]`; x itself if there are none.
  func forward(_ x: Matrix) -> Matrix { reduce(x) { $1.forward($0) } }

  /// dx of `forward` at x, which is computed again.
  func backward(at x: Matrix, _ dy: Matrix, rule: BackwardRule = .derivative) -> Matrix {
    var inputs: [Matrix] = []
    var value = x
    for step in self {
      inputs.append(value)
      value = step.forward(value)
    }
    return zip(self, inputs).reversed().reduce(dy) { $1.0.backward(at: $1.1, $0, rule: rule) }
  }

  /// Columns that come out where `width` go in.
  func outputs(_ width: Int) -> Int {
    reduce(width) { if case .linear(let linear) = $1 { linear.outputs } else { $0 } }
  }

  /// The linear maps among the steps.
  var maps: [Linear] { compactMap { if case .linear(let linear) = $0 { linear } else { nil } } }
}
