import Foundation

/// Checks a JSON value against a JSON Schema (draft 2020-12), for the keywords that our schemas use. Any other keyword is an
/// error, so that a schema cannot ask for what is not checked.
struct Schema {
  private static let notes: Set<String> = ["$schema", "$id", "title", "description", "$defs"]
  private static let checked: Set<String> = [
    "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern", "minimum",
    "maximum", "minItems", "maxItems", "minLength", "anyOf",
    "oneOf",
  ]

  let root: JSON

  /// A published schema.
  init(_ name: some StringProtocol) throws {
    let url = Program.repository.appendingPathComponent("Templates/schemas/\(name).schema.json")
    root = try JSON(String(contentsOf: url, encoding: .utf8))
  }

  init(root: JSON) { self.root = root }

  /// What is wrong with a value, each with its place; empty if it is valid.
  func problems(of value: JSON) -> [String] { problems(value, root, "$") }

  private func problems(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
    if case .bool(let allowed) = schema { return allowed ? [] : ["\(place): not allowed"] }
    guard let rules = schema.object else {
      return ["\(place): the schema there is neither an object nor a truth value"]
    }
    return rules.sorted { $0.key < $1.key }.flatMap { keyword, rule -> [String] in
      if Self.notes.contains(keyword) { return [] }
      guard Self.checked.contains(keyword) else { return ["\(place): keyword '\(keyword)' is not checked"] }
      return problems(value, keyword, rule, rules, place)
    }
  }

  private func problems(
    _ value: JSON, _ keyword: String, _ rule: JSON, _ rules: [String: JSON], _ place: String
  ) -> [String] {
    switch keyword {
    case "$ref": return problems(value, by: rule.string ?? "", place)
    case "anyOf":
      let attempts = (rule.array ?? []).map { problems(value, $0, place) }
      return attempts.contains([]) ? [] : ["\(place): fits none of anyOf"] + attempts.joined()
    case "oneOf":
      let fitting = (rule.array ?? []).count { problems(value, $0, place).isEmpty }
      return fitting == 1 ? [] : ["\(place): fits \(fitting) of oneOf"]
    case "properties", "required", "additionalProperties": return object(value, keyword, rule, rules, place)
    case "items", "minItems", "maxItems": return array(value, keyword, rule, place)
    default: return scalar(value, keyword, rule) ? [] : ["\(place): \(value) does not fit \(keyword) \(rule)"]
    }
  }

  /// What is wrong by a definition of this schema (`#/$defs/…`), or of the one in a file beside it (`run.schema.json#/$defs/…`).
  private func problems(_ value: JSON, by reference: String, _ place: String) -> [String] {
    let parts = reference.split(separator: "/")
    let file = parts.first.map { $0.dropLast() } ?? ""
    guard parts.first?.last == "#",
      let schema = file.isEmpty ? self : try? Schema(file.replacing(".schema.json", with: "")),
      let definition = parts.dropFirst().reduce(JSON?.some(schema.root), { $0?[String($1)] })
    else { return ["\(place): no schema \(reference)"] }
    return schema.problems(value, definition, place)
  }

  private func object(
    _ value: JSON, _ keyword: String, _ rule: JSON, _ rules: [String: JSON], _ place: String
  ) -> [String] {
    guard let members = value.object else { return [] }
    switch keyword {
    case "required":
      return (rule.array ?? []).compactMap(\.string).filter { members[$0] == nil }.map { "\(place): no '\($0)'" }
    case "properties":
      return (rule.object ?? [:]).flatMap { name, schema in
        members[name].map { problems($0, schema, "\(place).\(name)") } ?? []
      }
    default:
      let known = rules["properties"]?.object ?? [:]
      return members.filter { known[$0.key] == nil }.flatMap { problems($0.value, rule, "\(place).\($0.key)") }
    }
  }

  private func array(_ value: JSON, _ keyword: String, _ rule: JSON, _ place: String) -> [String] {
    guard let items = value.array else { return [] }
    if keyword == "items" { return items.enumerated().flatMap { problems($1, rule, "\(place)[\($0)]") } }
    let limit = Int(rule.number ?? -1)
    let fits = keyword == "minItems" ? items.count >= limit : items.count <= limit
    return fits ? [] : ["\(place): \(items.count) items, \(keyword) \(limit)"]
  }

  private func scalar(_ value: JSON, _ keyword: String, _ rule: JSON) -> Bool {
    switch keyword {
    case "type": return (rule.array ?? [rule]).contains { Self.type(value, is: $0.string) }
    case "enum": return rule.array?.contains(value) == true
    case "const": return rule == value
    case "pattern":
      guard let text = value.string, let pattern = rule.string else { return true }
      return text.range(of: pattern, options: .regularExpression) != nil
    case "minLength": return value.string.map { Double($0.unicodeScalars.count) >= rule.number ?? .infinity } ?? true
    case "minimum": return value.number.map { $0 >= rule.number ?? .infinity } ?? true
    default: return value.number.map { $0 <= rule.number ?? -.infinity } ?? true
    }
  }

  private static func type(_ value: JSON, is name: String?) -> Bool {
    switch (value, name) {
    case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"): true
    case (.number, "number"): true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}
