"""Reference values for edges, in float64 PyTorch: attribution (EAP, EAP-IG) and exact patching.

usage:
  generate.py [NAME ...]     remake NAME.json beside this file (all of them if no name is given)

The models are written out here from their definitions, from the tensors of the checkpoints alone; Hugging Face's code is not
used, and nothing is shared with the engine or with ../generate.py. Every receiver (each query head, each key and value head,
each MLP, the final norm) has an input of its own, the sum of what the senders before it wrote, so that a patched edge is one
changed summand and autograd gives the gradient at one receiver's input apart from all others'. Before anything is written,
m of both prompts is held against ../families/NAME.json, ../NAME.json or ../ioi.json, which Hugging Face's models made.

Fields, one case each for the ids of the first cases there:
  eap     by edge: sum over positions of (u_cf - u_clean) . dm/d(input of the receiver, before its norm), at the clean run
  eap_ig  the same with the gradient's mean over STEPS points of the midpoint rule between the two input embeddings
  single  m of the clean run with one edge patched, by the edge's name
  back    m of the counterfactual run with one edge set to its clean value, by the edge's name
  sets    m of the clean run with a set of edges patched (a character per edge, 1 = patched)
Edges are in the order of the receivers (layer by layer queries, keys, values, MLP; then the logits), and the senders of each
(the embedding; layer by layer the heads and the MLP). Keys and values count once per key/value head.
"""

import json
import math
import pathlib
import random
import sys

import torch
from safetensors import safe_open

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE.parent
STEPS = 5
SAMPLE = 60
torch.set_default_dtype(torch.float64)

TINY = ["tiny-gpt2", "tiny-gpt2-erf", "tiny-gpt2-relu"]
FAMILIES = ["llama", "llama3", "llama-linear", "mistral", "qwen2", "qwen3", "gpt-neox", "gpt-neox-serial", "phi3",
            "gpt2-classifier", "llama-classifier", "gpt-neox-classifier"]  # fmt: skip


def places(name):
    """Model folder, file of prompts, number of cases."""
    if name == "ioi":
        return REFERENCE.parent.parent / "examples/ioi/models/v1.0", REFERENCE / "ioi.json", 1
    if name in TINY:
        return REFERENCE / "models" / name, REFERENCE / f"{name}.json", 2
    return REFERENCE / "families/models" / name, REFERENCE / "families" / f"{name}.json", 2


def tensors(folder):
    found = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for key in file.keys():
                short = key
                for prefix in ("transformer.", "model.", "gpt_neox."):
                    short = short.removeprefix(prefix)
                found[short] = file.get_tensor(key).double()
    return found


def layer_norm(weight, bias, epsilon):
    def norm(x):
        centred = x - x.mean(-1, keepdim=True)
        return centred / (centred.pow(2).mean(-1, keepdim=True) + epsilon).sqrt() * weight + bias

    return norm


def rms_norm(weight, epsilon):
    return lambda x: x / (x.pow(2).mean(-1, keepdim=True) + epsilon).sqrt() * weight


ACTIVATIONS = {
    "gelu_new": lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))),
    "relu": lambda x: x.clamp(min=0),
    "silu": lambda x: x / (1 + torch.exp(-x)),
}


class Layer:
    """Maps as [inputs, outputs]; q, k and v as lists, one entry per head; biases may be None."""

    def __init__(self):
        self.q_norm = self.k_norm = None
        self.window = None


class Model:
    def __init__(self, folder):
        config = self.config = json.loads((folder / "config.json").read_text())
        self.t = tensors(folder)
        self.kind = config["model_type"]
        self.positions = None
        self.rotary = None
        self.parallel = False
        if self.kind == "gpt2":
            self.read_gpt2()
        elif self.kind == "gpt_neox":
            self.read_neox()
        else:
            self.read_llama()
        names = ["score.weight", "lm_head.weight", "embed_out.weight"]
        self.unembed = next((self.t[name] for name in names if name in self.t), self.embedding)
        self.receivers, self.senders, self.reads = [], ["embed"], []
        for layer in range(len(self.layers)):
            groups = range(self.groups)
            attention = [f"L{layer}H{h}.q" for h in range(self.heads)]
            attention += [f"L{layer}H{g}.{part}" for part in "kv" for g in groups]
            self.receivers += attention
            self.reads += [len(self.senders)] * len(attention)
            before = len(self.senders)
            self.senders += [f"L{layer}H{h}" for h in range(self.heads)]
            self.receivers.append(f"MLP{layer}")
            self.reads.append(before if self.parallel else len(self.senders))
            self.senders.append(f"MLP{layer}")
        self.receivers.append("logits")
        self.reads.append(len(self.senders))
        self.edges = [(r, s) for r, count in enumerate(self.reads) for s in range(count)]

    def split(self, weight, bias, count):
        """Columns of a map by head."""
        width = weight.shape[1] // count
        return [
            (weight[:, i * width : (i + 1) * width], None if bias is None else bias[i * width : (i + 1) * width])
            for i in range(count)
        ]

    def read_gpt2(self):
        c, t = self.config, self.t
        self.heads = self.groups = c["n_head"]
        self.embedding, self.positions = t["wte.weight"], t["wpe.weight"]
        epsilon = c["layer_norm_epsilon"]
        norm = lambda name: layer_norm(t[name + ".weight"], t[name + ".bias"], epsilon)  # noqa: E731
        act = ACTIVATIONS[c["activation_function"]]
        width, self.layers = c["n_embd"], []
        for index in range(c["n_layer"]):
            name, layer = f"h.{index}.", Layer()
            weight, bias = t[name + "attn.c_attn.weight"], t[name + "attn.c_attn.bias"]
            parts = [slice(i * width, (i + 1) * width) for i in range(3)]
            layer.q, layer.k, layer.v = (self.split(weight[:, part], bias[part], self.heads) for part in parts)
            layer.o, layer.o_bias = t[name + "attn.c_proj.weight"], t[name + "attn.c_proj.bias"]
            layer.norm1, layer.norm2 = norm(name + "ln_1"), norm(name + "ln_2")
            layer.scale = 1 / math.sqrt(width // self.heads) if c["scale_attn_weights"] else 1.0
            if c["scale_attn_by_inverse_layer_idx"]:
                layer.scale /= index + 1
            fc, fcb = t[name + "mlp.c_fc.weight"], t[name + "mlp.c_fc.bias"]
            out, outb = t[name + "mlp.c_proj.weight"], t[name + "mlp.c_proj.bias"]
            layer.mlp = lambda x, fc=fc, fcb=fcb, out=out, outb=outb: act(x @ fc + fcb) @ out + outb
            self.layers.append(layer)
        self.final = norm("ln_f")

    def read_neox(self):
        c, t = self.config, self.t
        self.heads = self.groups = c["num_attention_heads"]
        self.parallel = c["use_parallel_residual"]
        self.embedding = t["embed_in.weight"]
        norm = lambda name: layer_norm(t[name + ".weight"], t[name + ".bias"], c["layer_norm_eps"])  # noqa: E731
        act = ACTIVATIONS[c["hidden_act"]]
        size = c["hidden_size"] // self.heads
        turned = int(size * c["rotary_pct"])
        self.rotary = [c["rotary_emb_base"] ** (-2 * i / turned) for i in range(turned // 2)]
        self.layers = []
        for index in range(c["num_hidden_layers"]):
            name, layer = f"layers.{index}.", Layer()
            weight = t[name + "attention.query_key_value.weight"].T
            bias = t.get(name + "attention.query_key_value.bias")
            # Head by head: its query, its key, its value.
            blocks = self.split(weight, bias, 3 * self.heads)
            layer.q, layer.k, layer.v = blocks[0::3], blocks[1::3], blocks[2::3]
            layer.o, layer.o_bias = t[name + "attention.dense.weight"].T, t.get(name + "attention.dense.bias")
            layer.norm1, layer.norm2 = norm(name + "input_layernorm"), norm(name + "post_attention_layernorm")
            layer.scale = 1 / math.sqrt(size)
            fc, fcb = t[name + "mlp.dense_h_to_4h.weight"].T, t[name + "mlp.dense_h_to_4h.bias"]
            out, outb = t[name + "mlp.dense_4h_to_h.weight"].T, t[name + "mlp.dense_4h_to_h.bias"]
            layer.mlp = lambda x, fc=fc, fcb=fcb, out=out, outb=outb: act(x @ fc + fcb) @ out + outb
            self.layers.append(layer)
        self.final = norm("final_layer_norm")

    def read_llama(self):
        c, t = self.config, self.t
        self.heads, self.groups = c["num_attention_heads"], c["num_key_value_heads"]
        self.embedding = t["embed_tokens.weight"]
        norm = lambda name: rms_norm(t[name + ".weight"], c["rms_norm_eps"])  # noqa: E731
        size = c.get("head_dim") or c["hidden_size"] // self.heads
        turned = int(size * (c.get("partial_rotary_factor") or 1))
        self.rotary = self.frequencies(turned)
        self.layers = []
        for index in range(c["num_hidden_layers"]):
            name, layer = f"layers.{index}.", Layer()
            attention, mlp = name + "self_attn.", name + "mlp."
            if self.kind == "phi3":
                weight = t[attention + "qkv_proj.weight"].T
                q, k = self.heads * size, self.groups * size
                layer.q = self.split(weight[:, :q], None, self.heads)
                layer.k = self.split(weight[:, q : q + k], None, self.groups)
                layer.v = self.split(weight[:, q + k :], None, self.groups)
                gate, up = t[mlp + "gate_up_proj.weight"].T.chunk(2, dim=1)
                gate_bias = up_bias = down_bias = 0
            else:
                layer.q, layer.k, layer.v = (
                    self.split(t[attention + f"{part}_proj.weight"].T, t.get(attention + f"{part}_proj.bias"), count)
                    for part, count in (("q", self.heads), ("k", self.groups), ("v", self.groups))
                )
                gate, up = t[mlp + "gate_proj.weight"].T, t[mlp + "up_proj.weight"].T
                gate_bias, up_bias = t.get(mlp + "gate_proj.bias", 0), t.get(mlp + "up_proj.bias", 0)
                down_bias = t.get(mlp + "down_proj.bias", 0)
            if attention + "q_norm.weight" in t:
                layer.q_norm, layer.k_norm = norm(attention + "q_norm"), norm(attention + "k_norm")
            layer.o, layer.o_bias = t[attention + "o_proj.weight"].T, t.get(attention + "o_proj.bias")
            layer.norm1, layer.norm2 = norm(name + "input_layernorm"), norm(name + "post_attention_layernorm")
            layer.scale = 1 / math.sqrt(size)
            if c.get("layer_types"):
                layer.window = c["sliding_window"] if c["layer_types"][index] == "sliding_attention" else None
            elif self.kind in ("mistral", "phi3"):
                layer.window = c.get("sliding_window")
            down = t[mlp + "down_proj.weight"].T

            def feed_forward(x, g=gate, gb=gate_bias, u=up, ub=up_bias, d=down, db=down_bias):
                return (ACTIVATIONS[c["hidden_act"]](x @ g + gb) * (x @ u + ub)) @ d + db

            layer.mlp = feed_forward
            self.layers.append(layer)
        self.final = norm("norm")

    def frequencies(self, turned):
        """Angles per position, with the scalings 'linear' and 'llama3' (Llama 3's own reference code)."""
        c = self.config
        plain = [c.get("rope_theta", 10000.0) ** (-2 * i / turned) for i in range(turned // 2)]
        scaling = c.get("rope_scaling")
        if not scaling:
            return plain
        if scaling["rope_type"] == "linear":
            return [f / scaling["factor"] for f in plain]
        low, high, length = (scaling[key] for key in
                             ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings"))  # fmt: skip
        result = []
        for f in plain:
            turns = length * f / (2 * math.pi)
            share = min(1.0, max(0.0, (turns - low) / (high - low)))
            result.append(share * f + (1 - share) * f / scaling["factor"])
        return result

    def rotate(self, x):
        """The pairs (x[i], x[i + half]) turn."""
        if not self.rotary:
            return x
        half = len(self.rotary)
        angles = torch.arange(x.shape[0])[:, None] * torch.tensor(self.rotary)
        cos, sin, a, b = angles.cos(), angles.sin(), x[:, :half], x[:, half : 2 * half]
        return torch.cat([a * cos - b * sin, b * cos + a * sin, x[:, 2 * half :]], 1)

    def embed(self, ids):
        x = self.embedding[ids]
        return x if self.positions is None else x + self.positions[: len(ids)]

    def run(self, embedding, patched=frozenset(), other=None, watch=False):
        """What each sender wrote, the logits at the last token and, if `watch`, every receiver's input."""
        written, biases, inputs = [embedding], [], []

        def read(receiver):
            count = self.reads[receiver]
            parts = [other[s] if (receiver, s) in patched else written[s] for s in range(count)]
            x = sum(parts[1:], parts[0]) + sum(biases, torch.zeros(()))
            if watch:
                # A copy: its gradient is what flows back through this receiver alone.
                if not x.requires_grad:
                    x.requires_grad_(True)
                x = x * 1.0
            inputs.append(x)
            return x

        count, receiver = len(embedding), 0
        place = torch.arange(count)
        group = self.heads // self.groups
        for layer in self.layers:
            mask = place[:, None] < place
            if layer.window:
                mask = mask | (place[:, None] - place >= layer.window)

            def project(maps, norm=None, turn=True):
                nonlocal receiver
                result = []
                for weight, bias in maps:
                    y = layer.norm1(read(receiver)) @ weight
                    y = y if bias is None else y + bias
                    y = norm(y) if norm else y
                    result.append(self.rotate(y) if turn else y)
                    receiver += 1
                return result

            q, k = project(layer.q, layer.q_norm), project(layer.k, layer.k_norm)
            v = project(layer.v, turn=False)
            if self.parallel:
                mlp = layer.mlp(layer.norm2(read(receiver)))
            size = layer.o.shape[0] // self.heads
            heads = []
            for head in range(self.heads):
                scores = q[head] @ k[head // group].T * layer.scale
                weights = scores.masked_fill(mask, -math.inf).softmax(-1)
                heads.append(weights @ v[head // group] @ layer.o[head * size : (head + 1) * size])
            written += heads
            if layer.o_bias is not None:
                biases.append(layer.o_bias)
            if not self.parallel:
                mlp = layer.mlp(layer.norm2(read(receiver)))
            receiver += 1
            written.append(mlp)
        logits = self.final(read(receiver)[-1]) @ self.unembed.T
        return written, logits, inputs


def decision(logits, case):
    return torch.logsumexp(logits[case["positive"]], 0) - torch.logsumexp(logits[case["negative"]], 0)


def attributions(model, embedding, differences, case):
    """By edge, at one point of the path."""
    _, logits, inputs = model.run(embedding, watch=True)
    gradients = torch.autograd.grad(decision(logits, case), inputs)
    return torch.stack([(differences[s] * gradients[r]).sum() for r, s in model.edges])


def measure(model, case, pick):
    clean, other = model.embed(case["clean_ids"]), model.embed(case["corrupted_ids"])
    with torch.no_grad():
        u1, logits1, _ = model.run(clean)
        u0, logits0, _ = model.run(other)
    m1, m0 = decision(logits1, case).item(), decision(logits0, case).item()
    for ours, theirs in [(m1, case["m_clean"]), (m0, case["m_corrupted"])]:
        # Rotary tables are rounded to float32 in Hugging Face's models.
        assert abs(ours - theirs) < 1e-6 * max(1, abs(theirs)), f"this is another model: m is {ours}, not {theirs}"
    differences = [a - b for a, b in zip(u0, u1)]
    eap = attributions(model, clean, differences, case)
    path = [other + (step + 0.5) / STEPS * (clean - other) for step in range(STEPS)]
    eap_ig = sum(attributions(model, point, differences, case) for point in path) / STEPS

    def patched(edges, base=clean, there=u0):
        with torch.no_grad():
            return decision(model.run(base, frozenset(edges), there)[1], case).item()

    assert abs(patched(model.edges) - m0) < 1e-9 and abs(patched([]) - m1) < 1e-12
    name = lambda edge: f"{model.senders[edge[1]]}>{model.receivers[edge[0]]}"  # noqa: E731
    sample = sorted(pick.sample(model.edges, min(SAMPLE, len(model.edges))))
    sets = []
    for share in [0.03, 0.1, 0.3, 0.5, 0.7, 0.95]:
        edges = [edge for edge in model.edges if pick.random() < share] or [model.edges[0]]
        sets.append({"edges": "".join("01"[edge in edges] for edge in model.edges), "m": patched(edges)})
    return {
        "clean_ids": case["clean_ids"], "corrupted_ids": case["corrupted_ids"],
        "positive": case["positive"], "negative": case["negative"], "m_clean": m1, "m_corrupted": m0,
        "eap": eap.tolist(), "eap_ig": eap_ig.tolist(),
        "single": {name(edge): patched([edge]) for edge in sample},
        "back": {name(edge): patched([edge], other, u1) for edge in sample[::5]},
        "sets": sets,
    }  # fmt: skip


def rounded(value):
    """Nine digits: far below every tolerance."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def main():
    for name in sys.argv[1:] or TINY + FAMILIES + ["ioi"]:
        folder, file, count = places(name)
        model = Model(folder)
        pick = random.Random(name)
        cases = [rounded(measure(model, case, pick)) for case in json.loads(file.read_text())["cases"][:count]]
        lines = [
            "  {\n    " + ",\n    ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in case.items()) + "\n  }"
            for case in cases
        ]
        path = HERE / f"{name}.json"
        path.write_text(f'{{\n  "steps": {STEPS}, "cases": [\n' + ",\n".join(lines) + "\n]}\n")
        print(f"{name}: {len(model.edges)} edges, {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
