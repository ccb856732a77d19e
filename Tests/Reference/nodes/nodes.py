"""Heads and MLPs one position at a time, along their own way, and at values that no prompt gives: float64, Hugging Face, autograd.

usage: nodes.py [NAME ...]     remake NAME.json for the models named below

The first three cases of the model's own reference file (../NAME.json or ../families/NAME.json) give prompts and answers. Per
case, effects counterfactual - clean as in ../README.md, and

  attribution_head_position[l][h][p], attribution_mlp_position[l][p]
                            (a_corrupted - a_clean).dm/da at position p, gradient at the clean run
  integrated_head[l][h], integrated_mlp[l]
                            sum over positions of (a_corrupted - a_clean).(mean of dm/da at a = a_clean + t (a_corrupted -
                            a_clean), t at the midpoints of 8 equal parts), only this node's activation on that way
  zero_head, zero_mlp       m(clean run with the node's activation 0 at all positions) - m_clean
  mean_head, mean_mlp       likewise with the node's mean over all positions of both prompts of all cases in the file
  position_mean_head, position_mean_mlp   likewise with the node's mean at each position over the case's own two prompts
  zero_circuit, mean_circuit, position_mean_circuit   m(clean run with every head but those of `heads` so replaced), m(... only those), m(... every head)
"""

import importlib.util
import json
import pathlib
import sys

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("families", HERE.parent / "families/generate.py")
families = importlib.util.module_from_spec(specification)
specification.loader.exec_module(families)

STEPS = 8
MODELS = {name: HERE.parent / f"models/{name}" for name in ("tiny-gpt2", "tiny-gpt2-relu")} | {
    name: HERE.parent / f"families/models/{name}" for name in ("llama", "gpt-neox", "gemma2")
}


def cases(name):
    folder = HERE.parent if name.startswith("tiny") else HERE.parent / "families"
    return json.loads((folder / f"{name}.json").read_text())["cases"][:3]


def means(model, every):
    """By layer, the mean z and the mean MLP output over all positions of all prompts."""
    z, mlp, rows = [0] * model.layers, [0] * model.layers, 0
    for case in every:
        for ids in (case["clean_ids"], case["corrupted_ids"]):
            at_z, at_mlp, _, _ = model.activations(model.embedding(ids))
            rows += len(ids)
            z = [total + part[0].sum(0) for total, part in zip(z, at_z)]
            mlp = [total + part[0].sum(0) for total, part in zip(mlp, at_mlp)]
    return [total / rows for total in z], [total / rows for total in mlp]


def integrated(model, clean, m, a1, a0, layer, head):
    """One node along its own way; head None is the MLP."""
    columns = slice(None) if head is None else slice(head * model.width, (head + 1) * model.width)
    start, way = a1[:, :, columns], (a0 - a1)[:, :, columns]
    total = 0.0
    for step in range(STEPS):
        point = (start + (step + 0.5) / STEPS * way).detach().clone().requires_grad_(True)

        def put(at, value):
            if at != layer:
                return value
            value = value.clone()
            value[:, :, columns] = point
            return value

        with model.hooks(put if head is not None else None, put if head is None else None), torch.enable_grad():
            m(model.logits(clean)).backward()
        total += (way * point.grad).sum().item() / STEPS
    return total


def measure(model, case, mean_z, mean_mlp):
    m = families.base.decision(case["positive"], case["negative"])
    clean, corrupted = model.embedding(case["clean_ids"]), model.embedding(case["corrupted_ids"])
    z1, mlp1, logits1, gradient = model.activations(clean, m)
    z0, mlp0, logits0, _ = model.activations(corrupted)
    m1, m0 = m(logits1).item(), m(logits0).item()
    layers, heads = range(model.layers), range(model.heads)
    every = [(layer, head) for layer in layers for head in heads]
    chosen = [list(node) for node in every[::3]]
    values = {
        "zero": ([torch.zeros_like(z) for z in z1], [torch.zeros_like(out) for out in mlp1]),
        "mean": (
            [mean.expand_as(z) for mean, z in zip(mean_z, z1)],
            [mean.expand_as(out) for mean, out in zip(mean_mlp, mlp1)],
        ),
        "position_mean": (
            [(one + other) / 2 for one, other in zip(z1, z0)],
            [(one + other) / 2 for one, other in zip(mlp1, mlp0)],
        ),
    }

    def grid(value):
        return [[value(layer, head) for head in heads] for layer in layers]

    def columns(head):
        return slice(head * model.width, (head + 1) * model.width)

    out = {
        **{key: case[key] for key in ("clean_ids", "corrupted_ids", "positive", "negative")},
        "m_clean": m1,
        "m_corrupted": m0,
        "heads": chosen,
        "attribution_head_position": grid(
            lambda layer, head: ((z0[layer] - z1[layer]) * gradient["z"][layer])[0, :, columns(head)].sum(1).tolist()
        ),
        "attribution_mlp_position": [
            ((mlp0[layer] - mlp1[layer]) * gradient["mlp"][layer])[0].sum(1).tolist() for layer in layers
        ],
        "integrated_head": grid(lambda l, h: integrated(model, clean, m, z1[l], z0[l], l, h)),
        "integrated_mlp": [integrated(model, clean, m, mlp1[l], mlp0[l], l, None) for l in layers],
    }
    for kind, (z, mlp) in values.items():

        def ablated(**nodes):
            return m(model.patched(clean, z=z, mlp=mlp, **nodes)).item()

        out[f"{kind}_head"] = grid(lambda layer, head: ablated(heads=[(layer, head)]) - m1)
        out[f"{kind}_mlp"] = [ablated(mlps=[layer]) - m1 for layer in layers]
        out[f"{kind}_circuit"] = [
            ablated(heads=[node for node in every if list(node) not in chosen]),
            ablated(heads=chosen),
            ablated(heads=every),
        ]
    return out


def main():
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    for name in sys.argv[1:] or MODELS:
        model = families.Family(MODELS[name])
        every = cases(name)
        made = [families.rounded(measure(model, case, *means(model, every))) for case in every]
        families.base.write(HERE / f"{name}.json", model.config.model_type, model.layers, model.heads, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
