import Yams

extension YAMLMapping {
  /// Reads a whole text.
  /// - Parameters:
  ///   - file: what messages call it.
  ///   - allowed: the keys that may stand in it; nil if any may.
  ///   - groups: keys whose value is a group of keys, not a text; for advice on a line that is no YAML.
  ///   - remedy: what to do if there is nothing in it.
  ///   - twice: what to do if a key is written twice in one group.
  /// - Throws: `.badYAML` if it is no YAML, none that is bounded, or nothing; else as `init(_:file:name:line:allowed:)`.
  package init(
    yaml: String, file: String, allowed: [String]?, groups: [String] = [], ifEmpty remedy: String,
    ifTwice twice: String = "keep one of the two"
  ) throws(Failure) {
    let root: Node?
    do {
      root = try BoundedYAML.compose(yaml)
    } catch let problem as BoundedYAML.Problem {
      let place = problem.line.map { " line \($0)" } ?? ""
      throw Failure(.badYAML, "\(file)\(place): \(problem.text); \(problem.remedy(in: yaml))")
    } catch let error as YamlError {
      throw Self.failure(error, text: yaml, file: file, groups: groups, twice: twice)
    } catch {
      throw Failure(.badYAML, "\(file) is not valid YAML: \(error); correct it")
    }
    guard let root, !Self.isNull(root) else { throw Failure(.badYAML, "\(file) is empty; \(remedy)") }
    try self.init(root, file: file, name: nil, line: 1, allowed: allowed)
  }

  private static func failure(_ error: YamlError, text: String, file: String, groups: [String], twice: String)
    -> Failure
  {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { " (\($0.text) in line \($0.mark.line))" } ?? ""
      return Failure(
        .badYAML,
        "\(file) line \(mark.line) is not valid YAML: \(problem)\(circumstance); "
          + YAMLAdvice.advice(text, at: [mark.line] + (context.map { [$0.mark.line] } ?? []), groups: groups).said(
            after: mark.line))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return Failure(
        .duplicate,
        "the key \(names) is written twice in one group in \(file), first in line \(context.mark.line); \(twice)")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).reduce(1) { $0 + ($1.isNewline ? 1 : 0) } }
      let place = line.map { " line \($0)" } ?? ""
      return Failure(.badYAML, "\(file)\(place) holds a character that YAML forbids: \(problem); remove it")
    default:
      return Failure(.badYAML, "\(file) is not valid YAML: \(error.description); correct it")
    }
  }
}
