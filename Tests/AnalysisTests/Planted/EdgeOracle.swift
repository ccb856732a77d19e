import Foundation

@testable import Analysis

/// A GPT-2 in double precision, written from the definition and sharing nothing with the engine, in which every edge can be
/// patched: each receiver's input is the sum of what the senders before it wrote, and a patched edge carries what its sender
/// wrote in the counterfactual run.
struct EdgeOracle {
  /// `[positions, columns]`, row after row.
  private typealias Rows = [Double]

  /// What each sender added to the stream, by position. Biases of output projections belong to no sender.
  private struct Sent {
    var embedding: Rows = []
    var heads: [Node: Rows] = [:]
    var mlps: [Int: Rows] = [:]

    func rows(_ sender: Sender) -> Rows? {
      switch sender {
      case .embedding: embedding
      case .node(.mlp(let layer)): mlps[layer]
      case .node(let head): heads[head]
      }
    }
  }

  let file: GPT2File
  private let weights: [String: [Double]]

  init(_ file: GPT2File) {
    self.file = file
    weights = file.all.mapValues { $0.map(Double.init) }
  }

  /// Every edge of the graph, by its definition: each sender to each input after it.
  var edges: [Edge] {
    var senders: [Sender] = [.embedding]
    var result: [Edge] = []
    for layer in 0..<file.layers {
      for head in 0..<file.heads {
        for sender in senders {
          let inputs: [Receiver] = [
            .query(layer: layer, head: head), .key(layer: layer, head: head), .value(layer: layer, head: head),
          ]
          result += inputs.map { Edge(sender, $0) }
        }
      }
      senders += (0..<file.heads).map { .node(.head(layer: layer, head: $0)) }
      result += senders.map { Edge($0, .mlp(layer: layer)) }
      senders.append(.node(.mlp(layer: layer)))
    }
    return result + senders.map { Edge($0, .logits) }
  }

  /// The logits at the last position of the clean run with edges patched.
  func logits(_ pair: PlantedPair, patching patched: Set<Edge> = []) -> [Double] {
    let counterfactual = run(pair.counterfactual, patched: [], other: nil)
    return run(pair.clean, patched: patched, other: counterfactual.sent).logits
  }

  /// The decision value of the clean run with edges patched.
  func value(_ pair: PlantedPair, patching patched: Set<Edge> = []) -> Double {
    let logits = logits(pair, patching: patched)
    return logits[pair.positive] - logits[pair.negative]
  }

  private func run(_ ids: [Int], patched: Set<Edge>, other: Sent?) -> (sent: Sent, logits: [Double]) {
    let (width, count) = (file.width, ids.count)
    var sent = Sent()
    for (position, id) in ids.enumerated() {
      for i in 0..<width {
        sent.embedding.append(weight("wte.weight")[id * width + i] + weight("wpe.weight")[position * width + i])
      }
    }
    // The stream that a receiver without patched edges finds.
    var stream = sent.embedding

    func input(_ receiver: Receiver) -> Rows {
      var rows = stream
      for edge in patched where edge.receiver == receiver {
        guard let other, let own = sent.rows(edge.sender), let there = other.rows(edge.sender) else { continue }
        for i in rows.indices { rows[i] += there[i] - own[i] }
      }
      return rows
    }

    for layer in 0..<file.layers {
      let name = "h.\(layer)."
      let outputs = weight(name + "attn.c_proj.weight")
      for head in 0..<file.heads {
        let node = Node.head(layer: layer, head: head)
        let inputs: [Receiver] = [
          .query(layer: layer, head: head), .key(layer: layer, head: head), .value(layer: layer, head: head),
        ]
        let parts = inputs.enumerated().map { part, receiver in
          let first = part * width + head * headWidth
          return map(norm(input(receiver), name + "ln_1"), name + "attn.c_attn", first..<first + headWidth)
        }
        let z = attend(parts[0], parts[1], parts[2], count)
        let rows = Array(outputs[head * headWidth * width..<(head + 1) * headWidth * width])
        sent.heads[node] = product(z, rows, headWidth, 0..<width, of: width)
      }
      for head in 0..<file.heads {
        if let rows = sent.heads[.head(layer: layer, head: head)] { add(rows, to: &stream) }
      }
      let bias = weight(name + "attn.c_proj.bias")
      for i in stream.indices { stream[i] += bias[i % width] }
      let hidden = map(norm(input(.mlp(layer: layer)), name + "ln_2"), name + "mlp.c_fc", 0..<file.hidden)
      let out = map(hidden.map { max(0, $0) }, name + "mlp.c_proj", 0..<width)
      sent.mlps[layer] = out
      add(out, to: &stream)
    }
    let final = norm(input(.logits), "ln_f").suffix(width)
    let unembedding = weight("lm_head.weight")
    return (
      sent, (0..<file.vocabulary).map { id in zip(final, unembedding[(id * width)...]).reduce(0) { $0 + $1.0 * $1.1 } }
    )
  }

  // MARK: Arithmetic

  private var headWidth: Int { file.width / file.heads }

  private func weight(_ name: String) -> [Double] { weights[name] ?? [] }

  private func add(_ rows: Rows, to sum: inout Rows) { for i in sum.indices { sum[i] += rows[i] } }

  private func norm(_ rows: Rows, _ name: String) -> Rows {
    let (gain, bias, n) = (weight(name + ".weight"), weight(name + ".bias"), file.width)
    var result = rows
    for start in stride(from: 0, to: rows.count, by: n) {
      var (mean, square) = (0.0, 0.0)
      for i in 0..<n { mean += rows[start + i] / Double(n) }
      for i in 0..<n { square += (rows[start + i] - mean) * (rows[start + i] - mean) }
      let deviation = (square / Double(n) + 1e-5).squareRoot()
      for i in 0..<n { result[start + i] = (rows[start + i] - mean) / deviation * gain[i] + bias[i] }
    }
    return result
  }

  /// Some columns of rows·W + b.
  private func map(_ rows: Rows, _ name: String, _ columns: Range<Int>) -> Rows {
    let bias = weight(name + ".bias")
    let matrix = weight(name + ".weight")
    var result = product(rows, matrix, matrix.count / bias.count, columns, of: bias.count)
    for i in result.indices { result[i] += bias[columns.lowerBound + i % columns.count] }
    return result
  }

  /// Some columns of rows·W, W of `[inputs, outputs]`. Through pointers: as arrays this takes minutes in a debug build.
  private func product(_ rows: Rows, _ matrix: [Double], _ inputs: Int, _ columns: Range<Int>, of outputs: Int) -> Rows
  {
    let count = rows.count / inputs
    return Rows(unsafeUninitializedCapacity: count * columns.count) { result, size in
      rows.withUnsafeBufferPointer { rows in
        matrix.withUnsafeBufferPointer { matrix in
          var next = 0
          while next < count * columns.count {
            let row = next / columns.count * inputs
            var (sum, i, at) = (0.0, 0, columns.lowerBound + next % columns.count)
            while i < inputs {
              sum += rows[row + i] * matrix[at]
              i += 1
              at += outputs
            }
            result[next] = sum
            next += 1
          }
        }
      }
      size = count * columns.count
    }
  }

  private func attend(_ query: Rows, _ key: Rows, _ value: Rows, _ count: Int) -> Rows {
    var result = Rows(repeating: 0, count: count * headWidth)
    for position in 0..<count {
      let scores = (0...position).map { seen in
        (0..<headWidth).reduce(0.0) { $0 + query[position * headWidth + $1] * key[seen * headWidth + $1] }
          / Double(headWidth).squareRoot()
      }
      let most = scores.max() ?? 0
      let weights = scores.map { exp($0 - most) }
      let total = weights.reduce(0, +)
      for (seen, weight) in weights.enumerated() {
        for i in 0..<headWidth { result[position * headWidth + i] += weight / total * value[seen * headWidth + i] }
      }
    }
    return result
  }
}
