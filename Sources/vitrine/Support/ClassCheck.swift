import Analysis
import Project

/// What a classifier decides between, and whether the declared answers name all of it.
struct ClassCheck {
  private(set) var messages: [CheckMessage] = []

  init(
    _ project: Project, _ version: Project.ModelVersion, _ model: Transformer, behaviours: [Project.Behaviour],
    evaluating: Bool
  ) {
    guard let names = model.classNames else { return }
    let name = "model \(version.version)"
    let list = names.enumerated().map { "\($0) '\($1)'" }
    let shown = list.prefix(Self.shown).joined(separator: ", ")
    messages.append(
      CheckMessage(
        .ok, "models",
        "\(name) \(Self.what(model.head, names.count)): \(shown)\(list.count > Self.shown ? " and \(list.count - Self.shown) more" : "")"
      ))
    if model.head != .regression, names.enumerated().allSatisfy({ $1 == "LABEL_\($0)" }) {
      messages.append(
        CheckMessage(
          .gap, "models",
          "\(name): its classes have no names of their own, so nobody sees which of them is the positive answer",
          remedy: "set 'id2label' in config.json as the model was trained, before a version is measured"))
    }
    var askers = behaviours.map {
      (name: "behaviour '\($0.id)'", positive: $0.positive, negative: $0.negative, hasThreshold: false)
    }
    if evaluating, let evaluation = project.evaluation {
      askers.append(
        ("the evaluation", evaluation.positive, evaluation.negative, evaluation.threshold != nil))
    }
    guard model.head == .classifier else {
      guard model.head == .multiLabelClassifier else { return }
      messages += Self.sided(askers.filter { !$0.negative.isEmpty }.map(\.name), name)
      return
    }
    var seen: Set<[String]> = []
    for asker in askers {
      let answers = asker.positive + asker.negative
      let named = Set(answers.compactMap { answer in names.firstIndex(of: answer) ?? Int(answer) })
      let unnamed = names.indices.filter { !named.contains($0) }
      guard !unnamed.isEmpty, named.count == answers.count, seen.insert(answers + ["\(asker.hasThreshold)"]).inserted
      else {
        continue
      }
      let classes = unnamed.prefix(Self.shown).map { "'\(names[$0])'" }.joined(separator: ", ")
      let consequence =
        asker.name == "the evaluation"
        ? asker.hasThreshold
          ? "records for which the model chooses one of them are decided by the threshold all the same"
          : "records for which the model chooses one of them count as wrong"
        : "the decision value leaves them out"
      messages.append(
        CheckMessage(
          .gap, "models", "\(name): no answer of \(asker.name) names \(classes); \(consequence)",
          remedy: "name every class under 'answers › positive' or 'negative', unless that is meant"))
    }
  }

  /// What a head says, before the names of its classes.
  private static func what(_ head: ModelHead, _ count: Int) -> String {
    switch head {
    case .multiLabelClassifier: "has \(count) labels, each of which holds or not by itself"
    case .regression: "gives one number"
    default: "decides between \(count) classes"
    }
  }

  /// Answers of both sides, where a label needs none against it.
  private static func sided(_ askers: [String], _ name: String) -> [CheckMessage] {
    askers.map { asker in
      CheckMessage(
        .gap, "models",
        "\(name): \(asker) holds labels against each other, and each of this model's holds or not by itself",
        remedy: "write 'answers: {positive: [LABEL], negative: []}' there, unless the difference of two labels is meant"
      )
    }
  }

  /// Classes that one line names.
  private static let shown = 12
}
