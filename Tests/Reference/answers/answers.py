"""Answers of several tokens under teacher forcing: reference values in float64, from Hugging Face transformers and autograd.

usage: answers.py [NAME ...]     remake NAME.json for the models named below

m = logsumexp(scores of the positive answers) - logsumexp(scores of the negative ones). An answer's score is the sum of the
log-probabilities of its tokens, each given the prompt and the answer's tokens before it. Here every answer has a run of its own
(prompt + the answer but for its last token): nothing is shared between answers, and nothing is filled up. A node is replaced
in all of these runs, at all positions or at one of the prompt's. Fields as in ../README.md, and:

  zeroed_token[p]               m_clean - m(clean with the token embedding at position p set to zero)
  noising_head_position[l][h][p], noising_mlp_position[l][p]     (first case of a model)
"""

import importlib.util
import pathlib
import random
import sys

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
# The families' script has the same name as the one that it imports.
specification = importlib.util.spec_from_file_location("families", HERE.parent / "families/generate.py")
families = importlib.util.module_from_spec(specification)
specification.loader.exec_module(families)

STEPS = 64
MODELS = {
    "tiny-gpt2": HERE.parent / "models/tiny-gpt2",
    "tiny-gpt2-erf": HERE.parent / "models/tiny-gpt2-erf",
    "ioi": HERE.parent.parent.parent / "examples/ioi/models/v1.0",
    "llama": HERE.parent / "families/models/llama",
    "gpt-neox": HERE.parent / "families/models/gpt-neox",
    "gemma2": HERE.parent / "families/models/gemma2",
    "qwen3": HERE.parent / "families/models/qwen3",
}


class Forced:
    """The runs of one prompt with every answer, as one function of the prompt's embeddings."""

    def __init__(self, model, case):
        self.model = model
        self.answers = case["positive"] + case["negative"]
        self.positives = len(case["positive"])
        self.tails = [model.embedding(answer[:-1])[0] if len(answer) > 1 else None for answer in self.answers]

    def inputs(self, prompt):
        """The embeddings of each answer's run."""
        return [prompt if tail is None else torch.cat([prompt, tail[None]], 1) for tail in self.tails]

    def m(self, runs):
        """m from the logits [tokens, vocab] of each answer's run."""
        scores = []
        for answer, logits in zip(self.answers, runs):
            first = logits.shape[0] - len(answer)
            logs = torch.log_softmax(logits, 1)
            scores.append(sum(logs[first + i, token] for i, token in enumerate(answer)))
        scores = torch.stack(scores)
        return torch.logsumexp(scores[: self.positives], 0) - torch.logsumexp(scores[self.positives :], 0)

    def plain(self, prompt):
        """z and MLP outputs of every run, and m."""
        kept = [self.model.activations(run) for run in self.inputs(prompt)]
        return kept, self.m([logits for _, _, logits, _ in kept]).item()

    def patched(self, prompt, other, **nodes):
        runs = []
        for run, (z, mlp, _, _) in zip(self.inputs(prompt), other):
            runs.append(self.model.patched(run, z=z, mlp=mlp, **nodes))
        return self.m(runs).item()

    def gradients(self, prompt):
        """By run: dm/dz and dm/dmlp by layer; and dm/d(prompt's embeddings), through all runs."""
        prompt = prompt.detach().clone().requires_grad_(True)
        stores, logits = [], []
        for run in self.inputs(prompt):
            z, mlp = {}, {}

            def keep(store):
                def at(layer, value):
                    value.retain_grad()
                    store[layer] = value
                    return value

                return at

            with self.model.hooks(keep(z), keep(mlp)), torch.enable_grad():
                logits.append(self.model.logits(run))
            stores.append((z, mlp))
        with torch.enable_grad():
            self.m(logits).backward()
        layers = range(self.model.layers)
        return [([z[i].grad for i in layers], [mlp[i].grad for i in layers]) for z, mlp in stores], prompt.grad


def measure(model, case, positions):
    forced = Forced(model, case)
    clean, corrupted = model.embedding(case["clean_ids"]), model.embedding(case["corrupted_ids"])
    runs1, m1 = forced.plain(clean)
    runs0, m0 = forced.plain(corrupted)
    slopes, embedding = forced.gradients(clean)
    layers, heads = range(model.layers), range(model.heads)
    every = [(layer, head) for layer in layers for head in heads]

    def noised(**nodes):
        return forced.patched(clean, runs0, **nodes)

    def denoised(**nodes):
        return forced.patched(corrupted, runs1, **nodes)

    def grid(value):
        return [[value(layer, head) for head in heads] for layer in layers]

    def by_head(layer, gradients):
        """Sum over runs and positions of (z0 - z1) * gradient, by head."""
        total = [0.0] * model.heads
        for (z1, _, _, _), (z0, _, _, _), (slope, _) in zip(runs1, runs0, gradients):
            for head, value in enumerate(model.by_head((z0[layer] - z1[layer]) * slope[layer])):
                total[head] += value
        return total

    def by_mlp(layer, gradients):
        return sum(
            ((one0[1][layer] - one1[1][layer]) * slope[1][layer]).sum().item()
            for one1, one0, slope in zip(runs1, runs0, gradients)
        )

    path_embedding = torch.zeros_like(clean)
    path_heads = [[0.0] * model.heads for _ in layers]
    for step in range(STEPS):
        at_point, gradient = forced.gradients(corrupted + (step + 0.5) / STEPS * (clean - corrupted))
        path_embedding += gradient / STEPS
        for layer in layers:
            for head, value in enumerate(by_head(layer, at_point)):
                path_heads[layer][head] += value / STEPS

    def zeroed(position):
        prompt = clean.clone()
        prompt[:, position] = 0
        return m1 - forced.plain(prompt)[1]

    out = {
        **{key: case[key] for key in ("clean_ids", "corrupted_ids", "positive", "negative")},
        "m_clean": m1,
        "m_corrupted": m0,
        "last_logits": model.logits(clean)[-1].tolist(),
        "noising_head": grid(lambda layer, head: noised(heads=[(layer, head)]) - m1),
        "denoising_head": grid(lambda layer, head: denoised(heads=[(layer, head)]) - m0),
        "noising_mlp": [noised(mlps=[layer]) - m1 for layer in layers],
        "denoising_mlp": [denoised(mlps=[layer]) - m0 for layer in layers],
        "attribution_head": [by_head(layer, slopes) for layer in layers],
        "attribution_mlp": [by_mlp(layer, slopes) for layer in layers],
        "ig_token": ((clean - corrupted) * path_embedding)[0].sum(1).tolist(),
        "ig_inputs_head": path_heads,
        "circuits": [
            {
                "heads": chosen,
                "m_circuit": noised(heads=[node for node in every if list(node) not in chosen]),
                "m_without": noised(heads=chosen),
                "m_empty": noised(heads=every),
            }
            for chosen in case["circuits"]
        ],
        "grad_x_input_token": (clean * embedding)[0].sum(1).tolist(),
        "zeroed_token": [zeroed(position) for position in range(len(case["clean_ids"]))],
    }
    if positions:
        where = range(len(case["clean_ids"]))
        out["noising_head_position"] = grid(
            lambda layer, head: [noised(heads=[(layer, head)], position=p) - m1 for p in where]
        )
        out["noising_mlp_position"] = [[noised(mlps=[layer], position=p) - m1 for p in where] for layer in layers]
    return out


def cases(model, seed):
    """Prompts of different lengths; answer sets that mix one, two and three tokens, that begin alike, that repeat a token."""
    pick = random.Random(seed)
    size = model.config.vocab_size
    every = [[layer, head] for layer in range(model.layers) for head in range(model.heads)]
    a, b, c, d, e, f, g = pick.sample(range(size), 7)
    sets = [
        ([[a], [b, c]], [[d, e, f]]),
        ([[a, b], [a, c, d]], [[e], [f, a, b]]),
        ([[a, b]], [[a, c]]),
        ([[a, a, a], [b, c, d]], [[e, f], [g, g], [c]]),
    ]
    for length, changed, (positive, negative) in zip((7, 12, 1, 9), ([2], [4, 9], [0], [8]), sets):
        clean = [pick.randrange(size) for _ in range(length)]
        corrupted = [
            (token + 1 + pick.randrange(size - 1)) % size if place in changed else token
            for place, token in enumerate(clean)
        ]
        circuits = [[], sorted(pick.sample(every, len(every) // 2))]
        yield dict(clean_ids=clean, corrupted_ids=corrupted, positive=positive, negative=negative, circuits=circuits)


def main():
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    for name in sys.argv[1:] or MODELS:
        model = families.Family(MODELS[name])
        made = [
            families.rounded(measure(model, case, number == 0))
            for number, case in enumerate(cases(model, sum(map(ord, name))))
        ]
        families.base.write(HERE / f"{name}.json", model.config.model_type, model.layers, model.heads, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
