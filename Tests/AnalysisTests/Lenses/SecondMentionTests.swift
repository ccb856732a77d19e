import Testing

@testable import Analysis

/// Whether the ioi model's heads tell, at the subject's second mention, that its name was said before.
///
/// Wang et al. (2022) found duplicate-token, induction and S-inhibition heads in GPT-2 small. This model was trained on five forms of
/// sentence and solves them otherwise: `examples/ioi/mechanism.py` has the same experiments in PyTorch, and more. Its figures over
/// 200 sentences: m = 10.277 as it is, 10.241 with all heads at the second mention as if the name were new, 0.282 with L3H2 at the
/// last token as if the second mention were of a third person.
@Suite("The second mention of a name in the ioi model")
struct SecondMentionTests {
  private static let forms: [(first: String, second: String)] = [
    ("When %A and %B went to the store,", "gave a drink to"), ("After %A and %B met at the park,", "handed a book to"),
    ("While %A and %B were working at the office,", "passed a letter to"),
    ("Then, %A and %B had a long argument at the school, and", "sold a ticket to"),
    ("Friends %A and %B found a basket at the garden, so", "offered it to"),
  ]
  private static let names = [("Mary", "John"), ("Alice", "Robert"), ("Peter", "Emma")]

  /// A sentence in which `places` are the mentions of the subject, and its twin that has a third person at one of them.
  private struct Case {
    let run: PairRun
    let ids: [Int]
    let places: [Int]
  }

  private func cases(thirdAt mention: Int) throws -> [Case] {
    let model = try ReferenceModel.ioi.model()
    let encoder = try PromptEncoder(
      tokenizer: try ReferenceModel.ioi.checkpoint().tokenizer(), model: model, folder: "ioi",
      prepend: ["<|endoftext|>"])
    let third = try encoder.answer(" Laura")
    return try Self.forms.flatMap { form in
      try Self.names.flatMap { a, b in
        try [(a, b), (b, a)].map { subject, other in
          let start = form.first.replacing("%A", with: a).replacing("%B", with: b)
          let ids = try encoder.prompt("\(start) \(subject) \(form.second)")
          let name = try encoder.answer(" " + subject)
          let places = ids.indices.filter { [ids[$0]] == name }
          try #require(places.count == 2 && third.count == 1)
          var twin = ids
          twin[places[mention]] = third[0]
          return Case(
            run: try PairRun(
              model: model, clean: ids, counterfactual: twin, positive: try encoder.answer(" " + other), negative: name),
            ids: ids, places: places)
        }
      }
    }
  }

  /// m with some heads' z at one position from the twin.
  private func value(_ run: PairRun, _ heads: [Node], at position: Int) -> Double {
    run.values(onCleanRun: true) { sequence in
      [
        heads.map {
          Intervention(Site($0), positions: position..<position + 1, .run(run.counterfactual, sequence: sequence))
        }
      ]
    }[0].m
  }

  @Test(
    "No head looks from the second mention to the first, and what all heads hold there does not tell that it is the second"
  )
  func duplicateToken() throws {
    let cases = try cases(thirdAt: 0)
    var meter = HeadRoleMeter(model: cases[0].run.model)
    for item in cases {
      meter.add(item.ids, item.run.clean, decision: item.run.decision)
      let heads = item.run.model.nodes.filter(\.isHead)
      let patched = value(item.run, heads, at: item.places[1])
      #expect(patched != item.run.mClean && abs(patched - item.run.mClean) < 0.05 * item.run.mClean)
    }
    let scores = meter.result().compactMap(\.duplicateToken)
    #expect(scores.count == 16 && scores.allSatisfy { $0.prompts == 30 && $0.value < 0.2 })
  }

  @Test(
    "What the last token's L3H2 takes from the second mention is who it names: with a third person there, nothing is left"
  )
  func suppression() throws {
    var left = 0.0
    var whole = 0.0
    for item in try cases(thirdAt: 1) {
      left += value(item.run, [.head(layer: 3, head: 2)], at: item.ids.count - 1)
      whole += item.run.mClean
    }
    #expect(abs(left) < 0.2 * whole, "\(left / 30) of \(whole / 30) logits")
    for item in try cases(thirdAt: 0) {
      let patched = value(item.run, [.head(layer: 3, head: 2)], at: item.ids.count - 1)
      #expect(abs(patched - item.run.mClean) < 0.05 * item.run.mClean, "whether it was named before is not in it")
    }
  }
}
