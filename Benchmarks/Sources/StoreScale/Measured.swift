import Foundation

/// What was measured at one size of the store, in the order of measuring.
struct Measured {
  let records: Int
  private var names: [String] = []
  private var values: [String: Double] = [:]

  init(records: Int) { self.records = records }

  subscript(name: String) -> Double? {
    get { values[name] }
    set {
      if values[name] == nil { names.append(name) }
      values[name] = newValue
    }
  }

  /// All values in one line.
  var line: String { names.map { "\($0) \(Self.text(values[$0] ?? .nan))" }.joined(separator: "; ") }

  /// A Markdown table, one column for each size.
  static func table(_ rows: [Measured]) -> String {
    var lines = [
      "| records | " + rows.map { "\($0.records)" }.joined(separator: " | ") + " |",
      "|---|" + rows.map { _ in "---:|" }.joined(),
    ]
    for name in rows.first?.names ?? [] {
      lines.append("| \(name) | " + rows.map { text($0[name] ?? .nan) }.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ value: Double) -> String {
    value >= 100 ? String(format: "%.0f", value) : String(format: "%.2f", value)
  }
}
