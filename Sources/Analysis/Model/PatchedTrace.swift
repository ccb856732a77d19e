/// A run in which some heads' z is replaced by another run's, everything computed again from there, with what those heads
/// would have given of themselves.
struct PatchedTrace {
  let trace: Trace
  /// z before the replacement, by layer: `[rows, queryWidth]`.
  let natural: [Matrix]
  /// The replaced heads.
  let heads: Set<Node>

  /// Runs a prompt with heads replaced.
  /// - Parameters:
  ///   - base: a run of the prompt; its input is used.
  ///   - other: a run of as many sequences and tokens whose z is taken.
  init(_ model: Transformer, base: Trace, replacing heads: Set<Node>, from other: Trace) {
    var natural: [Matrix] = []
    let headWidth = model.architecture.headWidth
    let trace = model.forward(base.input, length: base.length, decided: base.decided) { stage, z in
      guard stage.step == .heads else { return }
      let layer = stage.layer
      let before = Matrix(rows: z.rows, columns: z.columns, zeroed: false)
      before.copy(rows: z.rows, from: z.pointer, to: 0)
      natural.append(before)
      for case .head(layer, let head) in heads {
        for row in 0..<z.rows {
          (z.row(row) + head * headWidth).update(
            from: other.z[layer].row(row) + head * headWidth, count: headWidth)
        }
      }
    }
    self.trace = trace
    self.natural = natural
    self.heads = heads
  }
}

extension PairRun {
  /// First-order estimate, at a circuit, of how much giving a head back lowers |m(N) − m(C)|: everything outside the circuit is
  /// at its counterfactual value, and the head would return to what it computes there.
  /// - Parameters:
  ///   - circuit: heads that are not replaced.
  ///   - nodes: heads outside the circuit.
  /// - Complexity: one forward and one backward pass.
  func promises(at circuit: [Node], of nodes: [Node]) -> [Double] {
    let replaced = Set(model.nodes.filter(\.isHead)).subtracting(circuit)
    let patched = PatchedTrace(model, base: clean, replacing: replaced, from: counterfactual)
    let gradients = model.gradients(of: decision, patched.trace, frozen: replaced)
    let m = model.value(of: decision, patched.trace)
    let sign: Double = mClean >= m ? 1 : -1
    let headWidth = model.architecture.headWidth
    return nodes.map { node in
      guard case .head(let layer, let head) = node else { return 0 }
      var sum = 0.0
      for row in 0..<clean.rows {
        let (a, b) = (patched.trace.z[layer].row(row), patched.natural[layer].row(row))
        let slope = gradients.z[layer].row(row)
        for i in head * headWidth..<(head + 1) * headWidth { sum += (Double(b[i]) - Double(a[i])) * Double(slope[i]) }
      }
      return sign * sum
    }
  }
}
