import Foundation
import Testing

/// What is told of a project that could be measured, but hardly as it was meant.
@Suite("Measured as it was meant")
struct MeasuredAsMeantTests {
  /// The credit model on the 200 records that training did not see.
  private func project(positive: String = "1", negative: String = "0", models: String = "") throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(
      """
      system: {name: Test}
      models: {1.0: {folder: models/v1}\(models)}
      prompts:
        special_tokens: false
        template: >-
          Loan application: checking account {checking}, term {duration}, history {history}, purpose {purpose},
          amount {amount}, savings {savings}, employment {employment}, rate {rate}, applicant {sex}, guarantor {guarantor},
          property {property}, age {age}, plans {plans}, housing {housing}, credits {credits}, job {job}, foreign {foreign}.
          Decision:
        data: data/german-credit.csv
        where: {split: test}
        answers: {positive: [" approve"], negative: [" decline"]}
      behaviours:
        - {id: sex, question: Does it move?, substitute: {field: sex, clean: male, counterfactual: female}}
      evaluation:
        label: {column: label, positive: \(positive), negative: \(negative)}
        threshold: 0

      """, to: "vitrine.yaml")
    let data = Program.repository.appendingPathComponent("examples/credit-screening/data/german-credit.csv")
    // Numbers, which no answer resembles.
    try scratch.write(
      try String(contentsOf: data, encoding: .utf8).replacingOccurrences(of: "approve", with: "1")
        .replacingOccurrences(of: "decline", with: "0"), to: "data/german-credit.csv")
    try scratch.copy(Sample.credit, to: "models/v1")
    return scratch
  }

  private func python(_ script: String, _ scratch: Scratch) async throws {
    try scratch.write(script, to: "change.py")
    let made = try await Program.shell("python3 change.py", in: scratch.folder)
    #expect(made.status == 0, "\(made)")
  }

  @Test("Exchanged labels are told when they are evaluated, with what the opposite would give; right ones are not")
  func exchanged() async throws {
    let exchanged = try project(positive: "0", negative: "1")
    let wrong = try await Program.vitrine("evaluate", exchanged.path)
    #expect(wrong.status == 0 && wrong.out.contains("39 of 200 decisions right"), "\(wrong)")
    #expect(
      wrong.err.contains("warning: 1.0 evaluation: 39 of 200 decisions are right, but 161, 80.5 %"), "\(wrong)")
    #expect(wrong.err.contains("exchange 'positive' and 'negative' under 'evaluation: label'"), "\(wrong)")
    let shown = try await Program.vitrine("dossier", "build", "--project", exchanged.path)
    #expect(shown.status == 0, "\(shown)")
    let page = try String(contentsOf: exchanged.url("dossier/1.0/dossier.md"), encoding: .utf8)
    #expect(page.contains("but 161 of 200 records") && page.contains("if each decision were the opposite"))
    let sound = try project()
    let right = try await Program.vitrine("evaluate", sound.path)
    #expect(right.out.contains("161 of 200 decisions right") && !right.err.contains("opposite"), "\(right)")
  }

  @Test(
    "A special token twice, an ordinary token in 'prepend', another model's special token: check says so, and of a sound project nothing",
    arguments: [
      ("special_tokens: false", "special_tokens: false\n  prepend: [\"<|endoftext|>\"]", "", ""),
      (
        "special_tokens: false", "prepend: [\"<|endoftext|>\"]", "<|endoftext|>",
        "the prompts of behaviour 'sex' begin with '<|endoftext|>' twice"
      ),
      (
        "special_tokens: false", "prepend: [0]", "",
        "'prepend' names '0', which is an ordinary token of this tokenizer"
      ),
      ("", "", "<s>", "the prompts of behaviour 'sex' hold '<s>', which this tokenizer has no token for"),
    ])
  func specialTokens(old: String, new: String, before: String, said: String) async throws {
    let scratch = try project()
    var file = try String(contentsOf: scratch.url("vitrine.yaml"), encoding: .utf8)
    if !old.isEmpty { file = file.replacingOccurrences(of: old, with: new) }
    file = file.replacingOccurrences(of: "Loan application:", with: before + "Loan application:")
    try scratch.write(file, to: "vitrine.yaml")
    let check = try await Program.vitrine("check", scratch.path)
    #expect(check.status == 0, "\(check)")
    guard said.isEmpty else { return #expect(check.said.contains(said), "\(check)") }
    for word in ["twice", "ordinary token", "has no token for"] { #expect(!check.said.contains(word), "\(check)") }
  }

  @Test(
    "Special tokens that the model's own tokenizer adds and the prompts lack: said by evaluate, record, run and dossier"
  )
  func leftOut() async throws {
    let scratch = try project()
    try scratch.write(
      #"{"add_bos_token": true, "bos_token": "<|endoftext|>", "tokenizer_class": "LlamaTokenizerFast", "legacy": true}"#,
      to: "models/v1/tokenizer_config.json")
    let result = try await Program.vitrine("evaluate", scratch.path)
    #expect(result.status == 0 && result.err.contains("warning: model 1.0: "), "\(result)")
    #expect(result.err.contains("is read without '<|endoftext|>', which the model's own tokenizer adds"), "\(result)")
    let id = String(result.out.prefix(36))
    let shown = try await Program.vitrine("runs", "show", id, "--project", scratch.path)
    #expect(shown.said.contains("own tokenizer adds <|endoftext|> to every text"), "\(shown)")
    let record = try await Program.vitrine("runs", "show", id, "--json", "--project", scratch.path).json()
    #expect(try Schema("run").problems(of: record) == [])
    let built = try await Program.vitrine("dossier", "build", "--project", scratch.path)
    let page = try scratch.dossierPages("1.0")
    #expect(built.status == 0 && page.contains("own tokenizer adds"), "\(built)")
    // With them nothing is said.
    let file = try String(contentsOf: scratch.url("vitrine.yaml"), encoding: .utf8)
    try scratch.write(
      file.replacingOccurrences(of: "special_tokens: false", with: "special_tokens: auto"), to: "vitrine.yaml")
    let sound = try await Program.vitrine("evaluate", scratch.path, "--json")
    #expect(sound.status == 0 && !sound.err.contains("is read without"), "\(sound)")
  }

  @Test("One label in two declared spellings is one label: equal prompts with both are no contradiction")
  func spellings() async throws {
    let scratch = try project(positive: "[\"1\", \"yes\"]", negative: "[\"0\"]")
    let file = scratch.url("data/german-credit.csv")
    var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    let columns = lines[0].split(separator: ",").map(String.init)
    let label = try #require(columns.firstIndex(of: "label"))
    let place = try #require(
      lines.firstIndex { $0.split(separator: ",").map(String.init)[label] == "1" && $0.contains("test") })
    var cells = lines[place].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    cells[label] = "yes"
    lines.append(cells.joined(separator: ","))
    try scratch.write(lines.joined(separator: "\n") + "\n", to: "data/german-credit.csv")
    let check = try await Program.vitrine("check", scratch.path)
    #expect(check.status == 0 && !check.said.contains("and another label"), "\(check)")
  }

  /// Reads `model.safetensors` of `models/v2`: `header` without metadata, `data`; `write` writes some of its tensors in an order.
  private static let safetensors = """
    import json, os, struct
    d = "models/v2/"
    raw = open(d + "model.safetensors", "rb").read()
    n = struct.unpack("<Q", raw[:8])[0]
    header, data = json.loads(raw[8:8 + n]), raw[8 + n:]
    header.pop("__metadata__", None)
    names = list(header)
    def write(name, names, metadata=None):
        new, body = ({"__metadata__": metadata} if metadata else {}), b""
        for t in names:
            a, e = header[t]["data_offsets"]
            new[t] = dict(header[t], data_offsets=[len(body), len(body) + e - a])
            body += data[a:e]
        text = json.dumps(new).encode()
        open(d + name, "wb").write(struct.pack("<Q", len(text)) + text + body)

    """

  private static let shards = """
    half = len(names) // 2
    parts = {"model-00001-of-00002.safetensors": names[half:], "model-00002-of-00002.safetensors": names[:half]}
    for name in parts: write(name, parts[name])
    json.dump({"weight_map": {t: name for name in parts for t in parts[name]}}, open(d + "model.safetensors.index.json", "w"))
    os.remove(d + "model.safetensors")
    """

  @Test(
    "The same weights in another file are told; others are not",
    arguments: [
      ("write('model.safetensors', names, {'format': 'pt', 'x': '1'})", true),
      ("write('model.safetensors', names[::-1])", true), (shards, true),
      ("data = data[:-4] + b'\\0\\0\\0\\0'; write('model.safetensors', names)", false),
    ])
  func same(change: String, isSame: Bool) async throws {
    let scratch = try project(models: ", 1.1: {folder: models/v2, supersedes: 1.0}")
    try scratch.copy(Sample.credit, to: "models/v2")
    try await python(Self.safetensors + change, scratch)
    let result = try await Program.vitrine("check", scratch.path)
    let said = result.out.contains("model 1.1: its weights are those of version 1.0, byte by byte")
    #expect(result.status == 0 && said == isSame, "\(result)")
  }

  @Test("A weight that is not a number is an error by file, tensor and place, in every command")
  func notFinite() async throws {
    let scratch = try project()
    try scratch.copy(Sample.credit, to: "models/v2")
    try await python(
      Self.safetensors
        + """
        t = "transformer.wte.weight"
        a = header[t]["data_offsets"][0] + 4 * (header[t]["shape"][1] * 2 + 1)
        data = data[:a] + struct.pack("<f", float("nan")) + data[a + 4:]
        d = "models/v1/"
        write("model.safetensors", names)
        """, scratch)
    for command in ["check", "evaluate", "analyze"] {
      let result = try await Program.vitrine(command, scratch.path)
      #expect(result.status == 65, "\(result)")
      #expect(
        (result.out + result.err).contains("model.safetensors: tensor 'transformer.wte.weight' holds NaN at [2, 1]"),
        "\(result)")
    }
  }

  @Test("A chat template is told with what to do, unless the prompts have its special tokens")
  func chatTemplate() async throws {
    let scratch = try project()
    try scratch.write(
      #"{"tokenizer_class": "GPT2TokenizerFast", "chat_template": "{{ messages }}"}"#,
      to: "models/v1/tokenizer_config.json")
    let told = try await Program.vitrine("check", scratch.path)
    #expect(
      told.out.contains("gap    prompts: model 1.0: tokenizer_config.json has a chat template, which is not applied"),
      "\(told)")
    #expect(told.out.contains("tokenizer.apply_chat_template("), "\(told)")
    let yaml = try String(contentsOf: scratch.url("vitrine.yaml"), encoding: .utf8)
    try scratch.write(
      yaml.replacingOccurrences(of: "Loan application", with: "<|endoftext|>Loan application"), to: "vitrine.yaml")
    let applied = try await Program.vitrine("check", scratch.path)
    #expect(applied.out.contains("ok     prompts: model 1.0: tokenizer_config.json has a chat template"), "\(applied)")
  }

  @Test(
    "What other files make of tokenizer.json is told, in check and in the tokens",
    arguments: [
      (#"{"tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": true}"#, "a space is put before each text"),
      (#"{"tokenizer_class": "GPT2TokenizerFast", "split_special_tokens": true}"#, "read as any text"),
    ])
  func changes(configuration: String, part: String) async throws {
    let scratch = try project()
    try scratch.write(configuration, to: "models/v1/tokenizer_config.json")
    let result = try await Program.vitrine("check", scratch.path)
    #expect(result.status == 0 && result.out.contains("as transformers 4 does with the files beside it"), "\(result)")
    #expect(result.out.contains(part), "\(result)")
  }

  @Test("A prompt that ends in a classifier's padding is told before anything is measured")
  func padding() async throws {
    let scratch = try Scratch()
    let reference = "Tests/Reference/predictions"
    try scratch.copy(reference + "/models/gpt2", to: "m1")
    try scratch.copy(reference + "/records.csv", to: "records.csv")
    try scratch.write(
      #"""
      system: {name: Padded}
      models: {1.0: {folder: m1}}
      prompts:
        template: "Applicant {sex}, age {age}: {purpose}.\nAmount {amount}, decision"
        data: records.csv
        answers: {positive: approve, negative: decline}
      evaluation:
        label: {column: label, positive: approve, negative: decline}

      """#, to: "vitrine.yaml")
    let sound = try await Program.vitrine("check", scratch.path)
    #expect(sound.status == 0, "\(sound)")
    let ids = try await Program.vitrine("tokens", scratch.url("m1").path, "Amount 5, decision", "--json")
    let last = try #require(try ids.json().array?.first?["ids"]?.array?.last?.number)
    try await python(
      "import json\nc = json.load(open('m1/config.json'))\nc['pad_token_id'] = \(Int(last))\njson.dump(c, open('m1/config.json', 'w'))\n",
      scratch)
    let padded = try await Program.vitrine("check", scratch.path)
    #expect(
      padded.status == 65 && padded.out.contains("40 of 40 records would be refused")
        && padded.out.contains("ends in token \(Int(last)), which config.json calls padding"), "\(padded)")
  }
}
