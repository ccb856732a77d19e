/// Which keys of `config.json` are known, so that no other is ignored in silence.
enum ConfigurationKeys {
  /// Keys that `transformers` 4.57 and 5.24 write for every model, or that training and publishing leave there, and that do not change
  /// what a decoder computes from a prompt: tokens to begin and end with, dropout, the beginning of training, generation, caching.
  static let common: Set<String> = [
    "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_name_or_path", "architectures",
    "attention_dropout", "attn_implementation", "auto_map", "bad_words_ids", "begin_suppress_tokens", "bos_token_id",
    "cache_implementation", "chunk_size_feed_forward", "classifier_dropout", "cross_attention_hidden_size",
    "decoder_start_token_id", "diversity_penalty", "do_sample", "dtype", "early_stopping", "embd_pdrop",
    "encoder_no_repeat_ngram_size", "eos_token_id", "exponential_decay_length_penalty", "finetuning_task",
    "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing", "hidden_dropout", "id2label",
    "initializer_range", "is_decoder", "label2id", "length_penalty", "max_length", "min_length", "model_max_length",
    "model_type", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_labels", "num_return_sequences",
    "output_attentions", "output_hidden_states", "output_past", "output_scores", "pad_token_id", "prefix",
    "pretraining_tp", "problem_type", "remove_invalid_values", "repetition_penalty", "resid_pdrop", "return_dict",
    "return_dict_in_generate", "sep_token_id", "suppress_tokens", "task_specific_params", "temperature",
    "tf_legacy_loss", "tie_encoder_decoder", "tie_word_embeddings", "tokenizer_class", "top_k", "top_p",
    "torch_dtype", "torchscript", "transformers.js_config", "transformers_version", "typical_p", "unsloth_fixed",
    "unsloth_version", "use_bfloat16", "use_cache", "vocab_size",
  ]

  /// Keys that Llama's layout reads, whatever the family.
  static let llamaLayout: Set<String> = [
    "head_dim", "hidden_act", "hidden_size", "intermediate_size", "max_position_embeddings", "num_attention_heads",
    "num_hidden_layers", "num_key_value_heads", "rms_norm_eps", "rope_theta",
  ]

  /// What is to be said of a configuration's other keys.
  static func remarks(_ json: ModelJSONObject, family: any ModelFamily.Type) -> [ModelRemark] {
    let known = common.union(family.ownKeys).union(family.readKeys).union(ModelConfiguration.computingKeys.keys)
    let unknown = json.members.filter { !known.contains($0.key) && $0.value != .null }.map(\.key).sorted()
    var remarks: [ModelRemark] = []
    if !unknown.isEmpty { remarks.append(ModelRemark(kind: .unknownKeys, file: "config.json", names: unknown)) }
    if json["auto_map"] != nil {
      remarks.append(ModelRemark(kind: .ownCode, file: "config.json", names: ["auto_map"]))
    }
    return remarks
  }

  /// Types of numbers other than float32, of the tensors that are used and of what the configuration says.
  static func precision(_ json: ModelJSONObject, tensors: some Sequence<StoredTensor>) -> ModelRemark? {
    let names = ["F16": "float16", "BF16": "bfloat16"]
    var types = Set(tensors.compactMap { names[$0.dataTypeName] })
    for key in ["dtype", "torch_dtype"] {
      guard case .string(let name)? = json[key] else { continue }
      let type = name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
      if !["float32", "float", "auto"].contains(type) { types.insert(type) }
    }
    return types.isEmpty ? nil : ModelRemark(kind: .precision, names: types.sorted())
  }
}

extension ModelConfiguration {
  /// - Throws: `AnalysisError.badConfiguration` if a key that stands for another one in `transformers` says something else.
  func checkAliases(_ aliases: [String: String]) throws {
    for (alias, key) in aliases.sorted(by: { $0.key < $1.key }) {
      guard let value = json[alias], value != json[key] else { continue }
      throw json.failure(
        alias, "differs from '\(key)', for which it stands in transformers, where the last one counts: keep '\(key)'")
    }
  }
}
