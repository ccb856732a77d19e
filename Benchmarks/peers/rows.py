"""The rows of the comparison: what is set against what, and what is asked of it."""

from typing import NamedTuple, Optional

MEMORY_GB = 1.0  # the engine's peak on the 124 M shape stays below
ROOFLINE = 0.8  # of the machine's bound that the forward pass reaches at least
EXACT = 1.5  # times glassbox's approximation that exact patching may take at most
EDGES = 1.5  # times the passes of the model that scoring every edge may take at most


class Row(NamedTuple):
    quantity: str
    ours: str
    theirs: str
    ratio: str
    required: str
    met: Optional[bool]  # None: nothing is asked


def seconds(entry):
    """A time with its range, in a unit that suits it."""
    scale, unit, digits = (1e3, "ms", 2) if entry["median_s"] < 1 else (1, "s", 2)
    low, middle, high = (f"{entry[key] * scale:.{digits}f}" for key in ("min_s", "median_s", "max_s"))
    return f"{middle} {unit} ({low}–{high})"


def together(first, second):
    return {key: first[key] + second[key] for key in ("median_s", "min_s", "max_s")}


def faster(quantity, ours, theirs, at_least=None):
    """A row that says how many times faster we are."""
    ratio = theirs["median_s"] / ours["median_s"]
    required = f"≥ {at_least}×" if at_least else ""
    return Row(quantity, seconds(ours), seconds(theirs), f"{ratio:.1f}× faster" if ratio >= 1 else f"{1 / ratio:.1f}× slower",
               required, ratio >= at_least if at_least else None)  # fmt: skip


def rows(name, taken):
    """The rows of one model; the requirements are those of the 124 M shape, except the search's, which hold on both."""
    engine, torch, lens, glass = (taken[key] for key in ("engine", "torch", "transformer_lens", "glassbox"))
    asked = name == "gpt2-small-shape"
    heads_and_mlps = together(glass["attribution_patching"], glass["mlp_attribution"])
    frozen = together(glass["attribution_patching_frozen"], glass["mlp_attribution_frozen"])

    def required(value):
        return value if asked else None

    out = [faster("forward to the decision value; PyTorch forward", engine["forward"], torch["forward"], required(4))]
    if "forward_logits" in engine:
        out.append(
            faster("forward to the last token's logits; PyTorch the same", engine["forward_logits"],
                   torch["forward_last_logits_only"], required(4))  # fmt: skip
        )
    out += [
        roofline(engine, asked),
        faster("forward and backward; PyTorch, weights frozen", engine["forward_backward"], torch["forward_backward"],
               required(4)),
        faster("attribution patching, all positions, heads and MLPs; glassbox, last position, heads",
               engine["attribution_patching"], glass["attribution_patching"], required(5)),
        faster("… ; glassbox, heads and MLPs", engine["attribution_patching"], heads_and_mlps),
        faster("… ; glassbox, heads and MLPs, its weights frozen by the caller", engine["attribution_patching"], frozen),
        faster("… ; TransformerLens with hooks, the same quantities", engine["attribution_patching"],
               lens["attribution_patching"]),
        exact(engine["exact_patching"], heads_and_mlps, asked),
        faster("exact patching; TransformerLens, one node at a time", engine["exact_patching"], lens["exact_patching"]),
        faster("asymmetric search with exact scores; glassbox analyze", engine["asymmetric_search"], glass["analyze"], 5),
    ]  # fmt: skip
    out += edges(engine, asked)
    return [*out, memory(engine, glass, asked)]


def roofline(engine, asked):
    quantity = "forward; bound of this machine (memory or arithmetic, measured)"
    if "roofline_forward_s" not in engine:
        return Row(quantity, seconds(engine["forward"]), "not measured", "", f"≥ {ROOFLINE:.0%}" if asked else "",
                   False if asked else None)  # fmt: skip
    bound = engine["roofline_forward_s"]
    share = bound / engine["forward"]["median_s"]
    return Row(quantity, seconds(engine["forward"]), f"{bound * 1e3:.2f} ms", f"{share:.0%} of it",
               f"≥ {ROOFLINE:.0%}" if asked else "", share >= ROOFLINE if asked else None)  # fmt: skip


def exact(ours, theirs, asked):
    share = ours["median_s"] / theirs["median_s"]
    return Row("exact patching of every head and MLP; glassbox's approximation of heads and MLPs", seconds(ours),
               seconds(theirs), f"{share:.2f} of its time", f"≤ {EXACT}" if asked else "",
               share <= EXACT if asked else None)  # fmt: skip


def edges(engine, asked):
    """First-order scores of every edge against the engine's own passes; no row from a report that did not time them."""
    out = []
    for title, ours, passes in [
        ("EAP, every edge; two forwards and one backward of the engine", "edge_attribution", "attribution_patching"),
        ("EAP-IG, 5 points, every edge; its 7 forwards and 5 backwards alone", "edge_attribution_ig5", "passes_ig5"),
    ]:
        if ours in engine and passes in engine:
            share = engine[ours]["median_s"] / engine[passes]["median_s"]
            out.append(
                Row(title, seconds(engine[ours]), seconds(engine[passes]), f"{share:.2f} of their time",
                    f"≤ {EDGES}" if asked else "", share <= EDGES if asked else None)  # fmt: skip
            )
    return out


def memory(engine, glass, asked):
    ours, theirs = engine["peak_rss_gb"], glass["peak_rss_gb"]
    return Row("peak memory of the process; glassbox", f"{ours:.3f} GB", f"{theirs:.3f} GB", f"{ours / theirs:.2f} of it",
               f"< {MEMORY_GB} GB" if asked else "", ours < MEMORY_GB if asked else None)  # fmt: skip


def table(rows):
    """The rows as a Markdown table."""
    verdict = {None: "", True: "met", False: "NOT MET"}
    lines = ["| quantity: ours; theirs | ours | theirs | ratio | required | |", "|---|---|---|---|---|---|"]
    return lines + [f"| {' | '.join(row[:5])} | {verdict[row.met]} |" for row in rows]


def remarks(taken):
    """Loading, memory of every process, what the searches found."""
    loading = ", ".join(f"{name} {result['load_s']:.2f} s" for name, result in taken.items())
    peak = ", ".join(
        f"{name} {result['peak_rss_gb']:.2f} GB"
        + (f" ({result['peak_working_gb']:.2f} after loading)" if "peak_working_gb" in result else "")
        for name, result in taken.items()
    )
    loads = ", ".join(f"{name} {' '.join(f'{load:.1f}' for load in result['loads'])}" for name, result in taken.items())
    circuit = taken["glassbox"]["values"]["circuit"]
    m = taken["torch"]["values"]
    return [
        f"- loading, not in the times above: {loading}",
        f"- peak memory: {peak}",
        f"- load average before each round: {loads}",
        f"- decision value {m['m_clean']:.3f} clean, {m['m_counterfactual']:.3f} counterfactual",
        f"- circuit: ours {taken['engine'].get('circuit') or 'not told'}; glassbox {len(circuit)} heads",
    ]
