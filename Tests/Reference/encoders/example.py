"""Reference values of examples/encoder-screening: both versions, pairs of test records as its behaviours set them.

usage: example.py     (writes screening-v1.0.json and screening-v1.1.json; needs PyYAML too)

Fields as in README.md, and `clean_text` and `corrupted_text`: the prompts, whose ids are those of the tokenizer with
its own special tokens, in transformers. The decision is `good` against `bad`.
"""

import csv
import pathlib
import random
import sys

import torch
import transformers
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
EXAMPLE = HERE.parents[2] / "examples" / "encoder-screening"


def load_generator():
    """generate.py of this folder; the one above it, which it imports, has the same name."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("encoders_generate", HERE / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pairs(project, rows):
    """One test record per behaviour, and one more for the first, with the behaviour's two values."""
    for number, behaviour in enumerate(project["behaviours"] + project["behaviours"][:1]):
        change = behaviour["substitute"]
        for side in ("clean", "counterfactual"):
            # YAML reads yes and no as truth values; the data file has the words.
            change[side] = {True: "yes", False: "no"}.get(change[side], change[side])
        row = rows[23 * number]
        yield [
            project["prompts"]["template"].format(**(row | {change["field"]: change[side]}))
            for side in ("clean", "counterfactual")
        ]


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    generate = load_generator()
    project = yaml.safe_load((EXAMPLE / "vitrine.yaml").read_text())
    with open(EXAMPLE / "data" / "german-credit.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    for version in ("1.0", "1.1"):
        folder = EXAMPLE / "models" / f"v{version}"
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model, model32 = generate.Encoder(folder), generate.Encoder(folder, torch.float32)
        label = {name: index for index, name in model.config.id2label.items()}
        pick = random.Random(1)
        every = [[layer, head] for layer in range(model.layers) for head in range(model.heads)]
        made = []
        for number, (clean, corrupted) in enumerate(pairs(project, rows)):
            case = {
                "clean_ids": tokenizer(clean)["input_ids"], "corrupted_ids": tokenizer(corrupted)["input_ids"],
                "positive": [label["good"]], "negative": [label["bad"]],
                "circuits": [{"heads": []}, {"heads": every}, {"heads": sorted(pick.sample(every, 4))}],
            }  # fmt: skip
            assert len(case["clean_ids"]) == len(case["corrupted_ids"])
            fields = generate.rounded(generate.measured(model, case, ()))
            logits = model32.logits_of_ids(case["clean_ids"])
            fields["logits_float32"] = [[float(f"{value:.9g}") for value in row] for row in logits.tolist()]
            made.append({"clean_text": clean, "corrupted_text": corrupted} | fields)
            moved = fields["m_corrupted"] - fields["m_clean"]
            residual = abs(sum(fields["ig_token"]) + moved)
            print(f"{version} case {number}: m {fields['m_clean']:.3f}, moved {moved:+.3f}, residual {residual:.1e}")
        generate.base.write(HERE / f"screening-v{version}.json", "bert", model.layers, model.heads, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
