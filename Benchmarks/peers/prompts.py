"""The prompts of the comparison and their token ids, with Python's standard library alone.

Every word of the prompts is one token of both tokenizers used here (examples/ioi and make_tokenizer.py), so the ids can be
looked up without a tokenizer. peers.py checks that its own tokenizers give the same ids.

usage:
  prompts.py MODEL            prints the texts and their ids as JSON
  prompts.py --lines MODEL    prints four lines: clean ids, counterfactual ids (with commas), positive id, negative id
"""

import json
import pathlib
import re
import sys

START = "<|endoftext|>"  # TransformerLens prepends it to GPT-2's prompts, and so did the training of examples/ioi
CLEAN = "When Mary and John went to the store, John gave a drink to"  # 14 tokens, 15 with START
COUNTERFACTUAL = "When John and Mary went to the store, Mary gave a drink to"  # what glassbox makes of it: names exchanged
CORRECT, INCORRECT = " Mary", " John"


class NotOneToken(Exception):
    """A word of a prompt is no token of the vocabulary."""


def lookup(vocabulary, text):
    """The ids of a text whose words, each with the space before it, are tokens."""
    words = re.findall(r" ?\w+|[^\w\s]", text)
    spelled = [word.replace(" ", "\u0120") for word in words]  # byte-level BPE writes a space as this letter
    missing = [word for word, key in zip(words, spelled) if key not in vocabulary]
    if "".join(words) != text or missing:
        raise NotOneToken(f"not one token each in this vocabulary: {missing or text!r}")
    return [vocabulary[key] for key in spelled]


def pair(folder):
    """The comparison's prompt pair and its ids for the tokenizer in a model's folder."""
    vocabulary = json.loads((pathlib.Path(folder) / "tokenizer.json").read_text())["model"]["vocab"]
    return {
        "clean": CLEAN,
        "counterfactual": COUNTERFACTUAL,
        "correct": CORRECT,
        "incorrect": INCORRECT,
        "clean_ids": [vocabulary[START], *lookup(vocabulary, CLEAN)],
        "counterfactual_ids": [vocabulary[START], *lookup(vocabulary, COUNTERFACTUAL)],
        "positive": lookup(vocabulary, CORRECT)[0],
        "negative": lookup(vocabulary, INCORRECT)[0],
    }


def lines(ids):
    """The ids as engine-bench takes them."""
    joined = [",".join(map(str, ids[key])) for key in ("clean_ids", "counterfactual_ids")]
    return "\n".join([*joined, str(ids["positive"]), str(ids["negative"])])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--lines", model]:
            print(lines(pair(model)))
        case [model] if not model.startswith("-"):
            print(json.dumps(pair(model)))
        case _:
            sys.exit(__doc__)
