/// Does one model's circuit explain another model? The faithfulness of each circuit on each model.
///
/// The diagonal is each circuit on the model it was found on. A circuit moves by node name: L2H1 is layer 2, head 1 in both.
public struct TransferMatrix: Codable, Sendable, Equatable {
  /// One circuit with the model it was found on.
  public struct Circuit: Codable, Sendable, Equatable {
    /// The model's name or version.
    public var model: String
    /// The circuit's nodes.
    public var nodes: [Node]
  }

  /// One circuit on one model.
  public struct Cell: Codable, Sendable, Equatable {
    /// The faithfulness (nil if the model does not have the circuit's nodes).
    public var faithfulness: Estimate?
    /// The nodes that the model does not have.
    public var missing: [Node]
  }

  /// What is measured, in words, e.g. `sufficiency`.
  public var measure: String
  /// The circuits, one per model.
  public var circuits: [Circuit]
  /// `cells[a][b]`: the circuit found on model a, measured on model b.
  public var cells: [[Cell]]

  /// Measures each circuit on each model.
  /// - Parameters:
  ///   - nodes: the nodes of each model, in the order of the circuits.
  ///   - faithfulness: of the nodes on the model with the given index; never asked for nodes the model does not have.
  /// - Precondition: as many lists of nodes as circuits.
  /// - Throws: what `faithfulness` throws.
  public static func measure(
    _ measure: String, circuits: [Circuit], nodes: [[Node]],
    faithfulness: (_ circuit: [Node], _ model: Int) throws -> Estimate
  ) rethrows -> TransferMatrix {
    precondition(circuits.count == nodes.count, "\(circuits.count) circuits on \(nodes.count) models")
    let models = nodes.map(Set.init)
    return TransferMatrix(
      measure: measure, circuits: circuits,
      cells: try circuits.map { circuit in
        try models.indices.map { model in
          let missing = circuit.nodes.filter { !models[model].contains($0) }
          return Cell(faithfulness: missing.isEmpty ? try faithfulness(circuit.nodes, model) : nil, missing: missing)
        }
      })
  }
}
