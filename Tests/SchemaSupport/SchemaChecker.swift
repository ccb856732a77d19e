public import Evidence
import Foundation
import Templates

/// Checks values against the part of JSON Schema (draft 2020-12) that Vitrine's schemas use, and remembers which
/// properties it met. A keyword that it does not know is an error, so that no schema says more than is checked.
public struct SchemaChecker {
  private let root: JSONValue
  /// Every `properties` entry that some value had, as a path in the schema.
  public private(set) var met: Set<String> = []
  /// What was wrong, each with its place.
  public private(set) var errors: [String] = []

  /// A schema as a value.
  public init(schema: JSONValue) { root = schema }

  /// A published schema, e.g. `run`.
  public init(_ name: String) throws { root = try Self.published("\(name).schema.json") }

  private static func published(_ file: String) throws -> JSONValue {
    try CanonicalJSON.parse(Data(contentsOf: Templates.url("schemas/\(file)")))
  }

  /// Checks one value; what is wrong is in `errors`.
  public mutating func check(_ value: JSONValue) { check(value, root, at: "#", value: "") }

  /// Every `properties` entry of the schema, as a path in it.
  public var declared: Set<String> {
    var found: Set<String> = []
    func walk(_ schema: JSONValue, _ path: String) {
      guard case .object(let members) = schema else { return }
      for (key, member) in members {
        if ["properties", "$defs"].contains(key), case .object(let entries) = member {
          for (name, entry) in entries {
            if key == "properties" { found.insert("\(path)/properties/\(name)") }
            walk(entry, "\(path)/\(key)/\(name)")
          }
        } else if ["items", "additionalProperties"].contains(key) {
          walk(member, "\(path)/\(key)")
        }
      }
    }
    walk(root, "#")
    return found
  }

  private mutating func check(_ value: JSONValue, _ schema: JSONValue, at place: String, value path: String) {
    guard case .object(let keywords) = schema else {
      if schema == .bool(false) { errors.append("\(path): not allowed by \(place)") }
      return
    }
    for (keyword, argument) in keywords {
      switch (keyword, argument) {
      case ("description", _), ("title", _), ("$schema", _), ("$id", _), ("$defs", _): break
      case ("$ref", .string(let name)):
        checkReference(value, name, path)
      case ("type", .string(let type)):
        if !Self.has(value, type) { errors.append("\(path): not of type \(type)") }
      case ("enum", .array(let values)):
        if !values.contains(value) { errors.append("\(path): not one of the values") }
      case ("const", _):
        if value != argument { errors.append("\(path): not the constant") }
      case ("pattern", .string(let pattern)): checkPattern(value, pattern, path)
      case ("minLength", .number(let length)):
        if case .string(let text) = value, text.unicodeScalars.count < Int(length) {
          errors.append("\(path): too short")
        }
      case ("minItems", .number(let count)):
        if case .array(let elements) = value, elements.count < Int(count) { errors.append("\(path): too few") }
      case ("minimum", .number(let limit)):
        if case .number(let number) = value, number < limit { errors.append("\(path): too small") }
      case ("maximum", .number(let limit)):
        if case .number(let number) = value, number > limit { errors.append("\(path): too large") }
      case ("oneOf", .array(let schemas)): checkOneOf(value, schemas, place, path)
      case ("items", _):
        guard case .array(let elements) = value else { break }
        for (index, element) in elements.enumerated() {
          check(element, argument, at: place + "/items", value: "\(path)[\(index)]")
        }
      case ("required", .array(let names)):
        guard case .object(let members) = value else { break }
        for case .string(let name) in names where members[name] == nil { errors.append("\(path): no \(name)") }
      case ("properties", .object(let properties)):
        guard case .object(let members) = value else { break }
        for (name, member) in members {
          if let property = properties[name] {
            met.insert("\(place)/properties/\(name)")
            check(member, property, at: "\(place)/properties/\(name)", value: "\(path).\(name)")
          } else {
            check(
              member, keywords["additionalProperties"] ?? .bool(true), at: place + "/additionalProperties",
              value: "\(path).\(name)")
          }
        }
      case ("additionalProperties", _):
        guard case .object(let members) = value, keywords["properties"] == nil else { break }
        for (name, member) in members {
          check(member, argument, at: place + "/additionalProperties", value: "\(path).\(name)")
        }
      default: errors.append("\(place): the checker does not know the keyword \(keyword)")
      }
    }
  }

  /// A definition of this schema (`#/$defs/…`), or of the one in a file beside it (`run.schema.json#/$defs/…`).
  private mutating func checkReference(_ value: JSONValue, _ name: String, _ path: String) {
    func target(_ root: JSONValue) -> JSONValue {
      name.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] ?? .bool(false) }
    }
    guard let file = name.split(separator: "#").first.map(String.init), !name.hasPrefix("#") else {
      return check(value, target(root), at: name, value: path)
    }
    do {
      var other = SchemaChecker(schema: try Self.published(file))
      other.check(value, target(other.root), at: name, value: path)
      errors += other.errors
    } catch {
      errors.append("\(path): no schema \(file): \(error)")
    }
  }

  private static func has(_ value: JSONValue, _ type: String) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("number", .number), ("boolean", .bool): true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }

  private mutating func checkPattern(_ value: JSONValue, _ pattern: String, _ path: String) {
    guard case .string(let text) = value else { return }
    do {
      if try Regex(pattern).firstMatch(in: text) == nil { errors.append("\(path): '\(text)' is not \(pattern)") }
    } catch {
      errors.append("\(path): \(pattern) is no regular expression: \(error)")
    }
  }

  private mutating func checkOneOf(_ value: JSONValue, _ schemas: [JSONValue], _ place: String, _ path: String) {
    let fitting = schemas.count { schema in
      var alone = SchemaChecker(schema: root)
      alone.check(value, schema, at: place, value: path)
      return alone.errors.isEmpty
    }
    if fitting != 1 { errors.append("\(path): fits \(fitting) of the alternatives of \(place)") }
  }
}
