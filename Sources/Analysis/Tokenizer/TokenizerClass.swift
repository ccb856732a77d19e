/// What a tokenizer class of `transformers` does beside reading `tokenizer.json`: what it takes where a configuration is silent, and
/// what it changes of the file. Compared with 4.57.6.
struct TokenizerClass: Sendable {
  /// Keys of special tokens, in the order in which `transformers` adds them.
  static let tokenKeys: [String] = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// How a class goes about the space before a text.
  enum PrefixSpace: Sendable {
    /// `add_prefix_space` decides, false where it is not given, whatever `tokenizer.json` says.
    case configuration
    /// Where `add_prefix_space` is given the tokenizer is made anew of other files.
    case conversion
    /// `tokenizer.json` decides.
    case file
  }

  /// The name, e.g. `GPT2TokenizerFast`.
  let name: String
  /// Special tokens where the configuration does not name them.
  var tokens: [String: String] = [:]
  /// More of them, whatever the configuration names.
  var additional: [String] = []
  /// More of them where the configuration does not say which.
  var standardAdditional: [String] = []
  /// Whether it makes its own post-processor, with or without the beginning of text where `add_bos_token` is not given.
  var addsBeginning: Bool?
  /// Keys of tokens that, given as texts, are special tokens of the class's making, even where the file has one of this text.
  var ownTokens: [String] = []
  /// Whether a mask token that is given as a text takes the space before it with it.
  var maskTakesSpace = false
  /// The settings of a `BertNormalizer` that it sets.
  var normalizerKeys: [String] = []
  /// Whether the types of tokens are handed on to the model where `model_input_names` is not given.
  var givesTypeIDs = true
  var prefixSpace = PrefixSpace.configuration
  /// Whether `add_prefix_space` reaches pre-tokenizers within a sequence, too.
  var prefixReachesWithin = false

  /// The class that `transformers` takes for a type of model where `tokenizer_class` is not given.
  static let ofModels = [
    "gpt2": "GPT2Tokenizer", "llama": "LlamaTokenizer", "mistral": "LlamaTokenizer", "mixtral": "LlamaTokenizer",
    "phi3": "LlamaTokenizer", "gemma": "GemmaTokenizer", "gemma2": "GemmaTokenizer", "gemma3_text": "GemmaTokenizer",
    "qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer", "cohere": "CohereTokenizer", "cohere2": "CohereTokenizer",
    "gpt_neox": "GPTNeoXTokenizer", "bert": "BertTokenizer", "roberta": "RobertaTokenizer",
    "xlm-roberta": "XLMRobertaTokenizer", "camembert": "CamembertTokenizer", "distilbert": "DistilBertTokenizer",
    "electra": "ElectraTokenizer", "albert": "AlbertTokenizer", "mpnet": "MPNetTokenizer",
    "deberta-v2": "DebertaV2Tokenizer", "modernbert": "PreTrainedTokenizerFast",
  ]

  /// The class that only reads `tokenizer.json`.
  static let plain = TokenizerClass(name: "PreTrainedTokenizerFast")

  /// The class of a name as files write it, with or without `Fast`; nil if it is none of those that were compared.
  static func named(_ name: String) -> TokenizerClass? {
    let fast = name.hasSuffix("Fast") || name == "TokenizersBackend" ? name : name + "Fast"
    return known.first { $0.name == fast }
  }

  private static let endOfText = "<|endoftext|>"
  private static let llamaTokens = ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"]

  private static let robertaTokens = [
    "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
    "pad_token": "<pad>", "mask_token": "<mask>",
  ]
  private static let bertTokens = [
    "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
  ]
  private static let bertNormalizer = ["lowercase", "strip_accents", "handle_chinese_chars"]

  private static let known = decoders + encoders

  private static let decoders = [
    plain,
    // What transformers 5 calls the plain class.
    TokenizerClass(name: "TokenizersBackend", prefixSpace: .file),
    TokenizerClass(
      name: "GPT2TokenizerFast", tokens: ["bos_token": endOfText, "eos_token": endOfText, "unk_token": endOfText],
      givesTypeIDs: false),
    TokenizerClass(
      name: "GPTNeoXTokenizerFast", tokens: ["bos_token": endOfText, "eos_token": endOfText, "unk_token": endOfText],
      addsBeginning: false, givesTypeIDs: false),
    TokenizerClass(
      name: "Qwen2TokenizerFast", tokens: ["eos_token": endOfText, "unk_token": endOfText, "pad_token": endOfText],
      ownTokens: ["bos_token", "eos_token", "unk_token", "pad_token"], givesTypeIDs: false),
    TokenizerClass(
      name: "LlamaTokenizerFast", tokens: llamaTokens, addsBeginning: true, givesTypeIDs: false,
      prefixSpace: .conversion),
    TokenizerClass(
      name: "CodeLlamaTokenizerFast", tokens: llamaTokens, additional: ["▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"],
      addsBeginning: true),
    TokenizerClass(
      name: "GemmaTokenizerFast",
      tokens: ["bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>"],
      addsBeginning: true),
    TokenizerClass(
      name: "CohereTokenizerFast",
      tokens: ["bos_token": "<BOS_TOKEN>", "eos_token": "<|END_OF_TURN_TOKEN|>", "unk_token": "<UNK>"],
      addsBeginning: true, prefixReachesWithin: true),
    TokenizerClass(
      name: "BloomTokenizerFast",
      tokens: ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"],
      prefixReachesWithin: true),
  ]

  private static let encoders = [
    TokenizerClass(
      name: "RobertaTokenizerFast", tokens: robertaTokens, maskTakesSpace: true, givesTypeIDs: false),
    TokenizerClass(
      name: "XLMRobertaTokenizerFast", tokens: robertaTokens, maskTakesSpace: true,
      givesTypeIDs: false),
    TokenizerClass(
      name: "CamembertTokenizerFast", tokens: robertaTokens,
      standardAdditional: ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"], maskTakesSpace: true,
      givesTypeIDs: false),
    TokenizerClass(name: "BertTokenizerFast", tokens: bertTokens, normalizerKeys: bertNormalizer),
    TokenizerClass(name: "ElectraTokenizerFast", tokens: bertTokens, normalizerKeys: bertNormalizer),
    TokenizerClass(
      name: "DistilBertTokenizerFast", tokens: bertTokens, normalizerKeys: bertNormalizer, givesTypeIDs: false),
    TokenizerClass(
      name: "MPNetTokenizerFast", tokens: robertaTokens.merging(["unk_token": "[UNK]"]) { $1 },
      ownTokens: tokenKeys.filter { $0 != "mask_token" }, maskTakesSpace: true,
      normalizerKeys: ["lowercase", "strip_accents"],
      givesTypeIDs: false),
    TokenizerClass(
      name: "AlbertTokenizerFast",
      tokens: [
        "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]", "pad_token": "<pad>",
        "cls_token": "[CLS]", "mask_token": "[MASK]",
      ], maskTakesSpace: true),
    TokenizerClass(
      name: "DebertaV2TokenizerFast",
      tokens: bertTokens.merging(["bos_token": "[CLS]", "eos_token": "[SEP]"]) { $1 }),
  ]
}
