import Foundation
import Testing

/// What `check` says of a model and its data before anything is measured.
@Suite("check")
struct CheckTests {
  /// A project on the credit model with two records; `model` is copied to `models/v1`.
  private func project(
    answers: String = "{positive: [\" approve\"], negative: [\" decline\"]}", more: String = "",
    data: String = "sex,job,label\nmale,skilled,approve\nfemale,skilled,decline\n,skilled,decline\n"
  ) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(
      """
      system: {name: Test}
      models: {1.0: {folder: models/v1}}
      prompts:
        template: "Loan application: applicant {sex}, job {job}. Decision:"
        data: data/d.csv
        answers: \(answers)\(more)
      behaviours:
        - {id: sex, question: Does it move?, substitute: {field: sex, clean: male, counterfactual: female}}
      evaluation:
        label: {column: label, positive: approve}
        groups: [sex]

      """, to: "vitrine.yaml")
    try scratch.write(data, to: "data/d.csv")
    try scratch.copy(Sample.credit, to: "models/v1")
    return scratch
  }

  @Test("Labels, groups, lengths and repeated prompts stand in a table, and a group without a value has a name")
  func table() async throws {
    let scratch = try project()
    let result = try await Program.vitrine("check", scratch.path)
    #expect(result.status == 0, "\(result)")
    let words = result.out.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    for row in [
      "evaluation value records share what it is", "label approve 1 33.3 % positive label",
      "label decline 2 66.7 % negative label", "sex male 1 100.0 % positive labels; few records",
      "sex (empty) 1 0.0 % positive labels; few records",
      "prompts once more 0 0.0 % equal an earlier one; 0 with another label",
    ] {
      #expect(words.contains(row), "no row '\(row)': \(result)")
    }
  }

  @Test("A model in a hub's cache is refused as 'evaluate' refuses it, with the command that copies it")
  func hubCache() async throws {
    let scratch = try project()
    let copied = try await Program.shell(
      """
      mkdir -p hub/blobs hub/snapshots/x && for f in models/v1/*; do d=$(sha256sum "$f" | cut -c1-64); cp "$f" hub/blobs/$d; \
      ln -s ../../blobs/$d hub/snapshots/x/$(basename "$f"); done && sed -i 's#models/v1#hub/snapshots/x#' vitrine.yaml
      """, in: scratch.folder)
    #expect(copied.status == 0, "\(copied)")
    for command in ["check", "evaluate"] {
      let result = try await Program.vitrine(command, ".", in: scratch.folder)
      #expect(result.status == 65, "\(result)")
      #expect((result.out + result.err).contains("cp -rL"), "\(result)")
    }
  }

  @Test(
    "Where the model's own tokenizer adds a token, the prompts have it or check says so",
    arguments: [("", "12 tokens"), ("\n  special_tokens: true", "special_tokens: auto")])
  func beginning(more: String, part: String) async throws {
    let scratch = try project(more: more)
    try scratch.write(
      #"{"add_bos_token": true, "bos_token": "<|endoftext|>", "tokenizer_class": "LlamaTokenizerFast"}"#,
      to: "models/v1/tokenizer_config.json")
    let result = try await Program.vitrine("check", ".", in: scratch.folder)
    #expect(result.status == 0 && result.out.contains(part), "\(result)")
  }

  /// The credit model with a head of classes in place of its tokens.
  private static let classifier = #"""
    import json, struct
    d = "models/v1/"
    raw = open(d + "model.safetensors", "rb").read()
    n = struct.unpack("<Q", raw[:8])[0]
    header, data = json.loads(raw[8:8 + n]), raw[8 + n:]
    config = json.load(open(d + "config.json"))
    width, names = config["n_embd"], ["decline", "approve", "refer"]
    score = struct.pack("<%df" % (3 * width), *[((i * 37) % 11 - 5) / 50 for i in range(3 * width)])
    header.pop("lm_head.weight", None)
    header["score.weight"] = {"dtype": "F32", "shape": [3, width], "data_offsets": [len(data), len(data) + len(score)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(d + "model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data + score)
    config.update(architectures=["GPT2ForSequenceClassification"], pad_token_id=0, id2label=dict(enumerate(names)))
    json.dump(config, open(d + "config.json", "w"))
    """#

  private func classifier(_ scratch: Scratch, _ change: String = "") async throws {
    try scratch.write(Self.classifier, to: "head.py")
    let made = try await Program.shell("python3 head.py", in: scratch.folder)
    #expect(made.status == 0, "\(made)")
    guard !change.isEmpty else { return }
    try scratch.write(
      "import json\nc = json.load(open('models/v1/config.json'))\n\(change)\njson.dump(c, open('models/v1/config.json', 'w'))\n",
      to: "change.py")
    #expect(try await Program.shell("python3 change.py", in: scratch.folder).status == 0)
  }

  @Test("A class that no answer names is told before anything is measured, and names of classes have no leading space")
  func classes() async throws {
    let scratch = try project(answers: "{positive: [approve], negative: [decline]}")
    try await classifier(scratch)
    let result = try await Program.vitrine("check", ".", in: scratch.folder)
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("decides between 3 classes: 0 'decline', 1 'approve', 2 'refer'"), "\(result)")
    #expect(result.out.contains("no answer of behaviour 'sex' names 'refer'"), "\(result)")
    #expect(!result.out.contains("leading space"), "\(result)")
  }

  @Test(
    "Classes that config.json names in two ways, or that an answer misnames, are an error with the right name",
    arguments: [
      ("approve", "c['id2label']['2'] = 'approve'", "names both class 1 and class 2 'approve'"),
      ("approve", "c['num_labels'] = 2", "key 'num_labels' is 2, but id2label names 3 classes"),
      (
        "approve", "c['label2id'] = {'approve': 0, 'decline': 1}",
        "'decline' is class 1, but id2label says that it is class 0"
      ),
      ("\" approve\"", "", "did you mean 'approve'? Names of classes"),
      ("LABEL_1", "", "its classes are decline, approve, refer"),
    ])
  func misnamed(answer: String, change: String, part: String) async throws {
    let scratch = try project(answers: "{positive: [\(answer)], negative: [decline]}")
    try await classifier(scratch, change)
    let result = try await Program.vitrine("check", ".", in: scratch.folder)
    #expect(result.status == 65 && result.out.contains(part), "\(result)")
  }

  @Test("Classes without names of their own are told")
  func unnamed() async throws {
    let scratch = try project(answers: "{positive: [LABEL_1], negative: [LABEL_0, LABEL_2]}")
    try await classifier(scratch, "del c['id2label']; c['num_labels'] = 3")
    let result = try await Program.vitrine("check", ".", in: scratch.folder)
    #expect(result.status == 0 && result.out.contains("its classes have no names of their own"), "\(result)")
  }

  @Test("A version whose weights are a copy of another's is told")
  func copy() async throws {
    let scratch = try project()
    try scratch.copy(Sample.credit, to: "models/v2")
    let yaml = try String(contentsOf: scratch.url("vitrine.yaml"), encoding: .utf8)
    try scratch.write(
      yaml.replacingOccurrences(of: "models/v1}", with: "models/v1}, 1.1: {folder: models/v2, supersedes: 1.0}"),
      to: "vitrine.yaml")
    let result = try await Program.vitrine("check", ".", in: scratch.folder)
    #expect(
      result.out.contains("model 1.1: its weights are those of version 1.0, byte by byte ('models/v2', 'models/v1')"),
      "\(result)")
  }

  @Test("A long prompt's pieces are cut, and what is too long for the model is said")
  func long() async throws {
    let long = Array(repeating: "skilled", count: 300).joined(separator: " ")
    let scratch = try project(data: "sex,job,label\nmale,\(long),approve\nfemale,skilled,decline\n")
    let result = try await Program.vitrine("check", scratch.path)
    #expect(result.out.contains("the model reads at most 128"), "\(result)")
    #expect(result.out.split(separator: "\n").allSatisfy { $0.count < 1200 }, "\(result)")
  }
}
