"""The prompt pairs of the encoder comparison: token ids of a given length, with Python's standard library alone.

Ids are drawn with a seed; no tokenizer is asked. MiniLM's vocabulary is that of BERT uncased: 101 begins a text, 102 ends it,
and 1996 ("the") to 29611 are words and their parts.

usage:
  encoder_prompts.py --lines TOKENS   prints four lines: clean ids, counterfactual ids (with commas), positive class, negative class
"""

import random
import sys

import prompts

START, END = 101, 102
WORDS = range(1996, 29612)
LENGTHS = (32, 128)  # tokens, START and END included, that requirements are stated for
EVERY = 8  # the counterfactual has another word at each eighth position


def pair(tokens):
    """A pair of prompts of this many tokens, and the classes of the decision."""
    pick = random.Random(tokens)
    clean = [START, *(pick.choice(WORDS) for _ in range(tokens - 2)), END]
    other = list(clean)
    for place in range(EVERY // 2, tokens - 1, EVERY):
        other[place] = pick.choice([word for word in WORDS if word != clean[place]])
    return {"clean_ids": clean, "counterfactual_ids": other, "positive": 1, "negative": 0}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--lines", tokens] if tokens.isdecimal() and int(tokens) > EVERY:
            print(prompts.lines(pair(int(tokens))))
        case _:
            sys.exit(__doc__)
