"""What stands beside one gradient: RelP's coefficients, AtP*'s exact softmax, GradDrop. Float64, Hugging Face, autograd.

usage: backward.py [NAME ...]     remake NAME.json for the models named below

The first cases of the model's own reference file (../NAME.json or ../families/NAME.json) give prompts and answers. Everything
is coded from the papers' definitions as a change to the model's own modules, so that autograd does the rest. Per case, effects
counterfactual - clean, all positions together, and

  relevance_head[l][h], relevance_mlp[l]        RelP (Rezaei Jafari et al. 2025, arXiv:2508.21258): sum over positions of
                            (a_corrupted - a_clean).c, where c is what autograd gives if norms divide by their detached scale,
                            act(x) is x.(act(x)/x detached), half of a gated product is detached and so are attention patterns
  attended_head, attended_mlp                   the same with the patterns' own derivative
  relevance_embedding                           sum over positions of (token's embedding).c at the clean run
  linear_query[l][h], linear_key[l][g], linear_value[l][g]       (x_corrupted - x_clean).dm/dx, x as attention uses it
  corrected_query, corrected_key                AtP*'s correction (Kramar et al. 2024, arXiv:2403.00745, 3.1.1): the change of
                            the head's attention pattern with this input from the corrupted run, times dm/d(pattern)
  corrected_key_position[l][g][p]               the same with the key at position p alone replaced, as in the paper
  exact_query, exact_key, exact_value           m(clean run with this input from the corrupted run) - m_clean
  dropped_head, dropped_mlp                     GradDrop (3.1.2): sum over layers of |attribution with what that layer adds
                            to the stream detached| / (layers - 1)
  star_query, star_key                          the same of the corrected estimates
"""

import importlib.util
import json
import pathlib
import sys
from contextlib import ExitStack, contextmanager

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("families", HERE.parent / "families/generate.py")
families = importlib.util.module_from_spec(specification)
specification.loader.exec_module(families)

TINY = ("tiny-gpt2", "tiny-gpt2-erf", "tiny-gpt2-relu")
FAMILIES = ("llama", "mistral", "qwen3", "gpt-neox", "gpt-neox-serial", "phi3", "gemma2", "llama-classifier")
MODELS = {name: HERE.parent / f"models/{name}" for name in TINY} | {
    name: HERE.parent / f"families/models/{name}" for name in FAMILIES
}
CASES = (0, 1, 3)


def cases(name):
    folder = HERE.parent if name.startswith("tiny") else HERE.parent / "families"
    every = json.loads((folder / f"{name}.json").read_text())["cases"]
    return [every[number] for number in CASES]


# RelP's rules, as modules


class HeldNorm(torch.nn.Module):
    """The LN rule: the norm's scale is a number."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        norm = self.norm
        if isinstance(norm, torch.nn.LayerNorm):
            centred = x - x.mean(-1, keepdim=True)
            scale = (centred.pow(2).mean(-1, keepdim=True) + norm.eps).sqrt()
            out = centred / scale.detach() * norm.weight + norm.bias
        else:
            epsilon = norm.variance_epsilon if hasattr(norm, "variance_epsilon") else norm.eps
            scale = (x.pow(2).mean(-1, keepdim=True) + epsilon).sqrt()
            gain = 1 + norm.weight if "Gemma" in type(norm).__name__ else norm.weight
            out = x / scale.detach() * gain
        assert torch.allclose(out, norm(x), rtol=1e-11, atol=1e-11), type(norm).__name__
        return out


class Multiplication(torch.nn.Module):
    """The identity rule: act(x) as x times a number."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def forward(self, x):
        return x * (self.act(x) / x).detach()


@contextmanager
def rules(model, pattern_held):
    places, handles = [], []
    for parent in list(model.model.modules()):
        for name, child in list(parent.named_children()):
            if type(child).__name__.endswith("Norm"):
                places.append((parent, name, child, HeldNorm(child)))
    for block in model.blocks:
        act = next(name for name in ("act", "act_fn", "activation_fn") if hasattr(block.mlp, name))
        places.append((block.mlp, act, getattr(block.mlp, act), Multiplication(getattr(block.mlp, act))))
        if hasattr(block.mlp, "down_proj"):
            halved = lambda _, args: (args[0] / 2 + (args[0] / 2).detach(),)  # noqa: E731
            handles.append(block.mlp.down_proj.register_forward_pre_hook(halved))
    softmax = torch.nn.functional.softmax
    if pattern_held:
        torch.nn.functional.softmax = lambda *args, **kwargs: softmax(*args, **kwargs).detach()
    for parent, name, _, new in places:
        setattr(parent, name, new)
    try:
        yield
    finally:
        for parent, name, old, _ in places:
            setattr(parent, name, old)
        for handle in handles:
            handle.remove()
        torch.nn.functional.softmax = softmax


# Attention's inputs and patterns


@contextmanager
def attention(model, keep=None, put=None):
    """Shows every layer's queries, keys, values (as attention uses them) and pattern, or puts others in their place."""
    module = sys.modules[type(model.model).__module__]
    eager = module.eager_attention_forward

    def wrapped(block, query, key, value, *args, **kwargs):
        inputs = {"query": query, "key": key, "value": value}
        if put:
            inputs = put(block.layer_idx, inputs)
        out, pattern = eager(block, inputs["query"], inputs["key"], inputs["value"], *args, **kwargs)
        if keep is not None:
            kept = inputs | {"pattern": pattern}
            for tensor in kept.values():
                if tensor.requires_grad:
                    tensor.retain_grad()
            keep[block.layer_idx] = kept | {"again": lambda i: eager(block, *i, *args, **kwargs)[1]}
        return out, pattern

    module.eager_attention_forward = wrapped
    try:
        yield
    finally:
        module.eager_attention_forward = eager


@contextmanager
def dropping(block):
    """What a layer adds to the stream is detached; what flows past it is not."""

    def hook(_, args, output):
        hidden = output[0] if isinstance(output, tuple) else output
        detached = args[0] + (hidden - args[0]).detach()
        return (detached, *output[1:]) if isinstance(output, tuple) else detached

    handle = block.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def backward(model, embedding, m, *contexts):
    """z, MLP outputs and attention's inputs of one run, each with its gradient."""
    z, mlp, inputs = {}, {}, {}

    def keep(store):
        def at(layer, value):
            value = value.clone() if not value.requires_grad else value
            if value.requires_grad:
                value.retain_grad()
            store[layer] = value
            return value

        return at

    point = embedding.detach().clone().requires_grad_(True)
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context)
        stack.enter_context(attention(model, keep=inputs))
        stack.enter_context(model.hooks(keep(z), keep(mlp)))
        stack.enter_context(torch.enable_grad())
        m(model.logits(point)).backward()
    return {"z": z, "mlp": mlp, "inputs": inputs, "embedding": point}


def slope(tensor):
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def measure(model, case):
    m = families.base.decision(case["positive"], case["negative"])
    clean, corrupted = model.embedding(case["clean_ids"]), model.embedding(case["corrupted_ids"])
    run, other = backward(model, clean, m), backward(model, corrupted, m)
    layers = range(model.layers)
    m1, m0 = m(model.logits(clean)).item(), m(model.logits(corrupted)).item()

    def nodes(at):
        """By head and by MLP, (a_corrupted - a_clean).slope with the slopes of a run."""
        heads = [
            model.by_head((other["z"][l] - run["z"][l]).detach() * slope(at["z"][l])) for l in layers
        ]
        return heads, [((other["mlp"][l] - run["mlp"][l]).detach() * slope(at["mlp"][l])).sum().item() for l in layers]

    def pattern_change(layer, kind, index, position=None):
        """The pattern with one head's queries or keys from the corrupted run, less the clean one, and the heads that read it."""
        mine = {name: run["inputs"][layer][name].detach().clone() for name in ("query", "key", "value")}
        where = slice(None) if position is None else slice(position, position + 1)
        mine[kind][:, index, where] = other["inputs"][layer][kind].detach()[:, index, where]
        with families.exact(), torch.no_grad():
            new = run["inputs"][layer]["again"](mine.values())
        return new - run["inputs"][layer]["pattern"].detach()

    def corrected(layer, kind, index, at=run, position=None):
        return (pattern_change(layer, kind, index, position) * slope(at["inputs"][layer]["pattern"])).sum().item()

    def linear(layer, kind, index):
        a, b = run["inputs"][layer][kind], other["inputs"][layer][kind]
        return ((b - a).detach() * slope(a))[:, index].sum().item()

    def exact(layer, kind, index):
        def put(at, inputs):
            if at == layer:
                inputs[kind] = inputs[kind].clone()
                inputs[kind][:, index] = other["inputs"][layer][kind].detach()[:, index]
            return inputs

        with attention(model, put=put), torch.no_grad():
            return m(model.logits(clean)).item() - m1

    def grid(kind, value):
        count = run["inputs"][0][kind].shape[1]
        return [[value(layer, kind, index) for index in range(count)] for layer in layers]

    out = {
        **{key: case[key] for key in ("clean_ids", "corrupted_ids", "positive", "negative")},
        "m_clean": m1,
        "m_corrupted": m0,
    }
    for name, held in (("relevance", True), ("attended", False)):
        relevance = backward(model, clean, m, rules(model, held))
        out[f"{name}_head"], out[f"{name}_mlp"] = nodes(relevance)
        if held:
            out["relevance_embedding"] = (clean * slope(relevance["embedding"])).sum().item()
    for kind in ("query", "key", "value"):
        out[f"linear_{kind}"] = grid(kind, linear)
        out[f"exact_{kind}"] = grid(kind, exact)
    for kind in ("query", "key"):
        out[f"corrected_{kind}"] = grid(kind, corrected)
    out["corrected_key_position"] = grid(
        "key", lambda l, k, g: [corrected(l, k, g, position=p) for p in range(len(case["clean_ids"]))]
    )
    passes = [backward(model, clean, m, dropping(block)) for block in model.blocks]
    share = 1 / (model.layers - 1)
    dropped = [nodes(at) for at in passes]
    out["dropped_head"] = [
        [share * sum(abs(heads[l][h]) for heads, _ in dropped) for h in range(model.heads)] for l in layers
    ]
    out["dropped_mlp"] = [share * sum(abs(mlps[l]) for _, mlps in dropped) for l in layers]
    for kind in ("query", "key"):
        out[f"star_{kind}"] = grid(kind, lambda l, k, i: share * sum(abs(corrected(l, k, i, at)) for at in passes))
    return out


def main():
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    for name in sys.argv[1:] or MODELS:
        model = families.Family(MODELS[name])
        made = [families.rounded(measure(model, case)) for case in cases(name)]
        families.base.write(HERE / f"{name}.json", model.config.model_type, model.layers, model.heads, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
