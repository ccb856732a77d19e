import Yams

extension YAMLMapping {
  /// Reads a whole text.
  /// - Parameters:
  ///   - file: what messages call it.
  ///   - allowed: the keys that may stand in it; nil if any may.
  ///   - remedy: what to do if there is nothing in it.
  /// - Throws: `.badYAML` if it is no YAML, none that is bounded, or nothing; else as `init(_:file:name:line:allowed:)`.
  package init(yaml: String, file: String, allowed: [String]?, ifEmpty remedy: String) throws(Failure) {
    let root: Node?
    do {
      root = try BoundedYAML.compose(yaml)
    } catch let problem as BoundedYAML.Problem {
      let place = problem.line.map { " line \($0)" } ?? ""
      throw Failure(.badYAML, "\(file)\(place): \(problem.text); \(problem.remedy)")
    } catch let error as YamlError {
      throw Self.failure(error, text: yaml, file: file)
    } catch {
      throw Failure(.badYAML, "\(file) is not valid YAML: \(error); correct it")
    }
    guard let root, !Self.isNull(root) else { throw Failure(.badYAML, "\(file) is empty; \(remedy)") }
    try self.init(root, file: file, name: nil, line: 1, allowed: allowed)
  }

  /// What to look for in the line that YAML stumbles over.
  private static func remedy(_ text: String, line: Int) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let marks: Set<Character> = ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}"]
    if lines.indices.contains(line - 1), let mark = lines[line - 1].first(where: marks.contains) {
      return "'\(mark)' is a quotation mark of word processors: write \" or ' instead"
    }
    return "check the indentation (spaces, no tabs), quotes and brackets there"
  }

  private static func failure(_ error: YamlError, text: String, file: String) -> Failure {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { " (\($0.text) in line \($0.mark.line))" } ?? ""
      return Failure(
        .badYAML,
        "\(file) line \(mark.line) is not valid YAML: \(problem)\(circumstance); " + remedy(text, line: mark.line))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return Failure(
        .duplicate,
        "the key \(names) is written twice in one group in \(file), first in line \(context.mark.line); "
          + "keep one of the two")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).reduce(1) { $0 + ($1.isNewline ? 1 : 0) } }
      let place = line.map { " line \($0)" } ?? ""
      return Failure(.badYAML, "\(file)\(place) holds a character that YAML forbids: \(problem); remove it")
    default:
      return Failure(.badYAML, "\(file) is not valid YAML: \(error.description); correct it")
    }
  }
}
