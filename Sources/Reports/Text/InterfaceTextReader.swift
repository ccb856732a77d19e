public import Foundation
import Project
import Templates

extension InterfaceText {
  /// The folder of texts within a templates folder.
  static let folderName = "text"
  /// The language whose files say which keys and placeholders there are.
  public static let reference = "en"

  /// The installed English text.
  /// - Throws: `ReportsError` if the program's own files are damaged.
  public static func english() throws -> InterfaceText { try installed.get() }

  /// Read once: the files are part of the program.
  private static let installed = Result { () throws(ReportsError) in
    try InterfaceTextReader.asReportsError {
      try InterfaceTextReader(reference: nil).read(folder: installedFolder(reference), language: reference)
    }
  }

  private static func installedFolder(_ language: String) -> URL {
    Templates.url(folderName).appendingPathComponent(language, isDirectory: true)
  }

  /// The text of a language.
  /// - Parameters:
  ///   - language: BCP 47, e.g. `fr` or `pt-BR`.
  ///   - overrides: a project's templates folder; its `text/<language>/` is read instead of the installed folder.
  /// - Throws: `ReportsError` naming file, key and remedy: a language without files, a key that is missing, unknown or given
  ///   twice, other placeholders than in English, a plural without the language's forms.
  public static func read(language: String = reference, overrides: URL? = nil) throws -> InterfaceText {
    try requireCode(language)
    return try read(language: language, overrides: TemplateOverrides(overrides, language: language))
  }

  /// The text of a language, with a project's files if it has any.
  static func read(language: String, overrides: TemplateOverrides) throws -> InterfaceText {
    try requireCode(language)
    let english = try english()
    let own = try overrides.texts(language)
    if !own.isEmpty {
      let reader = InterfaceTextReader(reference: english, isOwn: true, installed: try installed(of: language))
      return try reader.read(own, language: language, isMarked: overrides.changesWords(of: language))
    }
    guard let text = try installed(language) else {
      throw ReportsError(
        .badTemplate,
        "there is no text in the language '\(language)'; installed are \(installedLanguages.joined(separator: ", ")). Copy the "
          + "installed files of templates/\(folderName)/\(reference)/ to templates/\(folderName)/\(language)/ in the project and "
          + "translate them."
      )
    }
    return text
  }

  /// The languages whose files are installed with the program.
  static var installedLanguages: [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: Templates.url(folderName).path)
    return (names ?? []).filter(isLanguageCode).sorted()
  }

  /// The installed text of just this language, if there is one.
  private static func installed(_ language: String) throws -> InterfaceText? {
    if language == reference { return try english() }
    guard installedLanguages.contains(language) else { return nil }
    return try InterfaceTextReader(reference: english()).read(folder: installedFolder(language), language: language)
  }

  /// The installed text of a language or of the one that it is a variety of, e.g. of `de` for `de-AT`; nil if there is none.
  static func installed(of language: String) throws -> InterfaceText? {
    try installed(language) ?? language.splitScalars("-").first.flatMap { try installed($0) }
  }

  static func requireCode(_ language: String) throws {
    guard isLanguageCode(language) else {
      throw ReportsError(
        .badTemplate, "'\(language)' is no language code; write it as in BCP 47, e.g. fr or pt-BR.")
    }
  }

  /// Letters and digits in parts joined by hyphens, so that a code never leaves its folder.
  static func isLanguageCode(_ code: String) -> Bool {
    let parts = code.split(separator: "-", omittingEmptySubsequences: false)
    return (2...3).contains(parts.first?.count ?? 0)
      && parts.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }
      && (parts.first?.allSatisfy { $0.isLowercase } ?? false)
  }
}

/// Reads the files of one language strictly.
struct InterfaceTextReader {
  /// The text whose keys and placeholders must be matched; nil for that text itself.
  let reference: InterfaceText?
  /// Whether the files are a project's.
  var isOwn = false
  /// The installed text of the language, in whose place a project's files stand.
  var installed: InterfaceText?

  private static let languageSection = "language"
  private static let claimsSection = "claims"
  private static let phrasesSection = "phrases"

  /// Reads every `.yaml` file of a folder.
  func read(folder: URL, language: String) throws -> InterfaceText {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
    } catch {
      throw ReportsError(.unreadable, "\(folder.path): cannot be read: \(error.localizedDescription)")
    }
    var files: [(name: String, yaml: String)] = []
    for name in names {
      let shown = "\(InterfaceText.folderName)/\(language)/\(name)"
      files.append((shown, try TextFile.read(folder.appendingPathComponent(name), as: shown)))
    }
    return try read(files, language: language)
  }

  /// Reads the texts of the files of one language.
  func read(_ files: [(name: String, yaml: String)], language: String, isMarked: Bool = false) throws -> InterfaceText {
    var sections: [String: StrictMapping] = [:]
    for (name, yaml) in files {
      let file = try StrictMapping(yaml: yaml, file: name, keys: [])
      for section in file.presentKeys {
        if let other = sections[section] {
          throw file.error(
            .duplicate, at: section, "the section '\(section)' stands in \(other.file) too; keep one.")
        }
        switch section {
        case Self.phrasesSection:
          // Read once the plural rule is known.
          sections[section] = file
        case Self.claimsSection: sections[section] = try file.mapping(section, keys: ForbiddenClaims.keys)
        case Self.languageSection: sections[section] = try file.mapping(section, keys: LanguageFacts.keys)
        default: sections[section] = try file.mapping(section, keys: [])
        }
      }
    }
    guard let head = sections.removeValue(forKey: Self.languageSection) else {
      throw ReportsError(
        .missingKey,
        "\(InterfaceText.folderName)/\(language)/: no file has the section '\(Self.languageSection)' (its keys: "
          + "\(LanguageFacts.keys.joined(separator: ", "))); add it, e.g. as language.yaml.")
    }
    let facts = try LanguageFacts(head)
    let claims = try claims(sections.removeValue(forKey: Self.claimsSection), language)
    let phrases = try phrases(sections.removeValue(forKey: Self.phrasesSection), facts, claims, language)
    var messages: [String: Message] = [:]
    for (name, section) in sections.sorted(by: { $0.key < $1.key }) {
      for key in section.presentKeys {
        messages["\(name).\(key)"] = try message(section, name, key, facts.plural, claims, language)
      }
    }
    try requireAll(messages, language)
    return InterfaceText(
      language: language, facts: facts, messages: messages, claims: claims, phrases: phrases, isMarked: isMarked)
  }

  /// What the language's texts must not say, with what English ones must not. A language without a list is refused: nobody would have
  /// thought about what its words claim. Where the language is installed, its list counts too.
  private func claims(_ section: StrictMapping?, _ language: String) throws -> ForbiddenClaims {
    guard let section else {
      throw ReportsError(
        .missingKey,
        "\(InterfaceText.folderName)/\(language)/: no file has the section '\(Self.claimsSection)' (its keys: "
          + "\(ForbiddenClaims.keys.joined(separator: ", "))): the phrasings that claim more than a measurement can, in this "
          + "language, as \(InterfaceText.folderName)/\(InterfaceText.reference)/claims.yaml has them for English. Without it nobody "
          + "would read these texts for such claims.")
    }
    return ForbiddenClaims([try ForbiddenClaims(section)] + [installed, reference].compactMap { $0?.claims })
  }

  /// The language's words for English ones from elsewhere.
  private func phrases(
    _ file: StrictMapping?, _ facts: LanguageFacts, _ claims: ForbiddenClaims, _ language: String
  ) throws -> Phrasebook {
    guard let file else { return installed?.phrases ?? .empty }
    guard reference != nil, language != InterfaceText.reference else {
      throw file.error(.unknownKey, at: Self.phrasesSection, "English needs no '\(Self.phrasesSection)'. Remove them.")
    }
    var known: Set<String> = []
    let phrases = try file.mappings(Self.phrasesSection, keys: ["english", "own"]).map { entry in
      let (english, own) = (try entry.text("english"), try entry.text("own"))
      guard known.insert(english).inserted else {
        throw entry.error(.duplicate, at: "english", "the phrase '\(english)' is there twice; keep one.")
      }
      return Phrasebook.Phrase(
        english: try phrase(english, .oneOther, entry, "english"), own: try phrase(own, facts.plural, entry, "own"))
    }
    for (phrase, entry) in zip(phrases, try file.mappings(Self.phrasesSection, keys: ["english", "own"])) {
      try compare(phrase.own.arguments, with: phrase.english.arguments, entry, "own", try entry.text("english"))
      let check = MessageCheck(Self.phrasesSection, english: phrase.english, claims: claims)
      if isOwn, let problem = check.problem(in: phrase.own, try entry.text("own")) {
        throw entry.error(.badValue, at: "own", "'\(try entry.text("english"))' \(problem).")
      }
    }
    return Phrasebook(phrases, decimalMark: facts.decimalMark)
  }

  /// A phrase: words with placeholders, no plurals.
  private func phrase(_ text: String, _ rule: PluralRule, _ entry: StrictMapping, _ key: String) throws -> Message {
    do {
      let message = try Message(text, rule: rule)
      if !message.arguments.values.contains(.number) { return message }
    } catch { throw entry.error(.badValue, at: key, "'\(key)': \(error.description).") }
    throw entry.error(.badValue, at: key, "'\(key)': a phrase has no plurals.")
  }

  private func message(
    _ section: StrictMapping, _ name: String, _ key: String, _ rule: PluralRule, _ claims: ForbiddenClaims,
    _ language: String
  ) throws -> Message {
    let full = "\(name).\(key)"
    let text = try section.text(key)
    let message: Message
    do {
      message = try Message(text, rule: rule)
    } catch {
      throw section.error(.badValue, at: key, "'\(full)': \(error.description).")
    }
    guard let reference else { return message }
    guard let english = reference.messages[full] else {
      throw section.error(
        .unknownKey, at: key,
        "nothing is printed under '\(full)'\(Nearest.hint(full, among: Array(reference.messages.keys))) Remove it.")
    }
    guard message.columns == english.columns else {
      throw section.error(
        .badValue, at: key,
        "'\(full)' has \(message.columns) columns and English has \(english.columns); separate them by '\(InterfaceText.columnMark)'."
      )
    }
    try compare(message.arguments, with: english.arguments, section, key, full)
    let check = MessageCheck(full, english: english, installed: installed?.messages[full], claims: claims)
    if isOwn, let problem = check.problem(in: message, text) {
      throw section.error(.badValue, at: key, "'\(full)' \(problem).")
    }
    return message
  }

  private func compare(
    _ own: [String: Message.Use], with english: [String: Message.Use], _ section: StrictMapping, _ key: String,
    _ full: String
  ) throws {
    func list(_ names: [String]) -> String { names.sorted().map { "{\($0)}" }.joined(separator: ", ") }
    let unknown = own.keys.filter { english[$0] == nil }
    let missing = english.keys.filter { own[$0] == nil }
    guard unknown.isEmpty && missing.isEmpty else {
      let parts = [
        missing.isEmpty ? nil : "lacks \(list(missing))",
        unknown.isEmpty ? nil : "has \(list(unknown)), which English has not",
      ].compactMap { $0 }
      throw section.error(
        .badValue, at: key,
        "'\(full)' \(parts.joined(separator: " and ")); use each placeholder of English, in any order.")
    }
    for (name, use) in own.sorted(by: { $0.key < $1.key }) where use == .number && english[name] == .text {
      throw section.error(
        .badValue, at: key,
        "'\(full)': {\(name)} is ready text and no number, so it has no plural; write {\(name)} alone.")
    }
  }

  private func requireAll(_ messages: [String: Message], _ language: String) throws {
    guard let reference else { return }
    // The terminal speaks English, and what a document says of a project's own words is never theirs.
    let missing = reference.messages.keys.filter {
      messages[$0] == nil && !$0.beginsWith("terminal.") && !(isOwn && $0.beginsWith("looks."))
    }.sorted()
    guard !missing.isEmpty else { return }
    throw ReportsError(
      .missingKey,
      "\(InterfaceText.folderName)/\(language)/ lacks \(missing.count) of \(reference.messages.count) texts: "
        + "\(missing.prefix(40).joined(separator: ", "))\(missing.count > 40 ? ", …" : ""). Add each as it stands in "
        + "\(InterfaceText.folderName)/\(InterfaceText.reference)/, translated.")
  }

  /// Runs what throws nothing but `ReportsError`.
  static func asReportsError(_ body: () throws -> InterfaceText) throws(ReportsError) -> InterfaceText {
    do {
      return try body()
    } catch let error as ReportsError {
      throw error
    } catch {
      throw ReportsError(.unreadable, "\(error)")
    }
  }
}
