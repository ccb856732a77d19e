"""What transformers computes for models whose config.json or tensors say something unusual.

    python variants.py MODELS OUT.json     (MODELS = Tests/Reference/families/models)

Run once with transformers 4.57.6 and once with 5.24.0 (torch 2.13.0); each writes its own file. Per variant: the last token's
logits in float64 with eager attention, or the error's type. The engine must give what both versions give, or refuse.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
LINEAR = {"rope_type": "linear", "factor": 2.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 16}

# name: (model, changes of config.json (None removes), what becomes of the tensors)
VARIANTS = {
    "plain": ("llama", {}, None),
    "is_causal": ("llama", {"is_causal": False}, None),
    "is_causal of qwen2": ("qwen2", {"is_causal": False}, None),
    "is_causal of gpt2": ("gpt2-classifier", {"is_causal": False}, None),
    "use_bidirectional_attention of gemma2": ("gemma2", {"use_bidirectional_attention": True}, None),
    "theta in rope_parameters": ("llama", {"rope_theta": None, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}, None),
    "theta twice": ("llama", {"rope_theta": 500.0, "rope_parameters": {"rope_type": "default", "rope_theta": 7.0}}, None),
    "theta twice, equal": ("llama", {"rope_theta": 500.0, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}, None),
    "theta in rope_scaling": ("llama", {"rope_theta": None, "rope_scaling": {**LINEAR, "rope_theta": 500.0}}, None),
    "rope_scaling": ("llama", {"rope_scaling": LINEAR, "rope_parameters": None}, None),
    "rope_parameters": ("llama", {"rope_parameters": LINEAR, "rope_scaling": None}, None),
    "rope_scaling and rope_parameters": ("llama", {"rope_scaling": LINEAR, "rope_parameters": {"rope_type": "default"}}, None),
    "rope_scaling and rope_parameters, equal": ("llama", {"rope_scaling": LINEAR, "rope_parameters": LINEAR}, None),
    "rope_parameters by layer type": ("qwen2", {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 7.0}}}, None),
    "rope_parameters by layer type of llama": ("llama", {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500.0}}}, None),
    "rope_parameters by layer type of gemma2": ("gemma2", {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500.0},
        "sliding_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 7.0}}}, None),
    "partial rotation in rope_parameters": ("llama", {"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}}, None),
    "partial rotation in rope_scaling": ("llama", {"rope_scaling": {"rope_type": "default", "partial_rotary_factor": 0.5}}, None),
    "original length outside": ("llama", {"original_max_position_embeddings": 4, "rope_parameters": None, "rope_scaling": LLAMA3}, None),
    "rope_type and type differ": ("llama", {"rope_scaling": {"rope_type": "default", "type": "linear", "factor": 2.0}}, None),
    "rotary_pct and partial_rotary_factor differ": ("gpt-neox", {"rotary_pct": 0.5, "rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.25}}, None),
    "rotary_pct": ("gpt-neox", {"rotary_pct": 0.5}, None),
    "partial_rotary_factor of gpt_neox": ("gpt-neox", {"rotary_pct": None, "partial_rotary_factor": 0.5}, None),
    "rope_theta of gpt_neox": ("gpt-neox", {"rotary_emb_base": None, "rope_theta": 500.0}, None),
    "rope_theta and rotary_emb_base differ": ("gpt-neox", {"rotary_emb_base": 10000, "rope_theta": 500.0}, None),
    "rotary_emb_base alone": ("gpt-neox", {"rotary_emb_base": 500.0, "rope_theta": None}, None),
    "dynamic": ("llama", {"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, None),
    "rope_scaling of nothing": ("llama", {"rope_scaling": {}}, None),
    "n_layer and num_hidden_layers": ("gpt2-classifier", {"num_hidden_layers": 1}, None),
    "window without use_sliding_window": ("qwen2", {"use_sliding_window": False, "sliding_window": 2, "layer_types": None}, None),
    "layer_types without use_sliding_window": ("qwen2", {"use_sliding_window": False, "sliding_window": 2,
        "layer_types": ["full_attention", "sliding_attention"]}, None),
    "logit_scale": ("llama", {"logit_scale": 0.5}, None),
    "scale_embedding": ("llama", {"scale_embedding": True}, None),
    "pretraining_tp": ("llama", {"pretraining_tp": 2}, None),
    "head beside a tied embedding": ("llama3", {"tie_word_embeddings": True}, "other head"),
    "equal head beside a tied embedding": ("llama3", {"tie_word_embeddings": True}, "equal head"),
    "value head": ("llama", {}, "v_head"),
    "one more layer": ("llama", {}, "layer"),
    "LoRA tensors": ("llama", {}, "lora"),
    "hidden_act of gemma2": ("gemma2", {"hidden_act": "relu"}, None),
    "masks and frequencies in the file": ("gpt-neox", {}, "buffers"),
    "bias that the configuration leaves out": ("llama", {}, "bias"),
    "head of a classifier too": ("llama", {}, "score"),
    "head_dim of gpt_neox": ("gpt-neox", {"head_dim": 4}, None),
    "head_dim of gpt2": ("gpt2-classifier", {"head_dim": 4}, None),
    "sliding_window of llama": ("llama", {"sliding_window": 2}, None),
    "use_sliding_window of mistral": ("mistral", {"use_sliding_window": False}, None),
    "num_labels and id2label": ("llama-classifier", {"num_labels": 2}, None),
    "pruned_heads": ("gpt2-classifier", {"pruned_heads": {"0": [0]}}, None),
}


def change(tensors, what):
    if what in ("other head", "equal head"):
        table = tensors["model.embed_tokens.weight"]
        tensors["lm_head.weight"] = table.clone() if what == "equal head" else table.flip(0).contiguous()
    elif what == "v_head":
        width = tensors["model.embed_tokens.weight"].shape[1]
        tensors["v_head.summary.weight"] = torch.ones(1, width)
        tensors["v_head.summary.bias"] = torch.ones(1)
    elif what == "layer":
        last = max(int(name.split(".")[2]) for name in tensors if name.startswith("model.layers."))
        for name in [name for name in tensors if name.startswith(f"model.layers.{last}.")]:
            tensors[name.replace(f".{last}.", f".{last + 1}.", 1)] = tensors[name].clone()
    elif what == "buffers":
        tensors["gpt_neox.layers.0.attention.bias"] = torch.ones(1, 1, 8, 8).tril().bool()
        tensors["gpt_neox.layers.0.attention.masked_bias"] = torch.tensor(-1e9)
        tensors["gpt_neox.layers.1.attention.rotary_emb.inv_freq"] = torch.ones(2)
    elif what == "bias":
        tensors["model.layers.0.self_attn.q_proj.bias"] = torch.ones(tensors["model.layers.0.self_attn.q_proj.weight"].shape[0])
    elif what == "score":
        tensors["score.weight"] = torch.ones(3, tensors["model.embed_tokens.weight"].shape[1])
    elif what == "lora":
        weight = tensors["model.layers.0.self_attn.q_proj.weight"]
        tensors["model.layers.0.self_attn.q_proj.lora_A.default.weight"] = torch.ones(2, weight.shape[1])
        tensors["model.layers.0.self_attn.q_proj.lora_B.default.weight"] = torch.ones(weight.shape[0], 2)


def logits(folder, config):
    classifier = config["architectures"][0].endswith("ForSequenceClassification")
    loader = AutoModelForSequenceClassification if classifier else AutoModelForCausalLM
    model = loader.from_pretrained(folder, attn_implementation="eager", **{DTYPE: torch.float64}).eval()
    with torch.no_grad():
        out = model(torch.tensor([IDS])).logits
    return [round(float(value), 8) for value in (out[0] if classifier else out[0, -1])]


DTYPE = "dtype"


def main(models, out):
    results = {}
    for name, (model, changes, tensors) in VARIANTS.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            shutil.copytree(Path(models) / model, folder)
            config = json.loads((folder / "config.json").read_text())
            for key, value in changes.items():
                config.pop(key, None)
                if value is not None:
                    config[key] = value
            (folder / "config.json").write_text(json.dumps(config))
            if tensors:
                loaded = load_file(folder / "model.safetensors")
                change(loaded, tensors)
                save_file(loaded, folder / "model.safetensors", metadata={"format": "pt"})
            entry = {"model": model, "changes": changes}
            if tensors:
                entry["tensors"] = tensors
            try:
                entry["logits"] = logits(folder, config)
            except Exception as error:  # whatever it is: this version does not run the variant
                entry["error"] = type(error).__name__
            results[name] = entry
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in results.items())
    head = f'{{"transformers": {json.dumps(transformers.__version__)}, "ids": {IDS}, "variants": {{'
    Path(out).write_text(f"{head}\n{lines}\n}}}}\n")


main(*sys.argv[1:])
