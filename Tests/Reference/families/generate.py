"""Tiny checkpoints of every model family and their reference values, from Hugging Face transformers and PyTorch autograd.

usage:
  generate.py models [NAME ...]     remake the checkpoints in models/ (the committed ones were made once; weights are random)
  generate.py values [NAME ...]     remake NAME.json for the checkpoints that are there
  generate.py check MODEL REFERENCE.json     recompute every field for another model folder; print the largest differences

The fields are those of ../README.md, made by ../generate.py's own `measure`; only the model differs. In float64 the casts to
float32 that transformers makes inside norms and softmax are taken out (`exact`), so that the values are float64's all the
way; cosines and sines of rotary positions stay rounded to float32, as every run of these models has them.
"""

import json
import pathlib
import sys
from contextlib import contextmanager

import numpy
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import generate as base  # noqa: E402

VOCABULARY = 61
SHARED = dict(vocab_size=VOCABULARY, max_position_embeddings=40, bos_token_id=0, eos_token_id=0, pad_token_id=None)
GPT2 = dict(n_embd=20, n_head=4, n_layer=2, n_inner=33, vocab_size=VOCABULARY, n_positions=40, bos_token_id=0,
            eos_token_id=0)  # fmt: skip
LLAMA = dict(hidden_size=24, intermediate_size=35, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2,
             rms_norm_eps=1e-5)  # fmt: skip
NEOX = dict(hidden_size=24, intermediate_size=37, num_hidden_layers=2, num_attention_heads=3, rotary_pct=0.5,
            rotary_emb_base=1000)  # fmt: skip
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)  # fmt: skip
# name: (model_type, options, number of classes or None)
MODELS = {
    "llama": ("llama", LLAMA | dict(tie_word_embeddings=False), None),
    # three layers, one key/value head, a head width that is not width/heads, biases everywhere, the rotation of Llama 3
    "llama3": ("llama", LLAMA | dict(num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1, head_dim=10,
               attention_bias=True, mlp_bias=True, rope_theta=5000.0, rope_scaling=LLAMA3, tie_word_embeddings=True),
               None),
    "llama-linear": ("llama", LLAMA | dict(rope_scaling=dict(rope_type="linear", factor=3.0)), None),
    "mistral": ("mistral", LLAMA | dict(sliding_window=5), None),
    "qwen2": ("qwen2", LLAMA | dict(use_sliding_window=True, sliding_window=4, max_window_layers=1,
              tie_word_embeddings=True), None),
    "qwen3": ("qwen3", LLAMA | dict(head_dim=10, attention_bias=True), None),
    "gpt-neox": ("gpt_neox", NEOX | dict(use_parallel_residual=True), None),
    "gpt-neox-serial": ("gpt_neox", NEOX | dict(use_parallel_residual=False, hidden_act="gelu_new", attention_bias=False,
                        rotary_pct=1.0, tie_word_embeddings=True), None),
    "phi3": ("phi3", LLAMA | dict(partial_rotary_factor=0.5, num_key_value_heads=3, sliding_window=6), None),
    "gemma2": ("gemma2", LLAMA | dict(num_hidden_layers=3, num_attention_heads=4, head_dim=10, query_pre_attn_scalar=17,
               sliding_window=5, attn_logit_softcapping=3.0, final_logit_softcapping=4.0), None),
    "gemma2-uncapped": ("gemma2", LLAMA | dict(head_dim=6, query_pre_attn_scalar=5, sliding_window=4,
                        layer_types=["full_attention", "sliding_attention"], attn_logit_softcapping=None,
                        final_logit_softcapping=None, attention_bias=True), None),
    "gpt2-classifier": ("gpt2", GPT2, 3),
    "llama-classifier": ("llama", LLAMA, 2),
    "gpt-neox-classifier": ("gpt_neox", NEOX, 4),
    "gemma2-classifier": ("gemma2", LLAMA | dict(head_dim=6, query_pre_attn_scalar=5, sliding_window=4,
                          attn_logit_softcapping=3.0, final_logit_softcapping=2.0), 3),
}  # fmt: skip


def make(name):
    """Writes a random checkpoint: every weight, norm and bias is noise, so that a dropped or transposed one shows."""
    kind, options, classes = MODELS[name]
    if kind == "gpt2":
        config = AutoConfig.for_model(kind, **options)
    else:
        config = AutoConfig.for_model(kind, **(SHARED | options))
    if classes:
        config.id2label = {index: f"class {chr(65 + index)}" for index in range(classes)}
        config.label2id = {label: index for index, label in config.id2label.items()}
    kind_of_head = AutoModelForSequenceClassification if classes else AutoModelForCausalLM
    model = kind_of_head.from_config(config)
    random = numpy.random.Generator(numpy.random.PCG64(sum(map(ord, name))))
    centre = 0.0 if kind == "gemma2" else 1.0
    with torch.no_grad():
        for key, weight in model.named_parameters():
            noise = torch.from_numpy(random.standard_normal(tuple(weight.shape)).astype(numpy.float32))
            if "norm" in key or "ln_" in key:
                weight.copy_(centre + 0.4 * noise if key.endswith("weight") else 0.3 * noise)
            elif key.endswith("bias"):
                weight.copy_(0.2 * noise)
            elif "embed" in key or "wte" in key or "wpe" in key:
                weight.copy_(0.6 * noise * (0.3 if kind == "gemma2" else 1))
            elif "lm_head" in key or "score" in key:
                weight.copy_(0.6 * noise)
            else:
                weight.copy_(0.3 * noise)
    folder = HERE / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    print(f"made {name}: {(folder / 'model.safetensors').stat().st_size} bytes")


@contextmanager
def exact():
    """Softmax and norms in the type they are given."""
    softmax = torch.nn.functional.softmax
    to, floating = torch.Tensor.to, torch.Tensor.float

    def same_to(self, *args, **kwargs):
        asks = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.dtype)]
        if self.dtype == torch.float64 and asks == [torch.float32]:
            return self
        return to(self, *args, **kwargs)

    def same_float(self, *args, **kwargs):
        # Rotary tables are made with this too: they must stay float32's.
        caller = sys._getframe(1).f_code.co_qualname if hasattr(sys._getframe(1).f_code, "co_qualname") else ""
        return floating(self) if self.dtype != torch.float64 or "Rotary" in caller else self

    torch.nn.functional.softmax = lambda x, dim=None, dtype=None, **_: softmax(x, dim=dim)
    torch.Tensor.to, torch.Tensor.float = same_to, same_float
    try:
        yield
    finally:
        torch.nn.functional.softmax = softmax
        torch.Tensor.to, torch.Tensor.float = to, floating


class Family(base.Reference):
    """A model of any family with its nodes exposed, for `base.measure`."""

    def __init__(self, folder, dtype=torch.float64):
        config = AutoConfig.from_pretrained(folder)
        self.classifies = config.architectures[0].endswith("ForSequenceClassification")
        head = AutoModelForSequenceClassification if self.classifies else AutoModelForCausalLM
        self.model = head.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).to(dtype).eval()
        for weight in self.model.parameters():
            weight.requires_grad_(False)
        self.config = config
        self.layers, self.heads = config.num_hidden_layers, config.num_attention_heads
        body = self.model.base_model
        self.blocks = body.h if hasattr(body, "h") else body.layers
        first = self.output(self.blocks[0])
        self.width = (first.nf if hasattr(first, "nf") else first.in_features) // self.heads
        self.dtype = dtype

    @staticmethod
    def output(block):
        if hasattr(block, "self_attn"):
            return block.self_attn.o_proj
        return block.attn.c_proj if hasattr(block, "attn") else block.attention.dense

    def embedding(self, ids):
        return self.model.get_input_embeddings()(torch.tensor([ids]))

    @contextmanager
    def hooks(self, at_z=None, at_mlp=None):
        handles = []
        for layer, block in enumerate(self.blocks):
            if at_z:
                handles.append(
                    self.output(block).register_forward_pre_hook(
                        lambda _, args, layer=layer: (at_z(layer, args[0]),)
                    )
                )
            if at_mlp:
                handles.append(block.mlp.register_forward_hook(lambda _, __, out, layer=layer: at_mlp(layer, out)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def logits(self, embedding):
        """All logits [tokens, vocab]; of a classifier [1, classes]."""
        if self.dtype == torch.float64:
            with exact():
                return self.model(inputs_embeds=embedding, use_cache=False).logits.reshape(-1, self.outputs)
        return self.model(inputs_embeds=embedding, use_cache=False).logits.reshape(-1, self.outputs)

    @property
    def outputs(self):
        return self.model.score.out_features if self.classifies else self.config.vocab_size


def cases(model, seed):
    """Prompts of 1 to 40 tokens (all of the context), one and several answers, differing at first, middle and last."""
    import random

    pick = random.Random(seed)
    every = [[layer, head] for layer in range(model.layers) for head in range(model.heads)]
    outputs = model.outputs
    for length, changed, positives, negatives in [
        (9, [2], 1, 1), (14, [4, 9], 3, 2), (1, [0], 1, 4), (8, [7], 2, 5), (40, [0, 11, 30], 1, 1)
    ]:  # fmt: skip
        clean = [pick.randrange(VOCABULARY) for _ in range(length)]
        corrupted = [
            (token + 1 + pick.randrange(VOCABULARY - 1)) % VOCABULARY if place in changed else token
            for place, token in enumerate(clean)
        ]
        positives = min(positives, outputs - 1)
        answers = pick.sample(range(outputs), min(outputs, positives + negatives))
        circuits = [[], every, sorted(pick.sample(every, len(every) // 2))]
        yield {
            "clean_ids": clean, "corrupted_ids": corrupted,
            "positive": answers[:positives], "negative": answers[positives:],
            "circuits": [{"heads": heads} for heads in circuits],
        }  # fmt: skip


def rounded(value):
    """Twelve digits: far below every tolerance, and half the bytes."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def values(name):
    folder = HERE / "models" / name
    model, model32 = Family(folder), Family(folder, torch.float32)
    made = []
    for number, case in enumerate(cases(model, sum(map(ord, name)))):
        case = rounded(base.measure(model, case, ("gradients",) if number == 0 else ()))
        if number in (0, 1):
            case["logits_float32"] = base.float32_logits(model32, case["clean_ids"])
        made.append(case)
    base.write(HERE / f"{name}.json", MODELS[name][0], model.layers, model.heads, made)


def main():
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    if len(sys.argv) < 2 or sys.argv[1] not in ("models", "values", "check"):
        print(__doc__)
        return 64
    if sys.argv[1] == "check":
        base.Reference = Family
        return base.check(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    for name in sys.argv[2:] or MODELS:
        make(name) if sys.argv[1] == "models" else values(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
