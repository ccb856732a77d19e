"""The rows of the encoder comparison: the engine against the fastest of PyTorch's forms, and what is asked of the ratio."""

from rows import Row, faster, seconds

# Their time by ours, at least: the shape of MiniLM, 32 and 128 tokens.
FORWARD, EXACT, ATTRIBUTION = 2.5, 10, 4
ATTENTIONS = ["eager", "sdpa"]
FORMS = {"one": "one node a pass", "layer": "a layer's nodes as rows of one pass"}


def fastest(torch, keys):
    """The entry with the smallest median, and its key."""
    key = min(keys, key=lambda key: torch[key]["median_s"])
    return torch[key], key


def against(quantity, ours, torch, keys, at_least=None):
    """A row against the fastest of some forms, which it names by the attention."""
    theirs, key = fastest(torch, keys)
    return faster(f"{quantity} ({key.rsplit('_', 1)[1]})", ours, theirs, at_least)


def exact_keys(*forms):
    return [f"exact_patching_{form}_{attention}" for form in forms for attention in ATTENTIONS]


def rows(taken):
    """The rows of one length. What is asked of exact patching is asked against whichever of PyTorch's forms is fastest."""
    engine, torch = taken["engine"], taken["torch"]
    _, key = fastest(torch, exact_keys(*FORMS))
    counted = next(form for form in FORMS if key.startswith(f"exact_patching_{form}_"))
    out = [
        against("forward to the decision value; PyTorch forward", engine["forward"], torch,
                [f"forward_{attention}" for attention in ATTENTIONS], FORWARD),
        against("attribution patching, all positions, heads and MLPs; PyTorch with hooks, the same",
                engine["attribution_patching"], torch,
                [f"attribution_patching_{attention}" for attention in ATTENTIONS], ATTRIBUTION),
    ]  # fmt: skip
    for form, words in sorted(FORMS.items(), key=lambda item: item[0] != counted):
        quantity = f"exact patching of every head and MLP; PyTorch with hooks, {words}"
        out.append(
            against(quantity, engine["exact_patching"], torch, exact_keys(form), EXACT if form == counted else None)
        )
    if "roofline_forward_s" in engine:
        bound = engine["roofline_forward_s"]
        out.append(
            Row("forward; bound of this machine (memory or arithmetic, measured)", seconds(engine["forward"]),
                f"{bound * 1e3:.2f} ms", f"{bound / engine['forward']['median_s']:.0%} of it", "", None)  # fmt: skip
        )
    return out


def remarks(taken, origin):
    """Whose weights, loading, memory, and every form of PyTorch's that was timed."""
    torch = taken["torch"].items()
    forms = [f"{key} {value['median_s'] * 1e3:.1f} ms" for key, value in torch if isinstance(value, dict) and "median_s" in value]
    return [
        f"- weights: {origin}",
        "- loading, not in the times above: " + ", ".join(f"{name} {one['load_s']:.2f} s" for name, one in taken.items()),
        "- peak memory: " + ", ".join(f"{name} {one['peak_rss_gb']:.2f} GB" for name, one in taken.items()),
        "- load average before each round: "
        + ", ".join(f"{name} {' '.join(f'{load:.1f}' for load in one['loads'])}" for name, one in taken.items()),
        f"- PyTorch's forms, medians: {', '.join(forms)}",
        f"- decision value {taken['torch']['values']['m_clean']:.3f} clean",
    ]
