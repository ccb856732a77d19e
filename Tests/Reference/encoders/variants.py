"""What transformers computes for encoders whose config.json or tensors say something unusual, and what we must do.

usage:
  variants.py logits OUT.json     the logits of every variant (or the error's type) with the installed transformers
  variants.py saved OUT.json      config.json, and changed tensor names, as this transformers saves each model again

Run with transformers 4.57.6 and 5.24.0. Each variant has an outcome: `computed` (the logits, which both versions give),
`new form` (those of 5.24.0: 4.57.6 does not know the key), `refused` (a clear error that has the words of `names`), or
`either` of computed and refused. Logits are float64, eager attention, from ids; only ModernBERT's softmax is float32.
A head that is neither a sequence classifier nor a masked language model is not run: it is refused by its name.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from checkpoints import special_tokens
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification

HERE = Path(__file__).resolve().parent
WORDS = [11, 25, 33, 7, 48, 52, 19, 60]


def only(*names):
    return ("refused", list(names))


COMPUTED, NEW_FORM, EITHER = ("computed", []), ("new form", []), ("either", [])
ROPE = {"full_attention": {"rope_type": "default", "rope_theta": 700.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 40.0}}  # fmt: skip


def named(*architectures):
    return {"architectures": list(architectures)}


# name: (model, changes of config.json (None removes), what becomes of the tensors, outcome)
VARIANTS = {
    "plain": ("bert", {}, None, COMPUTED),
    # --- how folders are saved
    "gamma and beta": ("bert", {}, "gamma and beta", COMPUTED),  # as bert-base-uncased's file has them
    "position_ids in the file": ("bert", {}, "position ids", COMPUTED),
    "names without bert.": ("bert", {}, "no prefix", EITHER),
    "float16": ("bert", {"dtype": "float16"}, "float16", COMPUTED),
    "bfloat16": ("bert", {"dtype": "bfloat16"}, "bfloat16", COMPUTED),
    "two shards": ("bert", {}, "shards", COMPUTED),
    "keys of older versions": ("bert", {"position_embedding_type": "absolute", "gradient_checkpointing": False,
                               "model_type": "bert", "torch_dtype": "float32", "dtype": None}, None, COMPUTED),
    "chunks": ("bert", {"chunk_size_feed_forward": 2}, None, COMPUTED),
    "problem_type null": ("bert", {"problem_type": None}, None, COMPUTED),
    "no label names, num_labels": ("bert", {"id2label": None, "label2id": None, "num_labels": 3}, None, COMPUTED),
    "pooler in a RoBERTa classifier": ("roberta", {}, "pooler of roberta", EITHER),
    "maps of a language model in a DistilBERT classifier": ("distilbert", {}, "maps of distilbert", EITHER),
    "pooler and next-sentence head in a masked model": ("bert-masked", {}, "pretraining heads", EITHER),
    "decoder beside the table, equal": ("bert-masked", {}, "equal decoder", COMPUTED),
    "decoder beside the table, other": ("bert-masked", {}, "other decoder", only("tie_word_embeddings")),
    "decoder of its own": ("bert-masked", {"tie_word_embeddings": False}, "other decoder", EITHER),
    "decoder's bias twice, equal": ("bert-masked", {}, "equal bias", COMPUTED),
    "decoder's bias twice, other": ("bert-masked", {}, "other bias", only("cls.predictions.decoder.bias")),
    "sinusoidal_pos_embds": ("distilbert", {"sinusoidal_pos_embds": True}, None, COMPUTED),
    "pad_token_id moves positions": ("roberta", {"pad_token_id": 0}, None, COMPUTED),
    "pad_token_id missing": ("roberta", {"pad_token_id": None}, None, COMPUTED),
    "embedding_size missing": ("electra", {"embedding_size": None}, None, only("embedding")),
    "summary keys": ("electra", {"summary_type": "mean", "summary_activation": "tanh"}, None, COMPUTED),
    "inner_group_num": ("albert", {"inner_group_num": 2}, "inner group", EITHER),
    "groups that do not divide": ("albert-groups", {"num_hidden_layers": 3}, None, EITHER),
    "groups without tensors": ("albert", {"num_hidden_groups": 2}, None, only("albert_layer_groups.1")),
    "pos_att_type reversed": ("deberta-v2", {"pos_att_type": ["c2p", "p2c"]}, None, COMPUTED),
    "pos_att_type as text": ("deberta-v2", {"pos_att_type": "p2c|c2p"}, None, COMPUTED),
    "pos_att_type empty": ("deberta-v2", {"pos_att_type": []}, None, EITHER),
    "pos_att_type p2p": ("deberta-v2", {"pos_att_type": ["c2p", "p2c", "p2p"]}, None, EITHER),
    "convolution": ("deberta-v2", {"conv_kernel_size": 3, "conv_act": "gelu"}, "convolution", EITHER),
    "pooler_hidden_act": ("deberta-v2", {"pooler_hidden_act": "tanh"}, None, EITHER),
    "layer_types of ModernBERT": ("modernbert", {"layer_types": ["full_attention", "sliding_attention",
        "sliding_attention", "full_attention"]}, None, COMPUTED),
    "layer_types of ModernBERT, other": ("modernbert", {"layer_types": ["sliding_attention"] * 4}, None,
                                         only("layer_types")),
    "rope_parameters of ModernBERT": ("modernbert", {"global_rope_theta": None, "local_rope_theta": None,
                                      "rope_parameters": ROPE}, None, NEW_FORM),
    "rotation twice, equal": ("modernbert", {"rope_parameters": ROPE}, None, COMPUTED),
    "rotation twice, other": ("modernbert", {"global_rope_theta": 900.0, "rope_parameters": ROPE}, None,
                              only("global_rope_theta")),
    "rotation scaled": ("modernbert", {"global_rope_theta": None, "local_rope_theta": None, "rope_parameters": {
        **ROPE, "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 700.0}}}, None, EITHER),
    "odd window": ("modernbert", {"local_attention": 7}, None, COMPUTED),
    "every layer sees all": ("modernbert", {"global_attn_every_n_layers": 1}, None, COMPUTED),
    "local_rope_theta null": ("modernbert", {"local_rope_theta": None}, None, EITHER),
    "reference_compile": ("modernbert", {"reference_compile": False, "deterministic_flash_attn": True}, None,
                          COMPUTED),
    "sparse_prediction": ("modernbert-masked", {"sparse_prediction": True}, None, COMPUTED),
    "hidden_activation": ("modernbert", {"hidden_activation": "silu"}, None, EITHER),
    "classifier_activation": ("modernbert", {"classifier_activation": "relu"}, None, EITHER),
    "classifier_pooling": ("modernbert", {"classifier_pooling": "cls"}, None, COMPUTED),
    "classifier_pooling unknown": ("modernbert", {"classifier_pooling": "max"}, None, only("classifier_pooling")),
    # --- what is refused
    "relative positions": ("bert", {"position_embedding_type": "relative_key"}, None, only("position_embedding_type")),
    "is_decoder": ("bert", {"is_decoder": True}, None, only("is_decoder")),
    "is_decoder of roberta": ("roberta", {"is_decoder": True}, None, only("is_decoder")),
    "add_cross_attention": ("bert", {"is_decoder": True, "add_cross_attention": True}, None, only("is_decoder")),
    "pruned_heads": ("bert", {"pruned_heads": {"0": [0]}}, None, only("pruned_heads")),
    "hidden_act unknown": ("bert", {"hidden_act": "gelu_of_mine"}, None, only("hidden_act")),
    "class names too few": ("bert", {"id2label": {"0": "class A", "1": "class B"}, "label2id": None}, None,
                            only("id2label", "classifier.weight")),
    "class names too many": ("bert", {"id2label": {str(n): f"class {n}" for n in range(4)}, "label2id": None}, None,
                             only("id2label", "classifier.weight")),
    "class names twice": ("bert", {"id2label": {"0": "good", "1": "good", "2": "bad"}, "label2id": None}, None,
                          only("id2label")),
    "class names exchanged": ("bert", {"label2id": {"class A": 1, "class B": 0, "class C": 2}}, None,
                              only("label2id")),
    "class numbers with a gap": ("bert", {"id2label": {"0": "class A", "1": "class B", "3": "class C"},
                                 "label2id": None}, None, only("id2label")),
    "num_labels differs": ("bert", {"num_labels": 2}, None, only("num_labels")),
    "problem_type unknown": ("bert", {"problem_type": "ranking"}, None, only("problem_type")),
    "one label, single label": ("bert-regression", {"problem_type": "single_label_classification"}, None,
                                only("problem_type")),
    "three labels, regression": ("bert", {"problem_type": "regression"}, None, only("problem_type")),
    "no pooler": ("bert", {}, "no pooler", only("bert.pooler.dense.weight")),
    "no pooler of deberta": ("deberta-v2", {}, "no pooler of deberta", only("pooler.dense.weight")),
    "no head of modernbert": ("modernbert", {}, "no head of modernbert", only("head.dense.weight")),
    "no pooler of electra's head": ("electra", {}, "no dense", only("classifier.dense.weight")),
    "no pooler of albert": ("albert", {}, "no pooler of albert", only("albert.pooler.weight")),
    "no classifier": ("bert", {}, "no classifier", only("classifier.weight")),
    "no type embeddings": ("bert", {}, "no types", only("token_type_embeddings")),
    "wrong shape": ("bert", {"intermediate_size": 36}, None, only("intermediate", "36")),
    "wrong shape of positions": ("bert", {"max_position_embeddings": 19}, None, only("max_position_embeddings")),
    "one more layer": ("bert", {}, "layer", only("layer.2")),
    "LoRA tensors": ("bert", {}, "lora", only("adapter")),
    "buckets of mpnet": ("mpnet", {"relative_attention_num_buckets": 16}, None,
                         only("relative_attention_num_buckets")),
    "attention_head_size of deberta": ("deberta-v2", {"attention_head_size": 4}, None, only("attention_head_size")),
    "DeBERTa, the first": ("deberta-v2", {"model_type": "deberta", **named("DebertaForSequenceClassification")}, None,
                           only("deberta")),
    # --- heads
    "token classifier": ("bert", named("BertForTokenClassification"), None, only("BertForTokenClassification")),
    "question answering": ("bert", named("BertForQuestionAnswering"), None, only("BertForQuestionAnswering")),
    "multiple choice": ("bert", named("BertForMultipleChoice"), None, only("BertForMultipleChoice")),
    "next sentence": ("bert", named("BertForNextSentencePrediction"), None, only("BertForNextSentencePrediction")),
    "pretraining": ("bert", named("BertForPreTraining"), None, only("BertForPreTraining")),
    "language model": ("bert-masked", named("BertLMHeadModel") | {"is_decoder": True}, None, only("BertLMHeadModel")),
    "no head": ("bert", named("BertModel"), None, only("BertModel")),
    "head of another family": ("bert", named("RobertaForSequenceClassification"), None,
                               only("RobertaForSequenceClassification")),
    "two heads": ("bert", named("BertForMaskedLM", "BertForSequenceClassification"), None, only("architectures")),
    "no architectures": ("bert", {"architectures": None}, None, only("architectures")),
    "language model of roberta": ("roberta-masked", named("RobertaForCausalLM") | {"is_decoder": True}, None,
                                  only("RobertaForCausalLM")),
    "discriminator": ("electra", named("ElectraForPreTraining"), None, only("ElectraForPreTraining")),
    "token classifier of modernbert": ("modernbert", named("ModernBertForTokenClassification"), None,
                                       only("ModernBertForTokenClassification")),
    "question answering of distilbert": ("distilbert", named("DistilBertForQuestionAnswering"), None,
                                         only("DistilBertForQuestionAnswering")),
    "multiple choice of mpnet": ("mpnet", named("MPNetForMultipleChoice"), None, only("MPNetForMultipleChoice")),
    "two texts, one vector": ("bert", named("DPRQuestionEncoder"), None, only("DPRQuestionEncoder")),
}  # fmt: skip
# Two segments, and a padding token inside the text: ids of their own.
INPUTS = {
    "two segments": ("bert", [2, 11, 25, 3, 33, 7, 48, 3], [0, 0, 0, 0, 1, 1, 1, 1]),
    "padding token inside, bert": ("bert", [2, 11, 0, 33, 7, 3], None),
    # transformers gives it the padding's own position and does not count it
    "padding token inside, roberta": ("roberta", [0, 11, 1, 33, 7, 2], None),
    "padding token inside, mpnet": ("mpnet", [0, 11, 1, 33, 7, 2], None),
}


def change(tensors, what):
    """The tensors of a variant, a new dictionary."""
    if what in ("float16", "bfloat16"):
        return {name: value.to(getattr(torch, what)) for name, value in tensors.items()}
    if what == "gamma and beta":
        ends = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        return {next((name.replace(a, b) for a, b in ends.items() if name.endswith(a)), name): value
                for name, value in tensors.items()}  # fmt: skip
    if what == "no prefix":
        return {name.removeprefix("bert."): value for name, value in tensors.items()}
    gone = {"no pooler": "bert.pooler.", "no pooler of albert": "albert.pooler.", "no classifier": "classifier.",
            "no types": "bert.embeddings.token_type", "no dense": "classifier.dense.",
            "no pooler of deberta": "pooler.", "no head of modernbert": "head."}  # fmt: skip
    if what in gone:
        return {name: value for name, value in tensors.items() if not name.startswith(gone[what])}
    width = 24
    added = {
        "position ids": lambda: {"bert.embeddings.position_ids": torch.arange(20)[None]},
        "pooler of roberta": lambda: dense("roberta.pooler.dense", width, width),
        "maps of distilbert": lambda: dense("vocab_transform", width, width) | dense("vocab_projector", 71, width),
        "pretraining heads": lambda: (
            dense("bert.pooler.dense", width, width) | dense("cls.seq_relationship", 2, width)),
        "equal decoder": lambda: {
            "cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].clone()},
        "other decoder": lambda: {
            "cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].flip(0).contiguous()},
        "equal bias": lambda: {"cls.predictions.decoder.bias": tensors["cls.predictions.bias"].clone()},
        "other bias": lambda: {"cls.predictions.decoder.bias": tensors["cls.predictions.bias"].flip(0).contiguous()},
        "inner group": lambda: {
            name.replace("albert_layers.0", "albert_layers.1"): (value.flip(0) * 0.9).contiguous()
            for name, value in tensors.items() if "albert_layers.0" in name},
        "convolution": lambda: {
            "deberta.encoder.conv.conv.weight": wave(width, width, 3), "deberta.encoder.conv.conv.bias": wave(width),
            "deberta.encoder.conv.LayerNorm.weight": 1 + wave(width),
            "deberta.encoder.conv.LayerNorm.bias": wave(width)},
        "layer": lambda: {
            name.replace("layer.1.", "layer.2."): value.clone()
            for name, value in tensors.items() if "layer.1." in name},
        "lora": lambda: {
            "bert.encoder.layer.0.attention.self.query.lora_A.default.weight": wave(2, width),
            "bert.encoder.layer.0.attention.self.query.lora_B.default.weight": wave(width, 2)},
    }  # fmt: skip
    return tensors | added[what]()


def wave(*shape):
    """A tensor that another program makes again without a random source: 0.3 sin(1), 0.3 sin(2), … row by row."""
    count = torch.Size(shape).numel()
    return (0.3 * torch.sin(torch.arange(1, count + 1, dtype=torch.float64))).float().reshape(shape)


def dense(name, rows, columns):
    return {f"{name}.weight": wave(rows, columns), f"{name}.bias": wave(rows)}


def write_tensors(folder, tensors, shards):
    file = folder / "model.safetensors"
    if not shards:
        save_file(tensors, file, metadata={"format": "pt"})
        return
    file.unlink()
    names = sorted(tensors)
    parts = {f"model-0000{n + 1}-of-00002.safetensors": names[n::2] for n in range(2)}
    for part, held in parts.items():
        save_file({name: tensors[name] for name in held}, folder / part, metadata={"format": "pt"})
    total = sum(value.numel() * value.element_size() for value in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": {name: p for p, held in parts.items() for name in held}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def logits(folder, config, ids, types=None):
    """The classes' logits, or of a masked language model those of the fourth token."""
    masked = config["architectures"][0].endswith("ForMaskedLM")
    loader = AutoModelForMaskedLM if masked else AutoModelForSequenceClassification
    model, report = loader.from_pretrained(folder, attn_implementation="eager", dtype=torch.float64,
                                           output_loading_info=True)  # fmt: skip
    if report["missing_keys"]:
        raise KeyError(f"missing {sorted(report['missing_keys'])}")
    arguments = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
    if types:
        arguments["token_type_ids"] = torch.tensor([types])
    with torch.no_grad():
        out = model.eval()(**arguments).logits
    return [round(float(value), 8) for value in (out[0, 3] if masked else out[0])]


def run(folder, config, ids, types=None):
    heads = config.get("architectures") or [""]
    if len(heads) != 1 or not heads[0].endswith(("ForSequenceClassification", "ForMaskedLM")):
        return {"error": "not run"}
    try:
        return {"logits": logits(folder, config, ids, types)}
    except Exception as error:  # whatever it is: this version does not run the variant
        return {"error": type(error).__name__}


def all_logits():
    results = {}
    for name, (model, changes, tensors, (outcome, words)) in VARIANTS.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            shutil.copytree(HERE / "models" / model, folder)
            special = special_tokens(AutoConfig.from_pretrained(folder))
            ids = [special["start"], *WORDS, special["end"]]
            config = json.loads((folder / "config.json").read_text())
            config = {key: value for key, value in (config | changes).items() if changes.get(key, 0) is not None}
            (folder / "config.json").write_text(json.dumps(config))
            if tensors:
                loaded = load_file(folder / "model.safetensors")
                loaded = loaded if tensors == "shards" else change(loaded, tensors)
                write_tensors(folder, loaded, tensors == "shards")
            entry = {"model": model, "ids": ids, "changes": changes}
            entry |= {"tensors": tensors} if tensors else {}
            entry |= {"outcome": outcome, "names": words} if words else {"outcome": outcome}
            results[name] = entry | run(folder, config, ids)
    for name, (model, ids, types) in INPUTS.items():
        folder = HERE / "models" / model
        config = json.loads((folder / "config.json").read_text())
        outcome = "either" if "inside" in name else "computed"
        entry = {"model": model, "ids": ids, "changes": {}, "outcome": outcome}
        entry |= {"type_ids": types} if types else {}
        results[name] = entry | run(folder, config, ids, types)
    return results


def saved():
    """config.json of every model as this version saves it, and the tensors whose names are not those of the file."""
    results = {}
    for folder in sorted((HERE / "models").iterdir()):
        masked = folder.name.endswith("-masked")
        loader = AutoModelForMaskedLM if masked else AutoModelForSequenceClassification
        with tempfile.TemporaryDirectory() as scratch:
            loader.from_pretrained(folder).save_pretrained(scratch)
            config = json.loads((Path(scratch) / "config.json").read_text())
            names = set(load_file(Path(scratch) / "model.safetensors"))
            before = set(load_file(folder / "model.safetensors"))
            results[folder.name] = {
                "config": config, "added": sorted(names - before), "removed": sorted(before - names)
            }  # fmt: skip
    return results


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    if len(sys.argv) != 3 or sys.argv[1] not in ("logits", "saved"):
        print(__doc__)
        return 64
    results = all_logits() if sys.argv[1] == "logits" else saved()
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in results.items())
    key = {"logits": "variants", "saved": "models"}[sys.argv[1]]
    head = f'{{"transformers": {json.dumps(transformers.__version__)}, "{key}": {{'
    Path(sys.argv[2]).write_text(f"{head}\n{lines}\n}}}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
