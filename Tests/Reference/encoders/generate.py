"""Tiny encoder checkpoints and their reference values, from Hugging Face transformers and PyTorch autograd.

usage:
  generate.py models [NAME ...]     remake the checkpoints in models/ (the committed ones were made once)
  generate.py values [NAME ...]     remake NAME.json for the checkpoints that are there
  generate.py check [NAME ...]      recompute every field with the installed transformers; print the largest differences
  generate.py rounding [NAME ...]   the same fields in float32, against the committed ones: what rounding alone moves
  generate.py cases MODEL CASES.json OUT.json    make the fields for another encoder's cases, which give only ids

The fields are those of ../README.md, made by ../generate.py's own `measure`; the model, its nodes and where a decision
is read differ (README.md beside this file). In float64 the casts to float32 inside softmax are taken out, as in
../families/generate.py; cosines and sines of rotary positions stay rounded to float32, as every run of these has them.
"""

import json
import pathlib
import random
import sys
from contextlib import contextmanager

import numpy
import torch
import transformers
from transformers import AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import generate as base  # noqa: E402  (this file itself is `__main__`)
from checkpoints import CHECKPOINTS, special_tokens, uses_types  # noqa: E402

HEADS = {"single_label_classification": 3, "multi_label_classification": 3, "regression": 1, "masked": None}
LENGTHS = [(10, [3, 6]), (14, [1, 4, 9]), (8, [2, 5]), (20, [1, 7, 13, 18]), (12, [2, 3, 4, 8, 10])]
ANSWERS = [(1, 1), (1, 2), (2, 1), (1, 1), (1, 2)]
MASK_POSITIONS = [4, 7, 1, 12, 6]


def head_of(config):
    """The kind of head a config.json asks for, a key of HEADS."""
    if config.architectures[0].endswith("ForMaskedLM"):
        return "masked"
    return config.problem_type or ("regression" if config.num_labels == 1 else "single_label_classification")


# --- checkpoints ------------------------------------------------------------------------------------------------------


def make(name):
    """Writes a random checkpoint: every weight, norm and bias is noise, so that a dropped or transposed one shows."""
    kind, head, options, saved_as = CHECKPOINTS[name]
    config = AutoConfig.for_model(kind, **options)
    if HEADS[head]:
        count = HEADS[head]
        config.id2label = {index: f"class {chr(65 + index)}" for index in range(count)}
        config.label2id = {label: index for index, label in config.id2label.items()}
        config.problem_type = saved_as
    model = (AutoModelForMaskedLM if head == "masked" else AutoModelForSequenceClassification).from_config(config)
    source = numpy.random.Generator(numpy.random.PCG64(sum(map(ord, name))))
    with torch.no_grad():
        for key, weight in model.named_parameters():
            noise = torch.from_numpy(source.standard_normal(tuple(weight.shape)).astype(numpy.float32))
            weight.copy_(scaled(key, noise))
    folder = HERE / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    print(f"made {name}: {(folder / 'model.safetensors').stat().st_size} bytes")


def scaled(key, noise):
    """The noise of one parameter, large enough that effects are well away from 0 and no softmax saturates."""
    if "norm" in key.lower():
        return 1 + 0.4 * noise if key.endswith("weight") else 0.3 * noise
    if key.endswith("bias"):
        return 0.2 * noise
    if "relative_attention_bias" in key:
        return 0.8 * noise
    if key.endswith("embeddings.weight"):
        return 0.6 * noise
    if key.endswith(("out_proj.weight", "decoder.weight")) or key == "classifier.weight":
        return 0.6 * noise
    return 0.3 * noise


# --- a model with its nodes exposed -----------------------------------------------------------------------------------


class Encoder(base.Reference):
    """An encoder with its nodes exposed, for `base.measure`.

    z is the input of each attention's output projection, the MLP's output that of its second linear map. Both are
    counted as they are called, so that layers which share their weights (ALBERT) are different nodes. `types` and
    `position` belong to the case: type ids [tokens], and for a masked language model the row of the decision.
    """

    ATTENTION = ("attention.output.dense", "attention.out_lin", "attention.dense", "attention.attn.o", "attn.Wo")
    MLP = ("ffn.lin2", "ffn_output", "mlp.Wo")

    def __init__(self, folder, dtype=torch.float64):
        config = AutoConfig.from_pretrained(folder)
        if config.model_type == "modernbert":
            config.reference_compile = False
        self.masked = head_of(config) == "masked"
        kind = AutoModelForMaskedLM if self.masked else AutoModelForSequenceClassification
        self.model = kind.from_pretrained(
            folder, config=config, attn_implementation="eager", dtype=torch.float32
        ).to(dtype).eval()  # fmt: skip
        for weight in self.model.parameters():
            weight.requires_grad_(False)
        self.config, self.dtype = config, dtype
        self.heads = config.num_attention_heads
        self.layers = config.num_hidden_layers * getattr(config, "inner_group_num", 1)
        self.width = config.hidden_size // self.heads
        self.types, self.position = None, 0
        modules = list(self.model.named_modules())
        self.attention = [module for name, module in modules if name.endswith(self.ATTENTION)]
        self.mlp = [module for name, module in modules if name.endswith(self.MLP) or (
            name.endswith(".output.dense") and not name.endswith("attention.output.dense"))]  # fmt: skip

    @property
    def outputs(self):
        return self.config.vocab_size if self.masked else self.config.num_labels

    def embedding(self, ids):
        return self.model.get_input_embeddings()(torch.tensor([ids]))

    @contextmanager
    def hooks(self, at_z=None, at_mlp=None):
        calls = {"z": 0, "mlp": 0}

        def counted(kind, change, value):
            layer = calls[kind]
            calls[kind] += 1
            return change(layer, value)

        handles = []
        for module in self.attention if at_z else ():
            handles.append(
                module.register_forward_pre_hook(lambda _, args: (counted("z", at_z, args[0]), *args[1:]))
            )
        for module in self.mlp if at_mlp else ():
            handles.append(module.register_forward_hook(lambda _, __, out: counted("mlp", at_mlp, out)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
        expected = {"z": self.layers if at_z else 0, "mlp": self.layers if at_mlp else 0}
        assert calls == expected, f"{calls} calls, {expected} expected"

    def logits(self, embedding):
        """The row of logits where the decision is read, [1, classes] or [1, vocabulary]."""
        arguments = {"inputs_embeds": embedding, "attention_mask": torch.ones(embedding.shape[:2], dtype=torch.long)}
        if uses_types(self.config):
            types = self.types or [0] * embedding.shape[1]
            arguments["token_type_ids"] = torch.tensor([types])
        if self.dtype == torch.float64:
            with exact():
                out = self.model(**arguments).logits
        else:
            out = self.model(**arguments).logits
        return out[0, self.position : self.position + 1] if self.masked else out

    def logits_of_ids(self, ids):
        """The same row from token ids: what a user of transformers gets."""
        arguments = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
        if uses_types(self.config) and self.types:
            arguments["token_type_ids"] = torch.tensor([self.types])
        with torch.no_grad():
            out = self.model(**arguments).logits
        return out[0, self.position : self.position + 1] if self.masked else out


@contextmanager
def exact():
    """Without ModernBERT's casts to float32: of its softmax, and in transformers 5 of queries and keys."""
    softmax, floating = torch.nn.functional.softmax, torch.Tensor.float

    def same(value):
        # Tables of cosines and sines are made with this too: they must stay float32's.
        turns = sys._getframe(1).f_code.co_name == "apply_rotary_pos_emb"
        return value if turns and value.dtype == torch.float64 else floating(value)

    torch.nn.functional.softmax = lambda x, dim=None, dtype=None, **_: softmax(x, dim=dim)
    torch.Tensor.float = same
    try:
        yield
    finally:
        torch.nn.functional.softmax, torch.Tensor.float = softmax, floating


# --- cases ------------------------------------------------------------------------------------------------------------


def cases(model, seed):
    """Prompts of 8 to 20 tokens with the family's special tokens; the fourth fills the context."""
    pick = random.Random(seed)
    special = special_tokens(model.config)
    ordinary = [token for token in range(model.config.vocab_size) if token not in special.values()]
    every = [[layer, head] for layer in range(model.layers) for head in range(model.heads)]
    for number, (length, changed) in enumerate(LENGTHS):
        pair = number in (1, 3)
        clean = [pick.choice(ordinary) for _ in range(length)]
        clean[0], clean[-1] = special["start"], special["end"]
        if pair:
            clean[length // 2 - 1] = special["end"]
            clean[length // 2] = clean[length // 2] if uses_types(model.config) else special["end"]
        case = {}
        if model.masked:
            case["position"] = MASK_POSITIONS[number]
            clean[case["position"]] = special["mask"]
        changed = [place for place in changed if clean[place] in ordinary]
        corrupted = list(clean)
        for place in changed:
            corrupted[place] = pick.choice([token for token in ordinary if token != clean[place]])
        if pair and uses_types(model.config):
            case["type_ids"] = [int(place >= length // 2) for place in range(length)]
        circuits = [[], every, sorted(pick.sample(every, len(every) // 2))]
        yield case | {
            "clean_ids": clean, "corrupted_ids": corrupted, **answers(model, pick, number),
            "circuits": [{"heads": heads} for heads in circuits],
        }  # fmt: skip


def answers(model, pick, number):
    """Classes or tokens on each side; a regression and one label of several have one output and nothing against it."""
    head = head_of(model.config)
    if head in ("regression", "multi_label_classification"):
        return {"positive": [number % model.outputs], "negative": []}
    positives, negatives = ANSWERS[number]
    if head == "masked":
        positives, negatives = positives + number % 2, negatives + 1
    picked = pick.sample(range(model.outputs), positives + negatives)
    return {"positive": picked[:positives], "negative": picked[positives:]}


# --- values -----------------------------------------------------------------------------------------------------------


def rounded(value):
    """Twelve digits: far below every tolerance, and half the bytes."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def measured(model, case, extras):
    """Every field of a case, with the case's own type ids and position."""
    model.types, model.position = case.get("type_ids"), case.get("position", 0)
    fields = {key: case[key] for key in ("type_ids", "position") if key in case}
    return fields | base.measure(model, case, extras)


def extras_of(number):
    return {0: ("gradients",), 1: ("positions",)}.get(number, ())


def values(name):
    folder = HERE / "models" / name
    model, model32 = Encoder(folder), Encoder(folder, torch.float32)
    made, residual, moved = [], 0.0, []
    for number, case in enumerate(cases(model, sum(map(ord, name)))):
        case = rounded(measured(model, case, extras_of(number)))
        model32.types, model32.position = model.types, model.position
        from_ids = model32.logits_of_ids(case["clean_ids"])
        case["logits_float32"] = [[float(f"{value:.9g}") for value in row] for row in from_ids.tolist()]
        apart = base.difference(case["logits_float32"][0], case["last_logits"])
        assert apart < 5e-5, f"{name}: float32 from ids and float64 from embeddings differ by {apart}"
        step = case["m_clean"] - case["m_corrupted"]
        residual = max(residual, abs(sum(case["ig_token"]) - step))
        moved.append(abs(step))
        made.append(case)
    base.write(HERE / f"{name}.json", model.config.model_type, model.layers, model.heads, made)
    heads = sorted(abs(effect) for case in made for row in case["noising_head"] for effect in row)
    print(
        f"  |m| moved {min(moved):.3f} to {max(moved):.3f}; head effects {heads[0]:.4f} to {heads[-1]:.3f}, median"
        f" {heads[len(heads) // 2]:.3f}; integrated gradients' residual {residual:.1e}"
    )


def make_cases(folder, cases_file, out):
    """The fields of cases that give ids, answers, circuits and, if there are any, type ids and a position."""
    model = Encoder(folder)
    given = json.loads(pathlib.Path(cases_file).read_text())
    made = [measured(model, case, ()) for case in given]
    base.write(pathlib.Path(out), model.config.model_type, model.layers, model.heads, made)
    return 0


def check(names, dtype):
    """Largest difference by field, relative to max(1, |m_clean - m_corrupted|), over the named checkpoints."""
    worst = {}
    for name in names:
        model, here = Encoder(HERE / "models" / name, dtype), 0.0
        for number, case in enumerate(json.loads((HERE / f"{name}.json").read_text())["cases"]):
            made = measured(model, case, extras_of(number))
            scale = max(1, abs(case["m_clean"] - case["m_corrupted"]))
            for field in made:
                apart = base.difference(made[field], case[field]) / scale
                worst[field], here = max(worst.get(field, 0.0), apart), max(here, apart)
        print(f"{name:24} {here:.1e}", flush=True)
    for field, value in worst.items():
        print(f"  {field:22} {value:.1e}")
    largest = max(worst.values())
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}"
    print(f"{versions}: {len(names)} models, largest {largest:.1e}")
    return 0 if largest < (base.LIMIT if dtype == torch.float64 else 1e-4) else 1


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    if len(sys.argv) == 5 and sys.argv[1] == "cases":
        return make_cases(*sys.argv[2:])
    if len(sys.argv) < 2 or sys.argv[1] not in ("models", "values", "check", "rounding"):
        print(__doc__)
        return 64
    names = sys.argv[2:] or list(CHECKPOINTS)
    if sys.argv[1] in ("check", "rounding"):
        return check(names, torch.float64 if sys.argv[1] == "check" else torch.float32)
    for name in names:
        make(name) if sys.argv[1] == "models" else values(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
