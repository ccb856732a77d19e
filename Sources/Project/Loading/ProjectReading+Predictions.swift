import Analysis
import Evidence
import Foundation

/// The records of an evaluation that a prediction may be of.
struct PredictedRecords {
  let table: DataTable
  /// The records in use.
  let records: [Int]
  let template: PromptTemplate
  /// What label values mean, each declared.
  let rule: LabelRule
}

extension ProjectReading {
  private static let predictionKeys = ["file", "id", "score", "label", "tolerance", "version"]
  private static let predictionExample = "'predictions: {file: predictions.csv, id: applicant, score: probability}'"

  /// `evaluation › predictions`: what the provider's own serving system said, record by record.
  mutating func predictions(
    _ section: FileSection, _ known: PredictedRecords, models: [Project.ModelVersion]
  ) throws -> Project.Evaluation.Predictions? {
    guard let group = try section.section("predictions", allowed: Self.predictionKeys) else { return nil }
    let path = try group.requiredText("file", example: Self.predictionExample)
    let id = try group.requiredText("id", example: Self.predictionExample)
    guard group.entry("score") != nil || group.entry("label") != nil else {
      throw group.missing(
        "score", remedy: "name the column of scores, or under 'label' that of decisions, e.g. \(Self.predictionExample)"
      )
    }
    let version = try predictedVersion(group, models)
    let place = "\(file) line \(group.line(of: "file"))"
    let bytes = try DataTable.content(path: path, url: resolve(path), namedIn: place, by: "file")
    let table = try DataTable(path: path, bytes, namedIn: place)
    let reader = PredictionReader(group: group, table: table, id: id, known: known)
    try reader.checkColumn(id, key: "id")
    let score = try reader.scoreColumn()
    let label = try reader.labelColumn()
    let rows = try reader.rows()
    let scores = try score.map { try reader.scores($0.column, unit: $0.unit, rows: rows.used) }
    let decisions = try label.map { try reader.decisions($0, rows: rows.used) }
    let values = rows.used.enumerated().compactMap { place, row -> ProviderPredictions.Value? in
      let decision = decisions?[place]
      // A label that the rule leaves out is no decision.
      if decisions != nil, decision == .some(.none), scores == nil { return nil }
      return ProviderPredictions.Value(
        record: "record \(row.record + 1)", id: row.id, score: scores?[place], positive: decision ?? nil)
    }
    let tolerance =
      try group.number("tolerance", example: 0.0001, must: "be from 0 to 1") { (0...1).contains($0) }
      ?? ProviderPredictions.defaultTolerance
    return Project.Evaluation.Predictions(
      version: version,
      values: ProviderPredictions(
        file: path, sha256: try SHA256.digest(of: bytes).hex, id: id, score: score?.column, unit: score?.unit,
        label: label?.column, tolerance: tolerance, unused: rows.unused, values: values,
        template: known.template.taken))
  }

  /// Which version the serving system ran: the one that is named, or the only one that no other replaces.
  private func predictedVersion(_ group: FileSection, _ models: [Project.ModelVersion]) throws -> String {
    if let version = try group.text("version", example: "'version: \"1.0\"'") {
      guard models.contains(where: { $0.version == version }) else {
        throw group.error(
          .unknownValue, "'version' names '\(version)', which is no version under 'models',",
          line: group.line(of: "version"),
          remedy: NearestName.hint(version, among: models.map(\.version), kind: "versions"))
      }
      return version
    }
    let replaced = Set(models.compactMap(\.supersedes))
    let current = models.filter { !replaced.contains($0.version) }
    guard current.count <= 1 else {
      throw group.error(
        .missingKey, "missing key 'version'\(group.under): the predictions may be of \(Self.versions(current))",
        line: group.line,
        remedy: "add 'version: \"\(current.last?.version ?? "1.0")\"' with the version that the serving system ran")
    }
    return current.first?.version ?? models.last?.version ?? ""
  }

  private static func versions(_ models: [Project.ModelVersion]) -> String {
    models.map(\.version).joined(separator: " or ")
  }
}

extension PromptTemplate {
  /// The template as predictions keep it: literals and fields by turns.
  var taken: ProviderPredictions.Template {
    var literals = [""]
    var fields: [String] = []
    for part in parts {
      switch part {
      case .text(let text): literals[literals.count - 1] += text
      case .field(let name):
        fields.append(name)
        literals.append("")
      }
    }
    return ProviderPredictions.Template(literals: literals, fields: fields)
  }
}
