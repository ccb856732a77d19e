"""How the ioi model finds the indirect object, measured without Vitrine: which positions and heads tell that a name was said before?

usage: mechanism.py [MODEL_FOLDER]      needs torch, transformers and tokenizers; a minute on one core; float64, seeded

Two hundred sentences: the five forms of training, both orders of the names, twenty draws of names, place and object each. S is the
subject, S1 and S2 its two mentions, IO the other name, END the last token, m = logit(IO) - logit(S) at END.
"""
import math
import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "models/v1.0"
NAMES = """Mary John Alice Robert Emma James Olivia Daniel Sophia Peter Laura Henry Clara Oscar Helen Simon Julia Victor Nora
Felix Grace Martin Irene Walter Diana Louis Edith Bruno Agnes Frank""".split()
PLACES = "store park office school garden station market library museum harbour".split()
OBJECTS = "drink book letter ticket basket key ring map coat lamp".split()
FORMS = [
    "When {A} and {B} went to the {P}, {S} gave a {O} to",
    "After {A} and {B} met at the {P}, {S} handed a {O} to",
    "While {A} and {B} were working at the {P}, {S} passed a {O} to",
    "Then, {A} and {B} had a long argument at the {P}, and {S} sold a {O} to",
    "Friends {A} and {B} found a {O} at the {P}, so {S} offered it to",
]

torch.set_num_threads(1)
model = GPT2LMHeadModel.from_pretrained(FOLDER, attn_implementation="eager").double().eval()
body = model.transformer
tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
LAYERS, HEADS, WIDTH = model.config.n_layer, model.config.n_head, model.config.n_embd


def token(name):
    return tokenizer.encode(" " + name).ids[0]


class Sentence:
    def __init__(self, form, draw, subject_first):
        a, b, self.third = draw.sample(NAMES, 3)
        self.subject, self.other = (a, b) if subject_first else (b, a)
        text = form.format(A=a, B=b, S=self.subject, P=draw.choice(PLACES), O=draw.choice(OBJECTS))
        self.ids = [0] + tokenizer.encode(text).ids
        self.s, self.io = token(self.subject), token(self.other)
        self.s1, self.s2 = [i for i, x in enumerate(self.ids) if x == self.s]
        self.place_of_io, self.end = self.ids.index(self.io), len(self.ids) - 1

    def with_tokens(self, changes):
        return [changes.get(i, x) for i, x in enumerate(self.ids)]


def run(ids, cut=(), replace=None):
    """Logits at END, every head's z and attention. cut: (query, key) pairs that no head may see; replace: values of z."""
    n, size = len(ids), WIDTH // HEADS
    hidden = torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
    for query, key in cut:
        hidden[query, key] = True
    x = body.wte(torch.tensor(ids)) + body.wpe(torch.arange(n))
    zs, patterns = [], []
    for layer, block in enumerate(body.h):
        q, k, v = (t.view(n, HEADS, size).transpose(0, 1) for t in block.attn.c_attn(block.ln_1(x)).split(WIDTH, -1))
        pattern = (q @ k.transpose(1, 2) / math.sqrt(size)).masked_fill(hidden, -1e30).softmax(-1)
        z = pattern @ v
        for (where, head), (position, value) in (replace or {}).items():
            if where == layer:
                z = z.clone()
                z[head, position] = value
        zs.append(z)
        patterns.append(pattern)
        x = x + block.attn.c_proj(z.transpose(0, 1).reshape(n, WIDTH))
        x = x + block.mlp(block.ln_2(x))
    return model.lm_head(body.ln_f(x))[-1], zs, patterns


def report(title, sentences, experiment):
    """experiment(sentence) -> logits at END."""
    values, right = [], 0
    for sentence in sentences:
        logits = experiment(sentence)
        values.append((logits[sentence.io] - logits[sentence.s]).item())
        right += logits.argmax().item() == sentence.io
    print(f"{title:78s} {sum(values) / len(values):8.3f} {min(values):8.3f} {right / len(values):8.3f}")


def patched(source, heads, position):
    """The sentence with some heads' z at a position taken from another prompt of the same length."""
    def experiment(sentence):
        zs = run(source(sentence))[1]
        at = getattr(sentence, position)
        return run(sentence.ids, replace={(l, h): (at, zs[l][h, at]) for l, h in heads})[0]
    return experiment


def main():
    draw = random.Random(11)
    sentences = [Sentence(form, draw, first) for form in FORMS for first in (True, False) for _ in range(20)]
    checked = model(torch.tensor([sentences[0].ids])).logits[0, -1]
    assert torch.allclose(run(sentences[0].ids)[0], checked), "the forward pass written here is not the model's"

    print("Attention, mean over the sentences: from S2 to S1, from S2 to what followed S1, from END to S2, to IO, to S1")
    looks = torch.zeros(LAYERS, HEADS, 5, dtype=torch.double)
    for s in sentences:
        patterns = run(s.ids)[2]
        for l in range(LAYERS):
            p = patterns[l]
            looks[l] += torch.stack(
                [p[:, s.s2, s.s1], p[:, s.s2, s.s1 + 1], p[:, s.end, s.s2], p[:, s.end, s.place_of_io], p[:, s.end, s.s1]], -1)
    for l in range(LAYERS):
        for h in range(HEADS):
            print(f"  L{l}H{h}  " + "  ".join(f"{x:.2f}" for x in (looks[l, h] / len(sentences)).tolist()))

    every = [(l, h) for l in range(LAYERS) for h in range(HEADS)]
    suppressor = [(3, 2)]

    def third_at(position):
        return lambda s: s.with_tokens({getattr(s, position): token(s.third)})

    print(f"\n{'':78s} {'mean m':>8s} {'least m':>8s} {'correct':>8s}")
    report("the model as it is", sentences, lambda s: run(s.ids)[0])
    report("S2 cannot see S1, in any head", sentences, lambda s: run(s.ids, [(s.s2, s.s1)])[0])
    report("S2 cannot see S1 nor what followed it", sentences, lambda s: run(s.ids, [(s.s2, s.s1), (s.s2, s.s1 + 1)])[0])
    report("no position from S2 to the one before END can see S1 or IO", sentences, lambda s: run(
        s.ids, [(q, k) for q in range(s.s2, s.end) for k in (s.s1, s.place_of_io)])[0])
    report("all heads' z at S2 from the prompt where S1 is a third name (no duplicate)", sentences,
           patched(third_at("s1"), every, "s2"))
    report("END cannot see S2", sentences, lambda s: run(s.ids, [(s.end, s.s2)])[0])
    report("L3H2's z at END from the prompt where S1 is a third name (no duplicate)", sentences,
           patched(third_at("s1"), suppressor, "end"))
    report("L3H2's z at END from the prompt where S2 is a third name (no duplicate)", sentences,
           patched(third_at("s2"), suppressor, "end"))
    report("END cannot see S1 and IO", sentences, lambda s: run(s.ids, [(s.end, s.s1), (s.end, s.place_of_io)])[0])


with torch.no_grad():
    main()
