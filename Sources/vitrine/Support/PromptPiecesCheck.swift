import Analysis
import Project

/// How a model's tokenizer reads the first prompt, special tokens included; of behaviours with other special tokens theirs too.
struct PromptPiecesCheck {
  private(set) var messages: [CheckMessage] = []

  init(_ project: Project, _ version: Project.ModelVersion, _ tokenizer: Tokenizer?) {
    guard let tokenizer else { return }
    var firsts = project.behaviours.compactMap { behaviour in
      behaviour.pairs.first.map {
        (
          name: "behaviour '\(behaviour.id)'", text: $0.clean, prepend: behaviour.prepend,
          special: behaviour.specialTokens
        )
      }
    }
    if let evaluation = project.evaluation, let first = evaluation.examples.first {
      firsts.append(("the evaluation", first.prompt, evaluation.prepend, evaluation.specialTokens))
    }
    var seen: Set<String> = []
    for first in firsts {
      // One prompt shows it for all that are read alike.
      guard seen.insert("\(first.special) \(first.prepend)").inserted,
        let pieces = Self.pieces(first.text, first.prepend, first.special, tokenizer)
      else { continue }
      messages.append(
        CheckMessage(.ok, "prompts", "model \(version.version) reads the first prompt of \(first.name) as \(pieces)"))
    }
    for first in firsts { noteTwice(first.name, first.text, first.prepend, first.special, version, tokenizer) }
    for name in Set(firsts.flatMap(\.prepend)).sorted() { noteOrdinary(name, version, tokenizer) }
    for first in firsts { noteForeign(first.name, first.text, version, tokenizer) }
    noteChanges(version, tokenizer)
    noteChatTemplate(firsts.first?.text, version, tokenizer)
    let leftOut = firsts.first { $0.special == .never && $0.prepend.isEmpty }
    if let leftOut { noteLeftOut(leftOut.name, version, tokenizer) }
    if let file = firsts.first(where: { $0.special == .file }) { noteFileAlone(file.name, version, tokenizer) }
    if firsts.contains(where: { $0.special == .auto }) { noteVersions(version, tokenizer) }
  }

  /// A prompt whose text begins with the special token that is put before it besides.
  private mutating func noteTwice(
    _ name: String, _ text: String, _ prepend: [String], _ special: SpecialTokens, _ version: Project.ModelVersion,
    _ tokenizer: Tokenizer
  ) {
    guard let ids = try? tokenizer.encode(text), let first = ids.first else { return }
    let before = prepend.compactMap(tokenizer.id(ofToken:)) + Self.around(special, tokenizer).before
    guard let last = before.last, last == first, tokenizer.isSpecial(first) else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): the prompts of \(name) begin with '\(Format.harmless(tokenizer.texts(of: [first])[0]))' twice: it stands in the text, and is put before it",
        remedy: "take it out of 'template', or set 'special_tokens: false' without 'prepend'"))
  }

  /// A prepended text that is one ordinary token of the vocabulary, such as `0`, which may have been meant as an id.
  private mutating func noteOrdinary(_ text: String, _ version: Project.ModelVersion, _ tokenizer: Tokenizer) {
    guard let ids = try? tokenizer.encode(text), ids.count == 1, let id = ids.first, !tokenizer.isSpecial(id) else {
      return
    }
    let meant = Int(text).map { tokenizer.texts(of: [$0])[0] }.map {
      "; the token with that id is '\(Format.harmless($0))'"
    }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): 'prepend' names '\(Format.harmless(text))', which is an ordinary token of this tokenizer (id \(id)), no special one\(meant ?? "")",
        remedy:
          "write the special token's text, e.g. \"<|endoftext|>\", or leave 'prepend' out for 'special_tokens: auto'"))
  }

  /// Special tokens of well-known models.
  private static let wellKnown = [
    "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "[INST]", "[/INST]",
    "<|endoftext|>",
    "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "<start_of_turn>",
    "<end_of_turn>",
  ]

  /// Another model's special token in a prompt: this tokenizer reads its letters.
  private mutating func noteForeign(
    _ name: String, _ text: String, _ version: Project.ModelVersion, _ tokenizer: Tokenizer
  ) {
    let foreign = Self.wellKnown.filter { text.contains($0) && tokenizer.id(ofToken: $0) == nil }
    guard !foreign.isEmpty else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): the prompts of \(name) hold \(foreign.map { "'\($0)'" }.joined(separator: ", ")), which this tokenizer has no token for and reads as letters",
        remedy: "write this model's own special tokens, or leave them to 'special_tokens: auto'"))
  }

  private static func around(_ special: SpecialTokens, _ tokenizer: Tokenizer) -> SpecialTokenIDs {
    switch special {
    case .never: SpecialTokenIDs(before: [], after: [])
    case .file: tokenizer.fileSpecialTokens
    case .auto: tokenizer.ownSpecialTokens
    }
  }

  /// What the files beside `tokenizer.json` change of it.
  private mutating func noteChanges(_ version: Project.ModelVersion, _ tokenizer: Tokenizer) {
    if let name = tokenizer.remadeClass {
      messages.append(
        CheckMessage(
          .gap, "prompts",
          "model \(version.version): texts are read by the steps of tokenizer.json, as in transformers 4; transformers 5 takes steps of its own for the class \(name), which are others",
          remedy:
            "write \"tokenizer_class\": \"PreTrainedTokenizerFast\" into tokenizer_config.json, with which both go by the file; 'add_prefix_space' then decides about a space before texts in transformers 4"
        ))
    }
    guard !tokenizer.changes.isEmpty else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): texts are read otherwise than by tokenizer.json alone, as transformers 4 does with the files beside it: \(tokenizer.changes.joined(separator: "; "))",
        remedy:
          "transformers 5 may read them in another way: hold 'vitrine tokens' against what your serving system reads"))
  }

  /// A chat template is not applied: the prompt is the text as it is written.
  private mutating func noteChatTemplate(
    _ prompt: String?, _ version: Project.ModelVersion, _ tokenizer: Tokenizer
  ) {
    guard let place = tokenizer.chatTemplatePlace, let prompt else { return }
    let isApplied = (try? tokenizer.hasSpecialTokens(in: prompt)) == true
    let what =
      "model \(version.version): \(place) has a chat template, which is not applied; prompts are sent as they are written"
    guard !isApplied else {
      messages.append(CheckMessage(.ok, "prompts", what + ", the first with special tokens in its text"))
      return
    }
    messages.append(
      CheckMessage(
        .gap, "prompts", what,
        remedy:
          "if your system sends chats, put the text that tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True) makes into 'template', and set 'special_tokens: false' if that text begins with the special tokens"
      ))
  }

  /// With `special_tokens: false` the prompts lack what the model's own tokenizer adds.
  private mutating func noteLeftOut(_ name: String, _ version: Project.ModelVersion, _ tokenizer: Tokenizer) {
    let own = tokenizer.ownSpecialTokens
    guard !own.isEmpty else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): \(name) is read without \(Self.names(own, tokenizer)), which the model's own tokenizer adds to every text",
        remedy: "set 'special_tokens: auto', unless the model was trained without them"))
  }

  /// With `special_tokens: true` the prompts get what `tokenizer.json` says, though the model's own tokenizer adds something else.
  private mutating func noteFileAlone(_ name: String, _ version: Project.ModelVersion, _ tokenizer: Tokenizer) {
    let file = tokenizer.fileSpecialTokens
    guard file != tokenizer.ownSpecialTokens else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): 'special_tokens: true' goes by tokenizer.json alone, so that \(name) gets \(Self.names(file, tokenizer)); the model's own tokenizer adds \(Self.names(tokenizer.ownSpecialTokens, tokenizer)) (tokenizer_config.json, in transformers 4)",
        remedy: "set 'special_tokens: auto', unless the model was trained as it is now"))
  }

  /// Where `transformers` 4 and 5 read a text differently.
  private mutating func noteVersions(_ version: Project.ModelVersion, _ tokenizer: Tokenizer) {
    let file = tokenizer.fileSpecialTokens
    guard let name = tokenizer.specialTokensClass, file != tokenizer.ownSpecialTokens else { return }
    messages.append(
      CheckMessage(
        .gap, "prompts",
        "model \(version.version): tokenizer_config.json (\(name)) adds \(Self.names(tokenizer.ownSpecialTokens, tokenizer)) in transformers 4, as it is done here; transformers 5 goes by tokenizer.json alone, which adds \(Self.names(file, tokenizer))",
        remedy: "find out which of them the model was trained with; 'special_tokens: true' goes by tokenizer.json alone"
      ))
  }

  /// What a record says where prompts do not get just what the model's own tokenizer adds; nil where they do, or where it adds nothing.
  static func remark(_ project: Project, _ tokenizer: Tokenizer) -> ModelRemark? {
    let own = tokenizer.ownSpecialTokens
    var settings = project.behaviours.map { (special: $0.specialTokens, prepend: $0.prepend) }
    if let evaluation = project.evaluation { settings.append((evaluation.specialTokens, evaluation.prepend)) }
    let isOther = settings.contains { setting in
      setting.prepend.isEmpty && around(setting.special, tokenizer) != own
    }
    guard isOther, !own.isEmpty else { return nil }
    return ModelRemark(kind: .specialTokens, names: tokenizer.texts(of: own.before + own.after))
  }

  private static func names(_ ids: SpecialTokenIDs, _ tokenizer: Tokenizer) -> String {
    let texts = tokenizer.texts(of: ids.before + ids.after).map { "'\($0)'" }
    return texts.isEmpty ? "nothing" : texts.joined(separator: " and ")
  }

  /// Pieces between bars, nil if the text cannot be read: the behaviour's own check says why.
  private static func pieces(
    _ text: String, _ prepend: [String], _ special: SpecialTokens, _ tokenizer: Tokenizer
  ) -> String? {
    guard let ids = try? tokenizer.encode(text) else { return nil }
    let around = around(special, tokenizer)
    let pieces = prepend + tokenizer.texts(of: around.before + ids + around.after)
    let shown =
      pieces.count <= 80
      ? pieces.map { Format.harmless($0) }
      : pieces.prefix(50).map { Format.harmless($0) } + ["…"] + pieces.suffix(20).map { Format.harmless($0) }
    return "\(pieces.count) tokens: " + shown.joined(separator: "|")
  }
}
