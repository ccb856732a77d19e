"""Attention patterns of the tiny encoders, and their heads read on each layer's stream, for the first case of each.

usage: lenses.py [NAME ...]     writes lenses/NAME.json

`attention[l][h][q][k]` is `output_attentions` of eager attention, float64. `lens[d]` is the row of logits that the
model's own pooler and head (of ModernBERT with its final norm before) make of the stream after d layers: each layer
above returns what it is given. `lens[0]` reads the normed embeddings, `lens[layers]` is `last_logits`.
"""

import json
import pathlib
import sys
from contextlib import contextmanager

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from example import load_generator  # noqa: E402

generate = load_generator()
LAYERS = ("BertLayer", "RobertaLayer", "XLMRobertaLayer", "CamembertLayer", "ElectraLayer", "TransformerBlock",
          "AlbertLayer", "MPNetLayer", "DebertaV2Layer", "ModernBertEncoderLayer")  # fmt: skip


@contextmanager
def only_first(model, depth):
    """The model with every layer after the first `depth` returning its input."""
    calls, handles = [0], []

    def pass_by(_, arguments, named, out):
        calls[0] += 1
        if calls[0] <= depth:
            return out
        given = arguments[0] if arguments else named["hidden_states"] if "hidden_states" in named else named["x"]
        return (given, *out[1:]) if isinstance(out, tuple) else given

    for module in model.model.modules():
        if type(module).__name__ in LAYERS:
            handles.append(module.register_forward_hook(pass_by, with_kwargs=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
    assert calls[0] == model.layers, f"{calls[0]} layers, {model.layers} expected"


def attention(model, ids):
    arguments = {"inputs_embeds": model.embedding(ids), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
    if generate.uses_types(model.config):
        arguments["token_type_ids"] = torch.tensor([model.types or [0] * len(ids)])
    with torch.no_grad(), generate.exact():
        patterns = model.model(output_attentions=True, **arguments).attentions
    assert len(patterns) == model.layers
    return [[[[float(f"{weight:.9g}") for weight in row] for row in head] for head in layer[0].tolist()]
            for layer in patterns]  # fmt: skip


def lens(model, ids):
    rows = []
    for depth in range(model.layers + 1):
        with only_first(model, depth), torch.no_grad():
            rows.append(model.logits(model.embedding(ids))[0].tolist())
    return generate.rounded(rows)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    (HERE / "lenses").mkdir(exist_ok=True)
    for name in sys.argv[1:] or list(generate.CHECKPOINTS):
        model = generate.Encoder(HERE / "models" / name)
        case = json.loads((HERE / f"{name}.json").read_text())["cases"][0]
        model.types, model.position = case.get("type_ids"), case.get("position", 0)
        fields = {"ids": case["clean_ids"]} | ({"position": case["position"]} if "position" in case else {})
        fields |= {"attention": attention(model, case["clean_ids"]), "lens": lens(model, case["clean_ids"])}
        apart = generate.base.difference(fields["lens"][-1], case["last_logits"])
        assert apart < 1e-9, f"{name}: the last depth differs from last_logits by {apart}"
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items())
        (HERE / "lenses" / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
