import Foundation

@testable import Analysis

extension ReferenceModel {
  func analyzer() throws -> Analyzer {
    Analyzer(model: try model(), tokenizer: try checkpoint().tokenizer(), folder: folder.path)
  }
}

/// Prompts of the two examples, and plans over them.
enum Prompts {
  static func ioi(_ subject: String, opening: String = "When Mary and John went to the store,") -> String {
    "\(opening) \(subject) gave a drink to"
  }

  /// The pair of the reference's first ioi case.
  static let store = AnalysisPlan.Pair(name: "store", clean: ioi("Mary"), counterfactual: ioi("John"))
  static let park = AnalysisPlan.Pair(
    name: "park", clean: ioi("Mary", opening: "When Mary and John went to the park,"),
    counterfactual: ioi("John", opening: "When Mary and John went to the park,"))
  /// `store` turned over: what it does to m is the opposite.
  static let reversed = AnalysisPlan.Pair(name: "reversed", clean: store.counterfactual, counterfactual: store.clean)

  static func ioiPlan(
    _ pairs: [AnalysisPlan.Pair] = [store, park], methods: [AnalysisPlan.Method] = AnalysisPlan.Method.standard
  ) -> AnalysisPlan {
    AnalysisPlan(
      behaviour: "indirect-object", question: "Who gets the drink?", construction: "subject exchanged",
      positive: [" John"], negative: [" Mary"], pairs: pairs, prepend: ["<|endoftext|>"], methods: methods,
      integratedGradientsSteps: 16, bootstrapResamples: 100)
  }

  static func loan(checking: String = "absent", sex: String = "male", purpose: String = "television") -> String {
    "Loan application: checking account \(checking), term brief, history regular, purpose \(purpose), amount little, "
      + "savings small, employment long, rate 4, applicant \(sex), guarantor none, property house, age senior, plans none, "
      + "housing own, credits 2, job skilled, foreign yes. Decision:"
  }

  static func loanPlan(methods: [AnalysisPlan.Method] = AnalysisPlan.Method.standard) -> AnalysisPlan {
    AnalysisPlan(
      behaviour: "checking", question: "Does the account matter?", positive: [" approve"], negative: [" decline"],
      pairs: [
        .init(name: "record 1", clean: loan(), counterfactual: loan(checking: "overdrawn")),
        .init(
          name: "record 2", clean: loan(sex: "female"), counterfactual: loan(checking: "overdrawn", sex: "female")),
      ], methods: methods, integratedGradientsSteps: 16, bootstrapResamples: 100)
  }
}
