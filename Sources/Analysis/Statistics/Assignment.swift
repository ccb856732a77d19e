/// The linear assignment problem: pair rows with columns so that the sum of the pairs' costs is least.
enum Assignment {
  /// The column of each row in a least-cost assignment; nil for the rows left over when there are more rows than columns.
  ///
  /// The Hungarian method (Kuhn 1955) by shortest augmenting paths with dual prices (Jonker and Volgenant 1987): rows enter
  /// one at a time; each time a Dijkstra search over reduced costs finds the cheapest way to give every row so far a column.
  /// - Parameter costs: `[rows][columns]`, finite, all rows of one length.
  /// - Complexity: O(min(r, c)²·max(r, c)).
  static func least(_ costs: [[Double]]) -> [Int?] {
    guard let columns = costs.first?.count, columns > 0 else { return costs.map { _ in nil } }
    precondition(costs.allSatisfy { $0.count == columns && $0.allSatisfy(\.isFinite) }, "an uneven cost matrix")
    guard costs.count > columns else { return assign(costs, columns).map { $0 } }
    let transposed = (0..<columns).map { column in costs.map { $0[column] } }
    var result = [Int?](repeating: nil, count: costs.count)
    for (column, row) in assign(transposed, costs.count).enumerated() { result[row] = column }
    return result
  }

  /// The pairing with the largest sum of values, see `least`.
  static func greatest(_ values: [[Double]]) -> [Int?] { least(values.map { $0.map { -$0 } }) }

  /// - Precondition: no more rows than columns.
  private static func assign(_ costs: [[Double]], _ columns: Int) -> [Int] {
    var owner = [Int?](repeating: nil, count: columns)
    var place = [Int](repeating: -1, count: costs.count)
    var (rowPrice, columnPrice) = ([Double](repeating: 0, count: costs.count), [Double](repeating: 0, count: columns))
    for newcomer in costs.indices {
      var distance = [Double](repeating: .infinity, count: columns)
      var previous = [Int](repeating: newcomer, count: columns)
      var settled: [(column: Int, distance: Double)] = []
      var isSettled = [Bool](repeating: false, count: columns)
      var (row, reached) = (newcomer, 0.0)
      var free: Int?
      while free == nil {
        var nearest: Int?
        for column in 0..<columns where !isSettled[column] {
          let through = reached + costs[row][column] - rowPrice[row] - columnPrice[column]
          if through < distance[column] { (distance[column], previous[column]) = (through, row) }
          if nearest.map({ distance[column] < distance[$0] }) ?? true { nearest = column }
        }
        // There are as many columns as rows, so an unsettled one is left.
        guard let next = nearest else { preconditionFailure("more rows than columns") }
        reached = distance[next]
        isSettled[next] = true
        if let taken = owner[next] {
          settled.append((next, reached))
          row = taken
        } else {
          free = next
        }
      }
      // Prices keep every reduced cost at or above 0 and that of every pair at 0.
      rowPrice[newcomer] += reached
      for (column, distance) in settled {
        columnPrice[column] -= reached - distance
        if let taken = owner[column] { rowPrice[taken] += reached - distance }
      }
      var column = free
      while let current = column {
        let giver = previous[current]
        let before = place[giver]
        (owner[current], place[giver]) = (giver, current)
        column = giver == newcomer ? nil : before
      }
    }
    return place
  }
}
