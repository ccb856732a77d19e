import Evidence
import Foundation

/// Reads the three files of the catalogue strictly.
struct LawCatalogueReader {
  /// Where they are.
  let folder: URL

  /// Reads and checks everything.
  func read() throws -> LawCatalogue {
    let head = try mapping(
      "catalogue.yaml", schema: "vitrine.law/1",
      keys: [
        "schema", "law_as_of", "checked_on", "notice", "sources", "application", "applicability", "notified_body",
        "standards", "simplified_form",
      ])
    let annexFile = try mapping(
      "annex-iv.yaml", schema: "vitrine.law.annex-iv/1", keys: ["schema", "annex", "points", "items"])
    let provisionFile = try mapping(
      "provisions.yaml", schema: "vitrine.law.provisions/1", keys: ["schema", "provisions"])

    let annexNode = try annexFile.mapping("annex", keys: Self.passageKeys + ["heading"])
    let annex = try passage(annexNode)
    var points: [LawPoint] = []
    for node in try annexFile.mappings("points", keys: Self.inheritingKeys) {
      points.append(LawPoint(id: try node.text("id"), passage: try passage(node, inheriting: annex)))
    }
    var items: [LawItem] = []
    var provisions: [Provision] = []
    for node in try provisionFile.mappings(
      "provisions", keys: Self.passageKeys + ["id", "file", "carriers"])
    {
      provisions.append(try provision(node))
    }
    let texts = Dictionary(provisions.map { ($0.id, $0.passage.text) }) { first, _ in first }
    for node in try annexFile.mappings("items", keys: Self.inheritingKeys + ["owner", "lead", "elements", "further"]) {
      items.append(try item(node, annex: annex, provisions: texts))
    }
    let catalogue = LawCatalogue(
      lawAsOf: try head.date("law_as_of"), checkedOn: try head.date("checked_on"), notice: try head.text("notice"),
      sources: try sources(head), application: try application(head),
      applicability: try rules(head, "applicability"), notifiedBody: try rules(head, "notified_body"),
      standards: try standards(head), simplifiedForm: try simplifiedForm(head), annex: annex,
      annexHeading: try annexNode.text("heading"), points: points, items: items, provisions: provisions)
    try checkReferences(catalogue)
    return catalogue
  }

  private static let passageKeys = [
    "citation", "our_title", "text", "sha256", "verification", "amendment", "application", "systems",
  ]
  private static let inheritingKeys = ["id", "citation", "our_title", "text", "sha256"]

  private func mapping(_ name: String, schema: String, keys: [String]) throws -> StrictMapping {
    let mapping = try StrictMapping(
      yaml: try TextFile.read(folder.appendingPathComponent(name), as: "law/\(name)"), file: "law/\(name)", keys: keys)
    let found = try mapping.text("schema")
    guard found == schema else {
      throw mapping.error(
        .badValue, at: "schema",
        "'schema' is '\(found)'; this program reads '\(schema)'. Use the catalogue it came with.")
    }
    return mapping
  }

  /// A passage of its own.
  private func passage(_ node: StrictMapping) throws -> LawPassage {
    let amendment = try node.mapping("amendment", keys: ["status", "act", "note"])
    return LawPassage(
      citation: try node.text("citation"), ourTitle: try node.text("our_title"), text: try quotedText(node),
      sha256: try node.text("sha256"),
      verification: try node.choice("verification", of: LawPassage.Verification.self),
      amendment: Amendment(
        status: try amendment.choice("status", of: Amendment.Status.self), act: try amendment.text("act"),
        note: try amendment.optionalText("note")),
      application: try node.optionalText("application"),
      systems: try node.optionalText("systems").map { _ in
        try node.choice("systems", of: ApplicationRule.Scope.self)
      })
  }

  /// A passage of the annex: checked, amended and applied as the annex is.
  private func passage(_ node: StrictMapping, inheriting annex: LawPassage) throws -> LawPassage {
    LawPassage(
      citation: try node.text("citation"), ourTitle: try node.text("our_title"), text: try quotedText(node),
      sha256: try node.text("sha256"), verification: annex.verification, amendment: annex.amendment,
      application: annex.application)
  }

  /// The law's words, held against their digest.
  private func quotedText(_ node: StrictMapping) throws -> String {
    let text = try node.text("text")
    let digest = try SHA256.digest(of: Data(text.utf8)).hex
    guard try node.text("sha256") == digest else {
      throw node.error(
        .badQuotation, at: "text",
        "the text of '\(try node.text("citation"))' has the digest \(digest), not the one given as sha256. Restore the "
          + "law's wording; a new wording of the law needs its own source and digest.")
    }
    return text
  }

  private func item(_ node: StrictMapping, annex: LawPassage, provisions: [String: String]) throws -> LawItem {
    let id = try node.text("id")
    let passage = try passage(node, inheriting: annex)
    let owner = try node.text("owner")
    let lead = try node.optionalText("lead")
    if let lead { try requirePart(lead, of: passage.text, node, "lead") }
    var (elements, further): ([LawElement], [LawElement]) = ([], [])
    var names: Set<String> = []
    func named(_ entry: StrictMapping, _ element: LawElement) throws -> LawElement {
      let (byTitle, byID) = (HeadingName.normalise(element.title), element.id)
      guard !names.contains(byID), !names.contains(byTitle) else {
        throw entry.error(
          .duplicate, at: "id", "item \(id) has two elements called '\(element.id)' or '\(element.title)'.")
      }
      names.formUnion([byID, byTitle])
      return element
    }
    for entry in try node.mappings("elements", keys: ["id", "title", "quote", "condition", "owner", "evidence"]) {
      elements.append(try named(entry, try element(entry, of: passage.text, owner: owner)))
    }
    if node.presentKeys.contains("further") {
      for entry in try node.mappings("further", keys: ["id", "title", "quote", "owner", "provision"]) {
        let provision = try entry.text("provision")
        guard let text = provisions[provision] else {
          throw entry.error(
            .badValue, at: "provision",
            "provisions.yaml has no '\(provision)'"
              + Nearest.hint(provision, among: Array(provisions.keys)))
        }
        var element = try element(entry, of: text, owner: owner)
        element.provision = provision
        further.append(try named(entry, element))
      }
    }
    return LawItem(id: id, passage: passage, owner: owner, lead: lead, elements: elements, further: further)
  }

  private func element(_ node: StrictMapping, of text: String, owner: String) throws -> LawElement {
    let id = try node.text("id")
    guard
      id.split(separator: "-", omittingEmptySubsequences: false).allSatisfy({ part in
        !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      })
    else {
      throw node.error(.badValue, at: "id", "'\(id)' must be lower-case words joined by hyphens, e.g. general-logic.")
    }
    let quote = try node.text("quote")
    try requirePart(quote, of: text, node, "quote")
    let condition = try node.optionalText("condition")
    if let condition { try requirePart(condition, of: text, node, "condition") }
    return LawElement(
      id: id, title: try node.text("title"), quote: quote, provision: nil, condition: condition,
      owner: try node.optionalText("owner") ?? owner, evidence: try evidence(node))
  }

  private func evidence(_ node: StrictMapping) throws -> EvidenceRule? {
    guard let rule = try node.optionalMapping("evidence", keys: ["from", "findings", "sufficient"]) else { return nil }
    let findings = try rule.optionalTexts("findings") ?? []
    let isSufficient = try rule.optionalFlag("sufficient") ?? false
    guard !isSufficient || !findings.isEmpty else {
      throw rule.error(
        .missingKey, at: "sufficient",
        "an element that a run alone evidences must name its findings, e.g. [accuracy.**].")
    }
    return EvidenceRule(
      sources: try rule.choices("from", of: EvidenceRule.Source.self), findings: findings, isSufficient: isSufficient)
  }

  private func requirePart(_ part: String, of text: String, _ node: StrictMapping, _ key: String) throws {
    guard text.contains(part) else {
      throw node.error(.badQuotation, at: key, "'\(part)' is not a part of the item's text; quote the law's words.")
    }
  }

  private func provision(_ node: StrictMapping) throws -> Provision {
    let passage = try passage(node)
    let carriers = try node.optionalTexts("carriers") ?? []
    guard passage.verification == .byteVerified || !carriers.isEmpty else {
      throw node.error(
        .missingKey, at: "carriers", "a wording that is not byte-verified must name who carries it, in 'carriers'.")
    }
    return Provision(id: try node.text("id"), passage: passage, file: try node.text("file"), carriers: carriers)
  }

  private func sources(_ head: StrictMapping) throws -> [LawSource] {
    var sources: [LawSource] = []
    let keys = ["id", "title", "published", "celex", "eli", "sha256", "held", "note"]
    for node in try head.mappings("sources", keys: keys) {
      guard let held = try node.optionalFlag("held") else {
        throw node.error(.missingKey, at: "held", "'held' is missing; write true or false.")
      }
      sources.append(
        LawSource(
          id: try node.text("id"), title: try node.text("title"), published: try node.text("published"),
          celex: try node.text("celex"), eli: try node.text("eli"), sha256: try node.text("sha256"), held: held,
          note: try node.text("note")))
    }
    return sources
  }

  private func application(_ head: StrictMapping) throws -> [ApplicationRule] {
    var rules: [ApplicationRule] = []
    let keys = ["id", "covers", "verification", "provision", "read_with", "dates"]
    for node in try head.mappings("application", keys: keys) {
      var dates: [ApplicationRule.Date] = []
      for date in try node.mappings("dates", keys: ["for", "from", "basis"]) {
        dates.append(
          ApplicationRule.Date(
            scope: try date.choice("for", of: ApplicationRule.Scope.self), from: try date.date("from"),
            basis: try date.text("basis")))
      }
      rules.append(
        ApplicationRule(
          id: try node.text("id"), covers: try node.text("covers"),
          verification: try node.choice("verification", of: LawPassage.Verification.self),
          provision: try node.text("provision"), readWith: try node.optionalText("read_with"), dates: dates))
    }
    return rules
  }

  private func rules(_ head: StrictMapping, _ key: String) throws -> [ApplicabilityRule] {
    try head.mappings(key, keys: ["id", "when", "says", "asks", "provisions"]).map { node in
      ApplicabilityRule(
        id: try node.text("id"), when: try node.choice("when", of: ApplicabilityRule.Condition.self),
        says: try node.text("says"), asks: try node.optionalTexts("asks") ?? [],
        provisions: try node.optionalTexts("provisions") ?? [])
    }
  }

  private func standards(_ head: StrictMapping) throws -> LawStandards {
    let node = try head.mapping("standards", keys: ["checked_on", "source", "note", "list"])
    let keys = ["id", "reference", "edition", "title", "status", "official_journal", "presumption", "articles"]
    return LawStandards(
      checkedOn: try node.date("checked_on"), source: try node.text("source"), note: try node.text("note"),
      list: try node.mappings("list", keys: keys).map { entry in
        LawStandards.Standard(
          id: try entry.text("id"), reference: try entry.text("reference"), edition: try entry.optionalText("edition"),
          title: try entry.text("title"), status: try entry.choice("status", of: LawStandards.Status.self),
          officialJournal: try entry.optionalText("official_journal"),
          presumption: try entry.text("presumption"), articles: try entry.optionalTexts("articles") ?? [])
      })
  }

  private func simplifiedForm(_ head: StrictMapping) throws -> SimplifiedForm {
    let node = try head.mapping("simplified_form", keys: ["checked_on", "says", "provisions"])
    return SimplifiedForm(
      checkedOn: try node.date("checked_on"), says: try node.text("says"),
      provisions: try node.optionalTexts("provisions") ?? [])
  }

  /// Ids are unique, and whatever one part names exists in another.
  private func checkReferences(_ catalogue: LawCatalogue) throws {
    for (file, ids) in [
      ("law/annex-iv.yaml", catalogue.items.map(\.id)), ("law/annex-iv.yaml", catalogue.points.map(\.id)),
      ("law/provisions.yaml", catalogue.provisions.map(\.id)), ("law/catalogue.yaml", catalogue.application.map(\.id)),
      ("law/catalogue.yaml", catalogue.sources.map(\.id)),
      ("law/catalogue.yaml", (catalogue.applicability + catalogue.notifiedBody).map(\.id)),
      ("law/catalogue.yaml", catalogue.standards.list.map(\.id)),
    ] {
      if let id = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
        throw ReportsError(.duplicate, "\(file): the id '\(id)' is given twice; keep one.")
      }
    }
    let rules = catalogue.application.map(\.id)
    for passage in [catalogue.annex] + catalogue.provisions.map(\.passage) {
      if let rule = passage.application, !rules.contains(rule) {
        throw ReportsError(
          .badValue,
          "law: '\(passage.citation)' applies by '\(rule)', which catalogue.yaml does not have"
            + Nearest.hint(rule, among: rules))
      }
    }
    let named =
      (catalogue.applicability + catalogue.notifiedBody).map { ($0.id, $0.provisions) }
      + catalogue.standards.list.map { ($0.id, $0.articles) }
      + [("simplified_form", catalogue.simplifiedForm.provisions)]
    for (id, provisions) in named {
      guard let lost = provisions.first(where: { catalogue.provision($0) == nil }) else { continue }
      throw ReportsError(
        .badValue, "law/catalogue.yaml: '\(id)' rests on '\(lost)', which provisions.yaml does not have."
      )
    }
    for rule in catalogue.application {
      guard let other = rule.readWith, !rules.contains(other) || other == rule.id else { continue }
      throw ReportsError(
        .badValue, "law/catalogue.yaml: '\(rule.id)' is to be read with '\(other)', which is no other rule of the file."
      )
    }
    for rule in catalogue.application where catalogue.provision(rule.provision) == nil {
      throw ReportsError(
        .badValue, "law/catalogue.yaml: '\(rule.id)' rests on '\(rule.provision)', which provisions.yaml does not have."
      )
    }
  }
}
