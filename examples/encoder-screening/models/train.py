"""Trains the two encoder classifiers of this example from scratch, on one CPU thread.

usage:
  train.py data SOURCE.csv   write ../data/german-credit.csv from examples/credit-screening/data/german-credit.csv
  train.py validate          how many passes: train on 640 of the training records, print figures of the other 160
  train.py train             train 1.0 and 1.1 on all 800 training records; print figures of the 200 test records once

Texts are written with the template of ../vitrine.yaml itself, so that training and measurement read the same words.
Needs torch, transformers below 5, tokenizers, numpy and PyYAML. README.md beside vitrine.yaml has what was seen.
"""

import csv
import math
import pathlib
import sys
import time

import numpy
import torch
import transformers
import yaml
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

PROJECT = pathlib.Path(__file__).resolve().parents[1]
DATA = PROJECT / "data" / "german-credit.csv"
LABELS = ["bad", "good"]  # by class number
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SEED = 20
BATCH = 32
PASSES = {"1.0": 20, "1.1": 12}
RATE = {"1.0": 5e-4, "1.1": 2e-4}
REDRAWN = ["sex", "age"]  # in half of the records of a batch of 1.1


# --- data -------------------------------------------------------------------------------------------------------------


def write_data(source):
    """The records of credit-screening with the labels' own names: good for approve, bad for decline."""
    names = {"approve": "good", "decline": "bad"}
    with open(source, newline="") as file:
        rows = [row | {"label": names[row["label"]]} for row in csv.DictReader(file)]
    with open(DATA, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {DATA}: {len(rows)} records")


def records(split):
    with open(DATA, newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def texts(rows):
    template = yaml.safe_load((PROJECT / "vitrine.yaml").read_text())["prompts"]["template"]
    return [template.format(**row) for row in rows]


def pipeline(model):
    """Lower-cased words and marks, [CLS] text [SEP], as BERT's uncased tokenizers."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def make_tokenizer(lines):
    """WordPiece trained on the lines: their words, and the letters that any other word falls into.

    The trainer chooses among equal merges by chance, so that the pieces between letters and words differ from run to run.
    No line uses them: they are left out and the rest is sorted. The vocabulary is then always the same.
    """
    trained = pipeline(models.WordPiece(unk_token="[UNK]"))
    trained.train_from_iterator(
        lines, trainers.WordPieceTrainer(vocab_size=600, min_frequency=2, special_tokens=SPECIAL, show_progress=False)
    )
    used = {token for line in lines for token in trained.encode(line).tokens}
    letters = {token for token in trained.get_vocab() if len(token.removeprefix("##")) == 1}
    vocabulary = {token: index for index, token in enumerate(SPECIAL + sorted((used | letters) - set(SPECIAL)))}
    tokenizer = pipeline(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )  # fmt: skip
    return BertTokenizerFast(tokenizer_object=tokenizer, do_lower_case=True, model_max_length=128)


# --- model ------------------------------------------------------------------------------------------------------------


def make_model(tokenizer):
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=128, num_hidden_layers=4, num_attention_heads=4, intermediate_size=512,
        max_position_embeddings=128, pad_token_id=tokenizer.pad_token_id, problem_type="single_label_classification",
        id2label=dict(enumerate(LABELS)), label2id={label: index for index, label in enumerate(LABELS)},
    )  # fmt: skip
    return BertForSequenceClassification(config)


def encoded(tokenizer, rows):
    """Ids [records, tokens]: every record has as many, since every value is one token."""
    return torch.tensor(tokenizer(texts(rows))["input_ids"])


def scores(model, ids):
    """The decision value of each record: the logit of `good` minus that of `bad`."""
    model.eval()
    with torch.no_grad():
        logits = model(ids, attention_mask=torch.ones_like(ids)).logits
    return (logits[:, LABELS.index("good")] - logits[:, LABELS.index("bad")]).numpy()


def fit(model, tokenizer, rows, version, seed, watch=None):
    """All passes of one version; AdamW, warm-up of 50 steps, then a half cosine to 2 %."""
    torch.manual_seed(seed)
    draw = numpy.random.Generator(numpy.random.PCG64(seed))
    labels = torch.tensor([LABELS.index(row["label"]) for row in rows])
    ids = encoded(tokenizer, rows)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE[version], weight_decay=0.1)
    steps = PASSES[version] * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / 50) * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
    )
    for number in range(PASSES[version]):
        model.train()
        order, total = draw.permutation(len(rows)), 0.0
        for first in range(0, len(rows) - BATCH + 1, BATCH):
            batch = order[first : first + BATCH]
            inputs = ids[batch] if version == "1.0" else redrawn(tokenizer, rows, batch, draw)
            logits = model(inputs, attention_mask=torch.ones_like(inputs)).logits
            loss = torch.nn.functional.cross_entropy(logits, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item() * BATCH / len(rows)
        if watch:
            print(f"{version} pass {number + 1:2}: loss {total:.3f}; {figures(model, tokenizer, watch)}", flush=True)


def redrawn(tokenizer, rows, batch, draw):
    """The batch's ids with sex and age drawn from all training records, in half of its records."""
    changed = []
    for place in batch:
        row = rows[place]
        if draw.random() < 0.5:
            row = row | {column: rows[draw.integers(len(rows))][column] for column in REDRAWN}
        changed.append(row)
    return encoded(tokenizer, changed)


# --- figures ----------------------------------------------------------------------------------------------------------


def area(values, good):
    """Area under the ROC curve: how often a good record has the larger value, ties half."""
    apart = values[good][:, None] - values[~good][None, :]
    return float((apart > 0).mean() + 0.5 * (apart == 0).mean())


def figures(model, tokenizer, rows):
    values = scores(model, encoded(tokenizer, rows))
    good = numpy.array([row["label"] == "good" for row in rows])
    return f"AUC {area(values, good):.3f}, accuracy {((values > 0) == good).mean():.3f}, good {(values > 0).mean():.3f}"


def report(model, tokenizer, rows):
    print("  all:", figures(model, tokenizer, rows))
    for column in ("sex", "age", "foreign"):
        for value in sorted({row[column] for row in rows}):
            group = [row for row in rows if row[column] == value]
            values = scores(model, encoded(tokenizer, group))
            right = (values > 0) == numpy.array([row["label"] == "good" for row in group])
            shares = f"accuracy {right.mean():.3f}, good {(values > 0).mean():.3f}"
            print(f"  {column} {value}: {len(group)} records, {shares}")
    for column, clean, other in [
        ("checking", "absent", "overdrawn"), ("savings", "large", "small"), ("history", "regular", "critical"),
        ("sex", "male", "female"), ("foreign", "yes", "no"), ("age", "mature", "young"),
    ]:  # fmt: skip
        before, after = (
            scores(model, encoded(tokenizer, [row | {column: value} for row in rows])) for value in (clean, other)
        )
        flips = ((before > 0) != (after > 0)).mean()
        change = (after - before).mean()
        print(f"  {column}, {clean} to {other}: mean change {change:+.3f}, decisions flipped {flips:.3f}")


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    transformers.logging.set_verbosity_error()
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what == "data" and len(sys.argv) == 3:
        write_data(sys.argv[2])
        return 0
    if what not in ("validate", "train"):
        print(__doc__)
        return 64
    rows = records("train")
    held = rows[:160] if what == "validate" else None
    rows = rows[160:] if what == "validate" else rows
    tokenizer = make_tokenizer(texts(rows))
    torch.manual_seed(SEED)
    model = make_model(tokenizer)
    ids = encoded(tokenizer, rows)
    print(f"{len(tokenizer)} tokens, {ids.shape[1]} a record; {sum(w.numel() for w in model.parameters())} parameters")
    for number, version in enumerate(PASSES):
        began = time.time()
        fit(model, tokenizer, rows, version, SEED + number, held)
        print(f"{version}: {time.time() - began:.0f} s")
        if what == "train":
            folder = PROJECT / "models" / f"v{version}"
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            report(model, tokenizer, records("test"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
