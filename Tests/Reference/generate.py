"""Reference values of the engine, in float64, from Hugging Face transformers and PyTorch autograd.

usage:
  generate.py check MODEL REFERENCE.json         recompute every field; print the largest difference per field
  generate.py cases MODEL CASES.json OUT.json    make the fields for cases that give only ids
  generate.py tiny                               remake models/tiny-gpt2*, tiny-gpt2*.json
  generate.py positions CREDIT_MODEL IOI_MODEL   remake positions.json and float32-logits.json

README.md beside this file says what each field means and which versions made the committed files.
Nothing here is shared with the engine: the model is Hugging Face's, interventions are PyTorch hooks, and gradients are
autograd's.
"""

import argparse
import json
import pathlib
import sys
from contextlib import contextmanager

import torch
from transformers import GPT2LMHeadModel

HERE = pathlib.Path(__file__).resolve().parent
STEPS = 64  # of the midpoint rule of integrated gradients
LIMIT = 1e-9  # `check` fails above this largest absolute difference


class Reference:
    """A GPT-2-architecture model with its nodes exposed: z (a head's output before c_proj) and each MLP's output."""

    def __init__(self, folder, dtype=torch.float64):
        self.model = (
            GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).to(dtype).eval()
        )
        for weight in self.model.parameters():
            weight.requires_grad_(False)
        self.config = self.model.config
        self.layers, self.heads = self.config.n_layer, self.config.n_head
        self.width = self.config.n_embd // self.heads
        self.blocks = self.model.transformer.h

    def embedding(self, ids):
        """The token embeddings [1, tokens, d_model], without positions."""
        return self.model.transformer.wte(torch.tensor([ids]))

    @contextmanager
    def hooks(self, at_z=None, at_mlp=None):
        """at_z(layer, z) and at_mlp(layer, out) return the activation to go on with."""
        handles = []
        for layer, block in enumerate(self.blocks):
            if at_z:
                handles.append(
                    block.attn.c_proj.register_forward_pre_hook(lambda _, args, layer=layer: (at_z(layer, args[0]),))
                )
            if at_mlp:
                handles.append(block.mlp.register_forward_hook(lambda _, __, out, layer=layer: at_mlp(layer, out)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def logits(self, embedding):
        """All logits [tokens, vocab]."""
        return self.model(inputs_embeds=embedding, use_cache=False).logits[0]

    def activations(self, embedding, gradient_of=None):
        """A run's z and MLP outputs per layer, its logits, and, if a decision is given, the decision's gradients."""
        z, mlp = {}, {}

        def keep(store):
            def at(layer, value):
                if gradient_of:
                    value.retain_grad()
                store[layer] = value
                return value

            return at

        if gradient_of:
            embedding = embedding.detach().clone().requires_grad_(True)
        with self.hooks(keep(z), keep(mlp)), torch.set_grad_enabled(gradient_of is not None):
            logits = self.logits(embedding)
        if gradient_of:
            gradient_of(logits).backward()
            gradients = {
                "embedding": embedding.grad,
                "z": [z[layer].grad for layer in range(self.layers)],
                "mlp": [mlp[layer].grad for layer in range(self.layers)],
            }
        else:
            gradients = None
        z, mlp = ([store[layer].detach() for layer in range(self.layers)] for store in (z, mlp))
        return z, mlp, logits.detach(), gradients

    def patched(self, embedding, heads=(), mlps=(), z=None, mlp=None, position=None):
        """The logits of a run with the named nodes replaced by those of another run, at one position or at all."""
        heads, mlps = set(map(tuple, heads)), set(mlps)
        where = slice(None) if position is None else slice(position, position + 1)

        def at_z(layer, value):
            value = value.clone()
            for head in range(self.heads):
                if (layer, head) in heads:
                    columns = slice(head * self.width, (head + 1) * self.width)
                    value[:, where, columns] = z[layer][:, where, columns]
            return value

        def at_mlp(layer, value):
            value = value.clone()
            if layer in mlps:
                value[:, where] = mlp[layer][:, where]
            return value

        with self.hooks(at_z, at_mlp), torch.no_grad():
            return self.logits(embedding)

    def by_head(self, values):
        """Sums [1, tokens, d_model] over tokens and each head's columns."""
        return values[0].sum(0).view(self.heads, self.width).sum(1).tolist()


def decision(positive, negative):
    """m as a function of the logits: logsumexp(positive) - logsumexp(negative) at the last token.

    Without `negative` (a regression, one label of several) m is logsumexp(positive): of one output, its logit.
    """
    if not negative:
        return lambda logits: torch.logsumexp(logits[-1, positive], 0)
    return lambda logits: torch.logsumexp(logits[-1, positive], 0) - torch.logsumexp(logits[-1, negative], 0)


def measure(model, case, extras=()):
    """Every field of one case."""
    m = decision(case["positive"], case["negative"])
    every = [(layer, head) for layer in range(model.layers) for head in range(model.heads)]
    clean, corrupted = model.embedding(case["clean_ids"]), model.embedding(case["corrupted_ids"])
    z1, mlp1, logits1, gradient = model.activations(clean, m)
    z0, mlp0, logits0, _ = model.activations(corrupted)
    m1, m0 = m(logits1).item(), m(logits0).item()

    def noised(**nodes):
        return m(model.patched(clean, z=z0, mlp=mlp0, **nodes)).item()

    def denoised(**nodes):
        return m(model.patched(corrupted, z=z1, mlp=mlp1, **nodes)).item()

    def grid(value):
        return [[value(layer, head) for head in range(model.heads)] for layer in range(model.layers)]

    layers = range(model.layers)
    path_embedding = torch.zeros_like(clean)
    path_z = [torch.zeros_like(z) for z in z1]
    for step in range(STEPS):
        point = corrupted + (step + 0.5) / STEPS * (clean - corrupted)
        at_point = model.activations(point, m)[3]
        path_embedding += at_point["embedding"] / STEPS
        path_z = [total + part / STEPS for total, part in zip(path_z, at_point["z"])]

    out = {
        "clean_ids": case["clean_ids"],
        "corrupted_ids": case["corrupted_ids"],
        "positive": case["positive"],
        "negative": case["negative"],
        "m_clean": m1,
        "m_corrupted": m0,
        "last_logits": logits1[-1].tolist(),
        "noising_head": grid(lambda layer, head: noised(heads=[(layer, head)]) - m1),
        "denoising_head": grid(lambda layer, head: denoised(heads=[(layer, head)]) - m0),
        "noising_mlp": [noised(mlps=[layer]) - m1 for layer in layers],
        "denoising_mlp": [denoised(mlps=[layer]) - m0 for layer in layers],
        "attribution_head": [model.by_head((z0[layer] - z1[layer]) * gradient["z"][layer]) for layer in layers],
        "attribution_mlp": [((mlp0[layer] - mlp1[layer]) * gradient["mlp"][layer]).sum().item() for layer in layers],
        "ig_token": ((clean - corrupted) * path_embedding)[0].sum(1).tolist(),
        "ig_inputs_head": [model.by_head((z0[layer] - z1[layer]) * path_z[layer]) for layer in layers],
        "circuits": [
            {
                "heads": circuit["heads"],
                "m_circuit": noised(heads=[node for node in every if list(node) not in circuit["heads"]]),
                "m_without": noised(heads=circuit["heads"]),
                "m_empty": noised(heads=every),
            }
            for circuit in case.get("circuits", [])
        ],
        "grad_x_input_token": (clean * gradient["embedding"])[0].sum(1).tolist(),
    }
    positions = range(len(case["clean_ids"]))
    if "positions" in extras:
        out["noising_head_position"] = grid(
            lambda layer, head: [noised(heads=[(layer, head)], position=p) - m1 for p in positions]
        )
        out["noising_mlp_position"] = [[noised(mlps=[layer], position=p) - m1 for p in positions] for layer in layers]
    if "gradients" in extras:
        out["gradient_z"] = grid(
            lambda layer, head: gradient["z"][layer][0, :, head * model.width : (head + 1) * model.width].tolist()
        )
        out["gradient_mlp"] = [gradient["mlp"][layer][0].tolist() for layer in layers]
        out["gradient_embedding"] = gradient["embedding"][0].tolist()
    return out


def write(path, model_type, layers, heads, cases):
    """One field a line, so that a difference between two versions can be read."""
    lines = []
    for case in cases:
        fields = ",\n    ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in case.items())
        lines.append("  {\n    " + fields + "\n  }")
    head = f'{{\n  "model_type": {json.dumps(model_type)}, "layers": {layers}, "heads": {heads}, "cases": [\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n")
    print(f"wrote {path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


def difference(a, b):
    """Largest absolute difference of two nested lists of numbers; infinite where their shapes differ."""
    if isinstance(a, dict):
        return max((difference(a[key], b[key]) for key in a), default=0.0) if a.keys() == b.keys() else float("inf")
    if isinstance(a, list):
        return max((difference(x, y) for x, y in zip(a, b)), default=0.0) if len(a) == len(b) else float("inf")
    return abs(a - b)


def check(folder, path):
    reference = json.loads(path.read_text())
    model = Reference(folder)
    extras = {"noising_head_position": "positions", "gradient_z": "gradients"}
    worst = {}
    for case in reference["cases"]:
        made = measure(model, case, [extra for field, extra in extras.items() if field in case])
        for field in case:
            if field in made:
                worst[field] = max(worst.get(field, 0.0), difference(made[field], case[field]))
    for field, value in worst.items():
        print(f"{field:24} {value:.3e}")
    largest = max(worst.values())
    print(f"{path.name}: {len(reference['cases'])} cases, largest absolute difference {largest:.3e}")
    return 0 if largest < LIMIT else 1


# --- tiny models: odd sizes, every weight random, so that a transposed, dropped or tied tensor shows ------------------

TINY = {
    # the usual activation, an MLP that is not 4 d_model, an unembedding of its own
    "tiny-gpt2": dict(n_embd=24, n_head=3, n_layer=3, n_inner=40, activation_function="gelu_new",
                      layer_norm_epsilon=1e-5, tie_word_embeddings=False),
    # exact GELU, scores divided by the layer's number, a small epsilon, tied unembedding
    "tiny-gpt2-erf": dict(n_embd=20, n_head=2, n_layer=4, n_inner=None, activation_function="gelu",
                          layer_norm_epsilon=1e-6, tie_word_embeddings=True, scale_attn_by_inverse_layer_idx=True),
    # ReLU, unscaled scores, and the file layout of OpenAI's release: names without `transformer.`, mask buffers, shards
    "tiny-gpt2-relu": dict(n_embd=21, n_head=7, n_layer=2, n_inner=33, activation_function="relu",
                           layer_norm_epsilon=1e-5, tie_word_embeddings=True, scale_attn_weights=False),
}  # fmt: skip


def make_tiny(name):
    """Writes a random checkpoint in Hugging Face layout."""
    import numpy
    from safetensors.torch import save_file
    from transformers import GPT2Config

    options = TINY[name]
    config = GPT2Config(vocab_size=61, n_positions=32, bos_token_id=0, eos_token_id=0, resid_pdrop=0, embd_pdrop=0,
                        attn_pdrop=0, **options)  # fmt: skip
    model = GPT2LMHeadModel(config)
    random = numpy.random.Generator(numpy.random.PCG64(sum(map(ord, name))))
    # Unscaled scores want smaller weights: where the softmax saturates, float32 rounding alone moves effects by 1e-4.
    scale = {
        "wte": 0.8,
        "wpe": 0.3,
        "lm_head": 0.6,
        "attn.c_attn": 0.35 if config.scale_attn_weights else 0.2,
        "attn.c_proj": 0.35,
        "mlp": 0.35,
    }
    with torch.no_grad():
        for key, weight in model.named_parameters():
            noise = torch.from_numpy(random.standard_normal(tuple(weight.shape)).astype(numpy.float32))
            if "ln_" in key:
                weight.copy_(1 + 0.4 * noise if key.endswith("weight") else 0.3 * noise)
            elif key.endswith("bias"):
                weight.copy_(0.2 * noise)
            else:
                weight.copy_(next(value for part, value in scale.items() if part in key) * noise)
    folder = HERE / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    if name != "tiny-gpt2-relu":
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink()
        return folder
    model.config.architectures = ["GPT2LMHeadModel"]
    model.config.save_pretrained(folder)
    state = {
        k.removeprefix("transformer."): v.contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"
    }
    for layer in range(config.n_layer):
        state[f"h.{layer}.attn.bias"] = torch.ones(32, 32).tril().view(1, 1, 32, 32)
    shards = {"model-00001-of-00002.safetensors": {}, "model-00002-of-00002.safetensors": {}}
    for key, value in state.items():
        shards[list(shards)[0 if key.startswith(("h.0.", "wpe")) else 1]][key] = value
    for file, tensors in shards.items():
        save_file(tensors, folder / file, metadata={"format": "pt"})
    total = sum(value.numel() * value.element_size() for value in state.values())
    index = {
        "metadata": {"total_size": total},
        "weight_map": {key: file for file, tensors in shards.items() for key in sorted(tensors)},
    }
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    return folder


def tiny_cases(model, seed):
    """Prompts of 1 to 32 tokens (all of the context), one and several answers, differing at first, middle and last."""
    import random

    pick = random.Random(seed)
    every = [[layer, head] for layer in range(model.layers) for head in range(model.heads)]
    for length, changed, positives, negatives in [
        (7, [2], 1, 1), (13, [4, 9], 3, 2), (2, [0], 2, 1), (1, [0], 1, 4), (9, [8], 2, 5), (32, [0, 11, 30], 1, 1)
    ]:  # fmt: skip
        clean = [pick.randrange(61) for _ in range(length)]
        corrupted = [(token + 1 + pick.randrange(60)) % 61 if p in changed else token for p, token in enumerate(clean)]
        answers = pick.sample(range(61), positives + negatives)
        circuits = [[], every, sorted(pick.sample(every, 2)), sorted(pick.sample(every, len(every) // 2))]
        yield {
            "clean_ids": clean, "corrupted_ids": corrupted,
            "positive": answers[:positives], "negative": answers[positives:],
            "circuits": [{"heads": heads} for heads in circuits],
        }  # fmt: skip


def float32_logits(model32, ids):
    with torch.no_grad():
        return [[float(f"{value:.9g}") for value in row] for row in model32.logits(model32.embedding(ids)).tolist()]


def tiny():
    for seed, name in enumerate(TINY):
        folder = make_tiny(name)
        model, model32 = Reference(folder), Reference(folder, torch.float32)
        cases = []
        for number, case in enumerate(tiny_cases(model, seed)):
            extras = ["positions"] if number < 3 else []
            made = measure(model, case, extras + (["gradients"] if number == 0 else []))
            if number < 4:
                made["logits_float32"] = float32_logits(model32, case["clean_ids"])
            cases.append(made)
        write(HERE / f"{name}.json", "gpt2", model.layers, model.heads, cases)


def positions(credit, ioi):
    """Per-position effects and float32 logits on the two trained models, for cases of credit-v1.0.json and ioi.json."""
    effects, logits = [], []
    for name, folder, numbers in [("credit-v1.0", credit, [0, 6]), ("ioi", ioi, [0, 1])]:
        model, model32 = Reference(folder), Reference(folder, torch.float32)
        cases = json.loads((HERE / f"{name}.json").read_text())["cases"]
        for number in numbers:
            made = measure(model, cases[number] | {"circuits": []}, ["positions"])
            fields = ["clean_ids", "corrupted_ids", "positive", "negative", "m_clean", "m_corrupted",
                      "noising_head_position", "noising_mlp_position"]  # fmt: skip
            effects.append({"reference": name, "case": number} | {field: made[field] for field in fields})
        for number, case in enumerate(cases):
            last = float32_logits(model32, case["clean_ids"])[-1]
            logits.append({"reference": name, "case": number, "ids": case["clean_ids"], "last_logits_float32": last})
    write(HERE / "positions.json", "gpt2", 4, 4, effects)
    write(HERE / "float32-logits.json", "gpt2", 4, 4, logits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, arguments in {
        "check": ["model", "reference"], "cases": ["model", "cases", "out"], "tiny": [], "positions": ["credit", "ioi"]
    }.items():  # fmt: skip
        command = commands.add_parser(name)
        for argument in arguments:
            command.add_argument(argument, type=pathlib.Path)
    given = parser.parse_args()
    torch.manual_seed(0)
    if given.command == "check":
        return check(given.model, given.reference)
    if given.command == "cases":
        model = Reference(given.model)
        cases = json.loads(given.cases.read_text())
        write(given.out, "gpt2", model.layers, model.heads, [measure(model, case) for case in cases])
    elif given.command == "tiny":
        tiny()
    else:
        positions(given.credit, given.ioi)
    return 0


if __name__ == "__main__":
    sys.exit(main())
