#!/usr/bin/env python3
"""What all 10,000 sums say of the adder in `model`, in PyTorch and float64: `adder.json`.

    enumerate.py model adder.json        (about ten minutes on one thread; torch, transformers 4)

Five questions, each over every sum a + b of two numbers from 0 to 99. A sum's prompt is `47+58=` (the model then says the units of the
sum) or `47+58=5` (it then says the tens, modulo 10). A question changes one digit of a or b; the decision is whether the digit that is
said is even. For each question the file has, over all pairs unless it says otherwise:

  flips            decisions that differ
  size, direction  mean |m_cf - m_clean| and mean m_cf - m_clean
  nodes            L0H0 ... MLP1: noising [mean effect, share, the same two over the sample], denoising likewise; share = sum s*e /
                   sum |d| with d = m_cf - m_clean, s its sign; the way back is counted towards the clean prompt
  edges            the same of every edge of the graph, noising alone
  circuits         for each set of heads (bit 4*layer + head of the key) [mean s*m, the same over the sample], the heads outside it at
                   their counterfactual values, s here the sign of m_clean - m_cf; 255 is the whole model, 0 every head replaced
  sample           60 sums drawn with a fixed seed; m_clean, m_cf, noising by node, of each

The model's forward pass is written out below and held against transformers' first.
"""
import json
import math
import random
import sys

import torch
from transformers import GPT2LMHeadModel

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
LAYERS, HEADS, WIDTH, HEAD = 2, 4, 64, 16
EVEN, ODD = torch.tensor([0, 2, 4, 6, 8]), torch.tensor([1, 3, 5, 7, 9])
QUESTIONS = {
    # name: (which digit of "ab+cd" is changed, by how much, whether the tens are asked for)
    "units-of-a": (1, 1, False),
    "units-of-b": (4, 1, False),
    "tens-of-a-for-units": (0, 1, False),
    "tens-of-a": (0, 1, True),
    "carry": (1, 5, True),
}


def ids(digits, tens):
    a, b = 10 * digits[0] + digits[1], 10 * digits[3] + digits[4]
    row = list(digits[:2]) + [10] + list(digits[3:]) + [11]
    return row + [(a + b) % 10] if tens else row


def prompts(name):
    place, by, tens = QUESTIONS[name]
    clean, changed = [], []
    for number in range(10000):
        digits = [number // 1000, number // 100 % 10, None, number // 10 % 10, number % 10]
        other = list(digits)
        other[place] = (digits[place] + by) % 10
        clean.append(ids(digits, tens))
        changed.append(ids(other, tens))
    return torch.tensor(clean), torch.tensor(changed)


class Adder:
    def __init__(self, folder):
        self.hf = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
        self.w = {k: v.detach() for k, v in self.hf.transformer.named_parameters()}

    def norm(self, x, name):
        return torch.nn.functional.layer_norm(x, (WIDTH,), self.w[name + ".weight"], self.w[name + ".bias"], 1e-5)

    def embed(self, tokens):
        return self.w["wte.weight"][tokens] + self.w["wpe.weight"][: tokens.shape[1]]

    def qkv(self, layer, x):
        """[n, t, 64] to q, k, v: [n, heads, t, 16]."""
        y = self.norm(x, f"h.{layer}.ln_1") @ self.w[f"h.{layer}.attn.c_attn.weight"] + self.w[
            f"h.{layer}.attn.c_attn.bias"]
        return [p.view(*p.shape[:2], HEADS, HEAD).transpose(1, 2) for p in y.split(WIDTH, -1)]

    def attend(self, q, k, v):
        """q may be the last position's alone."""
        scores = q @ k.transpose(-1, -2) / math.sqrt(HEAD)
        if q.shape[2] == k.shape[2]:
            scores = scores.masked_fill(torch.ones(k.shape[2], k.shape[2], dtype=torch.bool).triu(1), -math.inf)
        return scores.softmax(-1) @ v

    def shares(self, layer, z):
        """What each head adds: [heads, n, t, 64]."""
        w = self.w[f"h.{layer}.attn.c_proj.weight"].view(HEADS, HEAD, WIDTH)
        return torch.stack([z[:, h] @ w[h] for h in range(HEADS)])

    def mlp(self, layer, x):
        y = self.norm(x, f"h.{layer}.ln_2") @ self.w[f"h.{layer}.mlp.c_fc.weight"] + self.w[f"h.{layer}.mlp.c_fc.bias"]
        y = 0.5 * y * (1 + torch.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)))
        return y @ self.w[f"h.{layer}.mlp.c_proj.weight"] + self.w[f"h.{layer}.mlp.c_proj.bias"]

    def decision(self, x):
        logits = self.norm(x, "ln_f") @ self.w["wte.weight"].T
        return logits[:, EVEN].logsumexp(-1) - logits[:, ODD].logsumexp(-1)

    def layer0(self, tokens, edges=(), other=None, heads=(), mlp=False):
        """A dictionary of all that the first layer gives; edges as (receiver, sender), heads and MLP from `other`."""
        x = self.embed(tokens)
        q, k, v = self.qkv(0, x)
        for receiver, sender in edges:
            if receiver[0] == 0 and receiver[2] in "qkv":
                parts = dict(zip("qkv", self.qkv(0, x + other["senders"]["embed"] - x)))
                target = {"q": q, "k": k, "v": v}[receiver[2]]
                target[:, receiver[1]] = parts[receiver[2]][:, receiver[1]]
        z = self.attend(q, k, v)
        for h in heads:
            z[:, h] = other["z0"][:, h]
        u = self.shares(0, z)
        middle = x + u.sum(0) + self.w["h.0.attn.c_proj.bias"]
        senders = {"embed": x, **{f"L0H{h}": u[h] for h in range(HEADS)}}
        read = middle
        for receiver, sender in edges:
            if receiver == (0, -1, "m"):
                read = read + other["senders"][sender] - senders[sender]
        out = other["senders"]["MLP0"] if mlp else self.mlp(0, read)
        senders["MLP0"] = out
        return {"z0": z, "senders": senders, "x1": middle + out}

    def z1(self, first, edges=(), other=None):
        """The second layer's z at the last position: [n, heads, 16]."""
        q, k, v = self.qkv(1, first["x1"])
        for receiver, sender in edges:
            if receiver[0] == 1 and receiver[2] in "qkv":
                read = first["x1"] + other["senders"][sender] - first["senders"][sender]
                parts = dict(zip("qkv", self.qkv(1, read)))
                target = {"q": q, "k": k, "v": v}[receiver[2]]
                target[:, receiver[1]] = parts[receiver[2]][:, receiver[1]]
        return self.attend(q[:, :, -1:], k, v)[:, :, 0]

    def rest(self, first, z, edges=(), other=None, heads=(), mlp=False):
        """m, and what the second layer's senders give at the last position."""
        z = z.clone()
        for h in heads:
            z[:, h] = other["z1"][:, h]
        u = self.shares(1, z[:, :, None])[:, :, 0]
        last = {name: value[:, -1] for name, value in first["senders"].items()}
        last.update({f"L1H{h}": u[h] for h in range(HEADS)})
        x = first["x1"][:, -1] + u.sum(0) + self.w["h.1.attn.c_proj.bias"]
        there = None if other is None else other["last"]
        read = x
        for receiver, sender in edges:
            if receiver == (1, -1, "m"):
                read = read + there[sender] - last[sender]
        out = there["MLP1"] if mlp else self.mlp(1, read)
        last["MLP1"] = out
        x = x + out
        for receiver, sender in edges:
            if receiver == (2, -1, "l"):
                x = x + there[sender] - last[sender]
        return self.decision(x), last

    def run(self, tokens):
        first = self.layer0(tokens)
        first["z1"] = self.z1(first)
        first["m"], first["last"] = self.rest(first, first["z1"])
        return first


def edge_list():
    senders = ["embed"] + [f"L0H{h}" for h in range(HEADS)] + ["MLP0"]
    edges = []
    for layer, count in [(0, 1), (1, 6)]:
        for h in range(HEADS):
            for part in "qkv":
                edges += [((layer, h, part), s, f"{s}>L{layer}H{h}.{part}") for s in senders[:count]]
        all_ = senders[: count + (HEADS if layer == 0 else 0)] if layer == 0 else senders + [f"L1H{h}" for h in range(HEADS)]
        edges += [((layer, -1, "m"), s, f"{s}>MLP{layer}") for s in all_]
    edges += [((2, -1, "l"), s, f"{s}>logits") for s in senders + [f"L1H{h}" for h in range(HEADS)] + ["MLP1"]]
    return edges


@torch.no_grad()
def question(model, name):
    clean_ids, changed_ids = prompts(name)
    logits = model.hf(clean_ids[:500]).logits[:, -1]
    clean, other = model.run(clean_ids), model.run(changed_ids)
    expected = logits[:, EVEN].logsumexp(-1) - logits[:, ODD].logsumexp(-1)
    assert (clean["m"][:500] - expected).abs().max() < 1e-9, "the forward pass written here is not transformers'"
    d = other["m"] - clean["m"]
    sign, total = d.sign(), d.abs().sum()

    drawn = torch.tensor(sorted(random.Random(name).sample(range(10000), 60)))

    def both(effect, back=1):
        counted = back * sign * effect
        return [
            effect.mean().item(), (counted.sum() / total).item(), effect[drawn].mean().item(),
            (counted[drawn].sum() / d[drawn].abs().sum()).item(),
        ]

    nodes = [("head", l, h) for l in range(LAYERS) for h in range(HEADS)]
    nodes = nodes[:4] + [("mlp", 0, 0)] + nodes[4:] + [("mlp", 1, 0)]
    names = [f"L{l}H{h}" if kind == "head" else f"MLP{l}" for kind, l, h in nodes]

    def noised(base_ids, base, there):
        values = []
        for kind, l, h in nodes:
            heads, mlp = ([h] if kind == "head" else []), kind == "mlp"
            if l == 0:
                first = model.layer0(base_ids, other=there, heads=heads, mlp=mlp)
                values.append(model.rest(first, model.z1(first))[0])
            else:
                values.append(model.rest(base, base["z1"], other=there, heads=heads, mlp=mlp)[0])
        return [v - base["m"] for v in values]

    noising, denoising = noised(clean_ids, clean, other), noised(changed_ids, other, clean)
    edges = {}
    for receiver, sender, label in edge_list():
        patched = [(receiver, sender)]
        first, z = clean, clean["z1"]
        if receiver[0] == 0:
            first = model.layer0(clean_ids, patched, other)
            z = model.z1(first)
        elif receiver[0] == 1 and receiver[2] in "qkv":
            z = model.z1(clean, patched, other)
        edges[label] = both(model.rest(first, z, patched, other)[0] - clean["m"])
    circuits = {}
    towards_clean = -sign
    for low in range(16):
        outside = [h for h in range(HEADS) if not low >> h & 1]
        first = model.layer0(clean_ids, other=other, heads=outside)
        z = model.z1(first)
        for high in range(16):
            outside = [h for h in range(HEADS) if not high >> h & 1]
            m = model.rest(first, z, other=other, heads=outside)[0]
            counted = towards_clean * m
            circuits[low + 16 * high] = [counted.mean().item(), counted[drawn].mean().item()]
    return {
        "flips": int(((clean["m"] > 0) != (other["m"] > 0)).sum()), "pairs": 10000,
        "size": d.abs().mean().item(), "direction": d.mean().item(),
        "nodes": {n: {"noising": both(a), "denoising": both(b, -1)} for n, a, b in zip(names, noising, denoising)},
        "edges": edges, "circuits": circuits,
        "sample": [
            {
                "sum": i, "m_clean": clean["m"][i].item(), "m_cf": other["m"][i].item(),
                "noising": [e[i].item() for e in noising],
            } for i in drawn.tolist()
        ],
    }


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    model = Adder(sys.argv[1])
    result = {"torch": torch.__version__, "questions": {}}
    for name, (place, by, tens) in QUESTIONS.items():
        answer = question(model, name)
        result["questions"][name] = {"digit": place, "added": by, "tens": tens, **answer}
        print(name, answer["flips"], f"{answer['size']:.3f} {answer['direction']:.3f}", flush=True)
    with open(sys.argv[2], "w") as file:
        json.dump(rounded(result), file, indent=0)
        file.write("\n")
