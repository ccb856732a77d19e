"""Values for the lenses: attention patterns, logit lens, direct logit attribution, head composition, attention roles.

usage:
  lens_goldens.py [NAME ...]     remake lenses/NAME.json for the checkpoints of models/ and ../models/tiny-gpt2*

Patterns are Hugging Face's own `output_attentions` (eager, float32). All else is float64, written from the definitions: contributions
go forward through each component, composition scores are norms of whole [d_model, d_model] matrices, and their spread under
random rotations is sampled, not computed. README.md in the folder above says what each field means.
"""

import importlib.util
import json
import pathlib
import random
import sys

import numpy
import torch

HERE = pathlib.Path(__file__).resolve().parent
# By its path: the folder above has a generate.py too, which this one imports by name.
spec = importlib.util.spec_from_file_location("families", HERE / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

GPT2 = ["tiny-gpt2", "tiny-gpt2-erf", "tiny-gpt2-relu"]
TOP = 4
ROTATIONS = 4000


def folder(name):
    return (HERE.parent / "models" if name in GPT2 else HERE / "models") / name


class Model(generate.Family):
    """A family's model with the streams and weights that the lenses read."""

    def __init__(self, name, dtype=torch.float64):
        super().__init__(folder(name), dtype)
        body = self.model.base_model
        self.kind = self.config.model_type
        self.final_norm = next(
            getattr(body, key) for key in ("ln_f", "final_layer_norm", "norm") if hasattr(body, key)
        )
        head = self.model.score if self.classifies else self.model.get_output_embeddings()
        self.unembedding = head.weight.detach()
        self.cap = None if self.classifies else getattr(self.config, "final_logit_softcapping", None)
        self.groups = self.heads // (getattr(self.config, "num_key_value_heads", None) or self.heads)
        self.centred = self.kind in ("gpt2", "gpt_neox")
        self.epsilon = next(
            getattr(self.config, key)
            for key in ("layer_norm_epsilon", "layer_norm_eps", "rms_norm_eps") if hasattr(self.config, key)
        )

    def gain(self, norm):
        return norm.weight + 1 if self.kind == "gemma2" else norm.weight

    def scale(self, x):
        """1/sqrt(variance + epsilon) of each row, or of the mean square."""
        if self.centred:
            x = x - x.mean(-1, keepdim=True)
        return 1 / torch.sqrt((x * x).mean(-1, keepdim=True) + self.epsilon)

    def held(self, norm, x, scale):
        """The norm of x without its bias, its scale held."""
        if self.centred:
            x = x - x.mean(-1, keepdim=True)
        return x * scale * self.gain(norm)

    def attention_norm(self, block):
        return block.ln_1 if hasattr(block, "ln_1") else block.input_layernorm

    def post_norms(self, block):
        if self.kind != "gemma2":
            return None, None
        return block.post_attention_layernorm, block.post_feedforward_layernorm

    def projections(self, block):
        """W_Q, W_K, W_V by query head, rows as vectors: three lists of [d_model, d_head]; b_V by query head."""
        size = self.width
        if self.kind == "gpt2":
            weight, bias = block.attn.c_attn.weight, block.attn.c_attn.bias
            parts = weight.split(self.heads * size, 1)
            biases = bias.split(self.heads * size)
        elif self.kind == "gpt_neox":
            layer = block.attention.query_key_value
            weight = layer.weight.T.view(-1, self.heads, 3, size)
            parts = [weight[:, :, part].reshape(-1, self.heads * size) for part in range(3)]
            bias = layer.bias if layer.bias is not None else torch.zeros(3 * self.heads * size, dtype=self.dtype)
            biases = [bias.view(self.heads, 3, size)[:, part].reshape(-1) for part in range(3)]
        elif self.kind == "phi3":
            widths = [self.heads * size] + 2 * [self.heads // self.groups * size]
            parts = block.self_attn.qkv_proj.weight.T.split(widths, 1)
            biases = [torch.zeros(part.shape[1], dtype=self.dtype) for part in parts]
        else:
            maps = [block.self_attn.q_proj, block.self_attn.k_proj, block.self_attn.v_proj]
            parts = [layer.weight.T for layer in maps]
            biases = [
                layer.bias if layer.bias is not None else torch.zeros(layer.out_features, dtype=self.dtype)
                for layer in maps
            ]

        def by_head(matrix, shared):
            pieces = matrix.split(size, -1)
            return [pieces[head // (self.groups if shared else 1)] for head in range(self.heads)]

        return by_head(parts[0], False), by_head(parts[1], True), by_head(parts[2], True), by_head(biases[2], True)

    def outputs_of(self, block):
        """W_O by head, [d_head, d_model], and the bias."""
        layer = self.output(block)
        weight = layer.weight if hasattr(layer, "nf") else layer.weight.T
        bias = layer.bias if layer.bias is not None else torch.zeros(weight.shape[1], dtype=self.dtype)
        return weight.split(self.width, 0), bias

    def run(self, ids):
        """Streams before each layer and after the last, z and MLP outputs by layer."""
        streams, z, mlp, handles = {}, {}, {}, []

        def keep(store, key):
            return lambda _, args, *rest: store.__setitem__(key, args[0])

        for layer, block in enumerate(self.blocks):
            handles.append(block.register_forward_pre_hook(keep(streams, layer)))
            handles.append(self.output(block).register_forward_pre_hook(keep(z, layer)))
            handles.append(block.mlp.register_forward_hook(lambda _, __, out, layer=layer: mlp.__setitem__(layer, out)))
        handles.append(self.final_norm.register_forward_pre_hook(keep(streams, self.layers)))
        with torch.no_grad():
            logits = self.logits(self.embedding(ids))
        for handle in handles:
            handle.remove()

        def flat(store):
            return [store[key].reshape(len(ids), -1) for key in sorted(store)]

        return flat(streams), flat(z), flat(mlp), logits

    def read(self, stream):
        """Logits of a stream."""
        with torch.no_grad(), generate.exact():
            logits = self.final_norm(stream) @ self.unembedding.T
        return self.cap * torch.tanh(logits / self.cap) if self.cap else logits


def decision(logits, positive, negative):
    return (torch.logsumexp(logits[positive], 0) - torch.logsumexp(logits[negative], 0)).item()


def patterns(name, ids):
    model = Model(name, torch.float32).model
    with torch.no_grad():
        made = model(input_ids=torch.tensor([ids]), output_attentions=True, use_cache=False).attentions
    return [
        [[[row[k].item() for k in range(q + 1)] for q, row in enumerate(head)] for head in layer[0]] for layer in made
    ]


def lens(model, run, positive, negative):
    streams, logits = run[0], run[3]
    if not model.classifies:
        assert torch.allclose(model.read(streams[-1]), logits, atol=1e-10)
    readings = []
    for position in (len(streams[0]) // 2, len(streams[0]) - 1):
        final = torch.log_softmax(model.read(streams[-1][position]), 0)
        for depth, stream in enumerate(streams):
            here = model.read(stream[position])
            logs = torch.log_softmax(here, 0)
            best = torch.sort(logs, descending=True, stable=True)
            readings.append({
                "position": position, "depth": depth, "value": decision(here, positive, negative),
                "divergence": (final.exp() * (final - logs)).sum().item(),
                "top": best.indices[:TOP].tolist(), "probabilities": best.values[:TOP].exp().tolist(),
            })  # fmt: skip
    return readings


def attribution(model, ids, run, positive, negative):
    """Each component's output carried forward to the answers' logits, everything nonlinear held."""
    streams, z, mlp, _ = run
    last = len(ids) - 1
    scale = model.scale(streams[-1][last])
    body = model.model.base_model
    logits = model.read(streams[-1][last])
    raw = (model.held(model.final_norm, streams[-1][last], scale) + bias_of(model.final_norm)) @ model.unembedding.T
    weight = torch.zeros_like(logits)
    for answers, sign in ((positive, 1), (negative, -1)):
        weight[answers] = sign * torch.softmax(logits[answers], 0)
    if model.cap:
        weight = weight * logits / raw

    def reaches(output):
        return ((model.held(model.final_norm, output, scale) @ model.unembedding.T) * weight).sum().item()

    heads, mlps, biases = [], [], []
    for layer, block in enumerate(model.blocks):
        weights, bias = model.outputs_of(block)
        written = [z[layer][last, h * model.width : (h + 1) * model.width] @ weights[h] for h in range(model.heads)]
        after_attention, after_mlp = model.post_norms(block)
        out = mlp[layer][last]
        if after_attention is not None:
            held = model.scale(sum(written) + bias)
            written = [model.held(after_attention, part, held) for part in written]
            bias = model.held(after_attention, bias, held)
            out = model.held(after_mlp, out, model.scale(out))
        heads.append([reaches(part) for part in written])
        biases.append(reaches(bias))
        mlps.append(reaches(out))
    token = model.embedding(ids)[0, last]
    if model.kind == "gemma2":
        token = token * torch.tensor(model.config.hidden_size**0.5, dtype=torch.float32).double()
    made = {
        "token": reaches(token), "heads": heads, "mlps": mlps, "attention_biases": biases,
        "final_bias": ((bias_of(model.final_norm) @ model.unembedding.T) * weight).sum().item(),
        "m": decision(logits, positive, negative),
    }  # fmt: skip
    if model.kind == "gpt2":
        made["position"] = reaches(body.wpe.weight[last])
    return made


def bias_of(norm):
    bias = getattr(norm, "bias", None)
    return bias if bias is not None else torch.zeros_like(norm.weight)


def rotation(model, distance):
    """R with q·R the query as it stands `distance` positions after its key, [d_head, d_head]; None without rotation."""
    body = model.model.base_model
    if not hasattr(body, "rotary_emb"):
        return None
    cos, sin = body.rotary_emb(torch.zeros(1, 1, 1), torch.tensor([[distance]]))
    cos, sin = cos[0, 0].double(), sin[0, 0].double()
    half = len(cos) // 2
    matrix = torch.eye(model.width, dtype=torch.float64)
    for i in range(half):
        j = i + half
        matrix[i, i], matrix[j, j] = cos[i], cos[j]
        matrix[i, j], matrix[j, i] = sin[i], -sin[j]
    return matrix


def circuits(model, layer, distance):
    """W_QK (query first) and W_OV of each head, whole, with norms folded in."""
    block = model.blocks[layer]
    norm = model.attention_norm(block)
    size = model.unembedding.shape[1]
    centring = torch.eye(size, dtype=torch.float64)
    if model.centred:
        centring -= torch.full((size, size), 1 / size, dtype=torch.float64)
    enter = centring @ torch.diag(model.gain(norm))
    after = model.post_norms(block)[0]
    leave = (torch.diag(model.gain(after)) if after is not None else torch.eye(size, dtype=torch.float64)) @ centring
    queries, keys, values, _ = model.projections(block)
    outputs, _ = model.outputs_of(block)
    attention = getattr(block, "self_attn", None)
    turn = rotation(model, distance)
    made = []
    for q, k, v, o in zip(queries, keys, values, outputs):
        q, k = enter @ q, enter @ k
        if hasattr(attention, "q_norm"):
            q, k = q * attention.q_norm.weight, k * attention.k_norm.weight
        if turn is not None:
            q = q @ turn
        made.append((q @ k.T, enter @ v @ o @ leave))
    return made


def composition(model, distance):
    size = torch.linalg.matrix_norm
    layers = [circuits(model, layer, distance) for layer in range(model.layers)]
    scores = []
    for first in range(model.layers):
        for _, ov in layers[first]:
            for second in range(first + 1, model.layers):
                for qk, ov2 in layers[second]:
                    scores.append([
                        (size(ov @ other) / (size(ov) * size(other))).item() for other in (qk, qk.T, ov2)
                    ])  # fmt: skip
    return scores


def deviations(model):
    """Spread of value² under sampled rotations of the readable space, for the first pair of heads: mean and deviation."""
    (_, ov), (qk, _) = circuits(model, 0, 0)[0], circuits(model, 1, 0)[0]
    size = ov.shape[0]
    # An orthonormal basis of what can be read, from the outside in.
    basis = torch.eye(size, dtype=torch.float64)
    if model.centred:
        full = torch.cat([torch.ones(size, 1, dtype=torch.float64), basis[:, : size - 1]], 1)
        basis = torch.linalg.qr(full).Q[:, 1:]
    ov, qk = basis.T @ ov @ basis, basis.T @ qk @ basis
    generator = numpy.random.Generator(numpy.random.PCG64(7))
    squares = []
    for _ in range(ROTATIONS):
        q, r = numpy.linalg.qr(generator.standard_normal(ov.shape))
        turned = torch.from_numpy(q * numpy.sign(numpy.diag(r)))
        norm = torch.linalg.matrix_norm
        squares.append(((norm(ov @ turned @ qk) / (norm(ov) * norm(qk))) ** 2).item())
    value = (torch.linalg.matrix_norm(ov @ qk) / (torch.linalg.matrix_norm(ov) * torch.linalg.matrix_norm(qk))) ** 2
    return {
        "value": value.item(), "mean": float(numpy.mean(squares)), "deviation": float(numpy.std(squares)),
        "samples": ROTATIONS, "dimension": ov.shape[0],
    }  # fmt: skip


def window(model, layer):
    kinds = getattr(model.config, "layer_types", None)
    size = getattr(model.config, "sliding_window", None)
    if kinds:
        return size if kinds[layer] == "sliding_attention" else None
    return size if model.kind in ("mistral", "phi3") else None


def role_queries(ids, positive, negative, classifies):
    """By role, (position, targets) in the words of the definitions."""
    n = len(ids)
    roles = {
        "previous": [(i, [i - 1]) for i in range(1, n)],
        "duplicate": [(i, [j for j in range(i) if ids[j] == ids[i]]) for i in range(n)],
        "induction": [(i, [j + 1 for j in range(i) if ids[j] == ids[i] and j + 1 < i]) for i in range(n)],
        "first": [(i, [0]) for i in range(1, n)],
    }
    if not classifies:
        roles["positive"] = [(n - 1, [j for j in range(n - 1) if ids[j] in positive])]
        roles["negative"] = [(n - 1, [j for j in range(n - 1) if ids[j] in negative])]
    return {role: [(i, keys) for i, keys in queries if keys] for role, queries in roles.items()}


def roles(model, prompts, positive, negative):
    made = [
        [{} for _ in range(model.heads)] for _ in range(model.layers)
    ]  # fmt: skip
    sums = {}
    for ids in prompts:
        with torch.no_grad(), generate.exact():
            attention = model.model(input_ids=torch.tensor([ids]), output_attentions=True, use_cache=False).attentions
        for role, queries in role_queries(ids, positive, negative, model.classifies).items():
            if not queries:
                continue
            for layer in range(model.layers):
                seen = window(model, layer)

                def even(i, j):
                    count = min(i + 1, seen) if seen else i + 1
                    return 1 / count if i - j < count else 0

                baseline = numpy.mean([sum(even(i, j) for j in keys) for i, keys in queries])
                for head in range(model.heads):
                    weights = attention[layer][0, head]
                    value = numpy.mean([sum(weights[i, j].item() for j in keys) for i, keys in queries])
                    entry = sums.setdefault((role, layer, head), [[], [], 0])
                    entry[0].append(value)
                    entry[1].append(baseline)
                    entry[2] += len(queries)
    for (role, layer, head), (values, baselines, positions) in sums.items():
        made[layer][head][role] = {
            "value": float(numpy.mean(values)), "baseline": float(numpy.mean(baselines)), "prompts": len(values),
            "positions": positions,
        }  # fmt: skip
    if not model.classifies:
        copy_scores(model, prompts, made)
    return made


def copy_scores(model, prompts, made):
    sums = {}
    for ids in prompts:
        tokens = sorted(set(ids))
        streams, z, _, _ = model.run(ids)
        last = len(ids) - 1
        scale = model.scale(streams[-1][last])
        embedded = model.model.get_input_embeddings()(torch.tensor(tokens))
        if model.kind == "gemma2":
            embedded = embedded * torch.tensor(model.config.hidden_size**0.5, dtype=torch.float32).double()
        for layer, block in enumerate(model.blocks):
            with torch.no_grad(), generate.exact():
                normal = model.attention_norm(block)(embedded)
            _, _, values, biases = model.projections(block)
            outputs, bias = model.outputs_of(block)
            after = model.post_norms(block)[0]
            for head in range(model.heads):
                written = (normal @ values[head] + biases[head]) @ outputs[head]
                if after is not None:
                    whole = sum(z[layer][last, h * model.width : (h + 1) * model.width] @ outputs[h] for h in range(model.heads))
                    written = model.held(after, written, model.scale(whole + bias))
                logits = model.held(model.final_norm, written, scale) @ model.unembedding.T
                logits = (logits - logits.mean(-1, keepdim=True))[:, tokens].T  # [t, u]
                entry = sums.setdefault((layer, head), [[], [], [], 0])
                entry[0].append(logits.diagonal().mean().item())
                entry[1].append(logits.mean().item())
                entry[2].append((logits.diagonal() > logits.mean(1)).double().mean().item())
                entry[3] += len(tokens)
    for (layer, head), (attended, baseline, raised, tokens) in sums.items():
        made[layer][head]["copying"] = {
            "attended": float(numpy.mean(attended)), "baseline": float(numpy.mean(baseline)),
            "raised": float(numpy.mean(raised)), "prompts": len(attended), "tokens": tokens,
        }  # fmt: skip


def values(name):
    model = Model(name)
    pick = random.Random(sum(map(ord, name)) + 1)
    vocabulary = model.config.vocab_size
    few = pick.sample(range(vocabulary), 5)
    prompts = [[pick.choice(few) for _ in range(length)] for length in (13, 9)] + [pick.sample(range(vocabulary), 6)]
    outputs = list(range(model.outputs))
    single = pick.sample(few, 2) if not model.classifies else pick.sample(outputs, 2)
    others = [token for token in outputs if token not in single]
    several = [[single[0], *others[:2]], [single[1], *others[2:3]]] if len(others) > 2 else [single, others[:1]]
    if model.classifies and len(others) == 0:
        several = [[single[0]], [single[1]]]
    ids = prompts[0]
    run = model.run(ids)
    with torch.no_grad():
        made = {
            "prompts": prompts, "positive": single[:1], "negative": single[1:], "attention": patterns(name, ids),
            "several": {
                "positive": several[0], "negative": several[1], "attribution": attribution(model, ids, run, *several),
                "lens": lens(model, run, *several),
            },
            "lens": lens(model, run, single[:1], single[1:]),
            "attribution": attribution(model, ids, run, single[:1], single[1:]),
            "composition": composition(model, 0), "composition_at_3": composition(model, 3),
            "rotations": deviations(model), "roles": roles(model, prompts, single[:1], single[1:]),
        }  # fmt: skip
    (HERE / "lenses").mkdir(exist_ok=True)
    with open(HERE / "lenses" / f"{name}.json", "w") as file:
        json.dump(short(made), file, separators=(",", ":"))
        file.write("\n")
    print("made", name)


def short(value):
    """Nine digits: far below every tolerance."""
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [short(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


if __name__ == "__main__":
    torch.set_num_threads(1)
    for wanted in sys.argv[1:] or [*GPT2, *generate.MODELS]:
        values(wanted)
