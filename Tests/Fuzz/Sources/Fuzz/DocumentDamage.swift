/// Damage to a JSON document that leaves it JSON, mostly.
struct DocumentDamage: Sendable {
  /// Values to put in the place of others.
  let values: [Document]
  /// Texts to put in the place of others, or into them.
  let texts: [String]
  /// Keys to add.
  let keys: [String]

  static let numbers = [
    "0", "1", "2", "3", "-1", "7", "64", "127", "255", "256", "65536", "2147483647", "2147483648", "4294967296",
    "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
    "1e19", "1e308", "1e999", "-1e999", "1e-320", "0.5", "-0.0", "1.0", "3.4e38", "3.5e38", "1e40", "00", "+1", "NaN",
  ]

  /// Does one to three things.
  func damage(_ document: inout Document, _ draw: inout Draw) {
    for _ in 0..<(draw.chance(2) ? 1 : 1 + draw.below(3)) {
      let place = draw.below(document.count)
      var inner = draw
      document.change(place) { damageOne(&$0, &inner) }
      draw = inner
    }
  }

  private func damageOne(_ value: inout Document, _ draw: inout Draw) {
    if draw.chance(4) {
      value = draw.pick(values)
      return
    }
    if draw.chance(12) {
      let depth = draw.pick([1, 2, 30, 70, 600, 3000])
      value = .raw(String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth))
      return
    }
    switch value {
    case .object(var members):
      damageMembers(&members, &draw)
      value = .object(members)
    case .array(var items):
      damageItems(&items, &draw)
      value = .array(items)
    case .text(var text):
      damageText(&text, &draw)
      value = .text(text)
    case .raw(let raw): value = .raw(number(near: raw, &draw))
    }
  }

  private func damageMembers(_ members: inout [(key: String, value: Document)], _ draw: inout Draw) {
    guard !members.isEmpty else { return members.append((draw.pick(keys), draw.pick(values))) }
    let (one, other) = (draw.below(members.count), draw.below(members.count))
    switch draw.below(7) {
    case 0: members.remove(at: one)
    case 1: members.insert(members[one], at: other)
    case 2: members.append((members[one].key, draw.pick(values)))
    case 3: members.append((draw.pick(keys), draw.pick(values)))
    case 4: (members[one].value, members[other].value) = (members[other].value, members[one].value)
    case 5: members[one].key = draw.chance(2) ? members[other].key : draw.pick(texts)
    default: members.removeLast(draw.below(members.count))
    }
  }

  private func damageItems(_ items: inout [Document], _ draw: inout Draw) {
    guard !items.isEmpty else { return items.append(draw.pick(values)) }
    let (one, other) = (draw.below(items.count), draw.below(items.count))
    switch draw.below(5) {
    case 0: items.remove(at: one)
    case 1: items.insert(items[one], at: other)
    case 2: items.insert(draw.pick(values), at: one)
    case 3: items.swapAt(one, other)
    default: items.removeLast(draw.below(items.count))
    }
  }

  private func damageText(_ text: inout String, _ draw: inout Draw) {
    var scalars = Array(text.unicodeScalars)
    let place = draw.below(scalars.count + 1)
    switch draw.below(5) {
    case 0: text = draw.pick(texts)
    case 1: scalars.insert(contentsOf: Array(draw.pick(texts).unicodeScalars), at: place)
    case 2: scalars.removeSubrange(place..<min(scalars.count, place + 1 + draw.below(3)))
    case 3: scalars = Array(String(repeating: text, count: draw.pick([2, 3, 50])).unicodeScalars)
    default:
      // Any scalar at all: surrogates are left out, as no UTF-8 has them.
      if let scalar = Unicode.Scalar(UInt32(draw.below(0x11_0000))) { scalars.insert(scalar, at: place) }
    }
    if scalars != Array(text.unicodeScalars), !texts.contains(text) {
      text = String(String.UnicodeScalarView(scalars))
    }
  }

  private func number(near raw: String, _ draw: inout Draw) -> String {
    guard let value = Int(raw), draw.chance(2) else { return draw.pick(Self.numbers) }
    let changes = [value &+ 1, value &- 1, value &* 2, value / 2, 0 &- value, value &* 4096, value &+ 1 << 32]
    return "\(draw.pick(changes))"
  }
}

extension DocumentDamage {
  /// For `config.json` and the index of shards.
  static let configuration = DocumentDamage(
    values: numbers.map(Document.raw)
      + ["null", "true", "false", "[]", "{}", "[1,2]", "[0,\"x\"]", "{\"rope_type\":\"llama3\"}"].map(Document.raw)
      + ["", "gelu", "silu", "llama", "gpt2", "default", "linear", "sliding_attention", "float16"].map(Document.text),
    texts: [
      "", "gpt2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "gemma2", "phi3", "bert", "roberta", "deberta-v2",
      "modernbert", "gelu", "gelu_new", "relu",
      "silu",
      "llama3", "linear", "yarn", "dynamic", "default", "full_attention", "LlamaForCausalLM", "..", "../config.json",
      "model.safetensors", "model-00001-of-00002.safetensors", "config.json", "/", "\u{0}", "\u{FEFF}", "e\u{301}",
    ],
    keys: [
      "head_dim", "num_key_value_heads", "rope_scaling", "rope_theta", "rope_parameters", "sliding_window",
      "layer_types",
      "attention_bias", "tie_word_embeddings", "num_labels", "id2label", "partial_rotary_factor", "rotary_pct",
      "n_inner",
      "query_pre_attn_scalar", "final_logit_softcapping", "attn_logit_softcapping", "hidden_act", "max_window_layers",
      "use_sliding_window", "pad_token_id", "quantization_config", "original_max_position_embeddings", "factor",
    ])

  /// For `tokenizer.json`.
  static let tokenizer = DocumentDamage(
    values: numbers.map(Document.raw)
      + [
        "null", "true", "false", "[]", "{}", "[[]]", "[\"a\",\"b\"]", "[\"<s>\",1]", "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
      ]
      .map(Document.raw)
      + [
        "a b", "a", "", "<unk>", "first", "Removed", "Isolated", "MergedWithPrevious", "Contiguous", "always", "never",
      ]
      .map(Document.text),
    texts: [
      "", " ", "a", "\u{2581}", "\u{0120}", "\u{0301}", "e\u{301}", "\u{0}", "\u{FFFD}", "\u{10FFFF}",
      "\u{1F468}\u{200D}",
      "<0x00>", "<0xFF>", "<0xGG>", "<0x>", "##", "##a", "</w>", "a b", " b", "a ", "a  b", "a b c", "#version: 0.2",
      "(", ")", "(?", "(?:", "(?i:a)|b", "(a+)+$", "(?=a)", "(?!\\S)", "(?<=a)b", "\\p{L", "\\p{Greek}", "\\p{^L}+",
      "[a-\\d]",
      "[^", "[]", "[z-a]", "a{2,1}", "a{1000000000}", "(?:a{1000}){1000}", "(?:(?:a*)*)*", "\\", "\\u{110000}", "\\1",
      ".*", "\\s+$",
      "a++b*+c?+", "|", "||", "(?i:ſ|K|ß)", "Sequence", "Split", "Regex", "String", "Replace", "Prepend", "Metaspace",
      "ByteLevel", "NFC", "NFKD", "Lowercase", "Strip", "BertNormalizer", "BPE", "WordPiece", "Unigram", "WordLevel",
      "Digits", "Punctuation", "Whitespace", "TemplateProcessing", "RobertaProcessing", "ByteFallback", "Fuse",
      "Precompiled", "BAAAAAAAAAA=", "CAAAAP////8BAACAYQA=",
    ],
    keys: [
      "type", "pattern", "behavior", "invert", "add_prefix_space", "prepend_scheme", "replacement", "unk_token",
      "byte_fallback", "fuse_unk", "ignore_merges", "dropout", "continuing_subword_prefix", "end_of_word_suffix",
      "max_input_chars_per_word", "normalized", "single_word", "lstrip", "rstrip", "special", "content", "id", "Regex",
      "String", "normalizers", "pretokenizers", "processors", "individual_digits", "trim_offsets", "use_regex",
      "strip_accents", "handle_chinese_chars", "clean_text", "lowercase", "split", "cls", "sep", "single",
      "special_tokens", "precompiled_charsmap", "pair", "type_id", "unk_id",
    ])

  /// For the header of a safetensors file.
  static let header = DocumentDamage(
    values: numbers.map(Document.raw)
      + [
        "null", "[]", "{}", "[0]", "[0,0]", "[4,0]", "[0,4]", "[4294967296,4294967296]", "[-1,-4]",
        "[4611686018427387904,4]", "[1,1,1,1,1,1,1,1]", "[0,9223372036854775807]",
        "[9223372036854775803,9223372036854775807]",
      ].map(Document.raw) + ["F32", "F16", "BF16", "F64", "I64", "BOOL", "F4"].map(Document.text),
    texts: [
      "", "F32", "F16", "BF16", "F64", "I8", "I64", "F8_E4M3", "__metadata__", "wte.weight", "lm_head.weight",
      "e\u{301}",
    ],
    keys: ["__metadata__", "dtype", "shape", "data_offsets", "lm_head.weight", "model.norm.weight", "extra", ""])
}
