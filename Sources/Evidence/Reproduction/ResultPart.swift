import Foundation

/// What a run *gave*, apart from who made it, when, where and on what order: the part of a record that a second run must give
/// again.
enum ResultPart {
  /// The keys of a record that are not its result. Every other key is, also one that a later version adds.
  static let circumstances: Set<String> = [
    "schema", "id", "kind", "started", "ended", "system", "model_version", "behaviour", "model", "program", "machine",
    "analysis_plan", "evaluation_plan",
  ]

  /// Lists whose elements have a name of their own, which stands for their place.
  private static let named = ["findings": "id", "self_tests": "name", "approximations": "method"]

  /// Methods that have another name in the register since, by the name in older records.
  private static let renamed = [
    "edge attribution along the input path, 5 points":
      "edge attribution patching with integrated gradients (EAP-IG), 5 points"
  ]

  /// The result in a record's canonical JSON.
  /// - Throws: `JSONError` if it is not JSON.
  static func value(ofRecord document: Data) throws -> JSONValue {
    guard case .object(let members) = try CanonicalJSON.parse(document) else {
      throw JSONError(.mismatch, path: [], "a record is an object")
    }
    return .object(withoutExplanations(members.filter { !circumstances.contains($0.key) }))
  }

  /// What may explain predictions that differ is found by trying, also with other versions' weights, which a second run need not
  /// have. The comparison itself is part of the result.
  private static func withoutExplanations(_ members: [String: JSONValue]) -> [String: JSONValue] {
    guard case .object(var evaluation)? = members["evaluation"], case .object(var held)? = evaluation["predictions"]
    else { return members }
    held["explanations"] = nil
    held["tried"] = nil
    evaluation["predictions"] = .object(held)
    return members.merging(["evaluation": .object(evaluation)]) { $1 }
  }

  /// The digest of a result, over its canonical JSON.
  static func sha256(_ result: JSONValue) throws -> String { try SHA256.digest(of: CanonicalJSON.write(result)).hex }

  /// The result with elements of `named` lists under their names, so that each is compared with its like even where another
  /// program lists more of them. A list in which a name is missing or stands twice stays as it is.
  static func byName(_ result: JSONValue) -> JSONValue {
    guard case .object(var members) = result else { return result }
    for (key, name) in named {
      guard case .array(let elements)? = members[key] else { continue }
      let pairs = elements.compactMap { element -> (String, JSONValue)? in
        if case .string(let text)? = element[name] { (renamed[text] ?? text, element) } else { nil }
      }
      let table = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
      if table.count == elements.count { members[key] = .object(table) }
    }
    return .object(members)
  }
}
