"""Tiny classifiers, and what a serving system made with Hugging Face transformers says with each: right, and with planted faults.

usage: generate.py [models] scores     (with 'models' the committed checkpoints are remade; weights are random, seeded)

Needs torch, transformers 4.57, tokenizers. Writes MODEL.csv: one row a record, one column a way of serving. Nothing here is ours:
prompts are put together, read by transformers' own tokenizers and scored by transformers' own models.
"""

import csv
import pathlib
import sys

import numpy
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATE = "Applicant {sex}, age {age}: {purpose}.\nAmount {amount}, decision"
POSITIONS = 128
FAMILIES = {
    "gpt2": dict(n_embd=20, n_head=4, n_layer=2, n_inner=33, n_positions=POSITIONS),
    "llama": dict(hidden_size=24, intermediate_size=35, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2,
                  rms_norm_eps=1e-5, max_position_embeddings=POSITIONS),
}  # fmt: skip
# name: (family, classes, whether the tokenizer puts <s> first, seed)
MODELS = {
    "gpt2": ("gpt2", 2, False, 11), "gpt2-bos": ("gpt2", 2, True, 12), "llama": ("llama", 2, False, 13),
    "llama-bos": ("llama", 2, True, 14), "gpt2-earlier": ("gpt2", 2, False, 15), "gpt2-three": ("gpt2", 3, False, 16),
}  # fmt: skip


def tokenizer(bos):
    alphabet = sorted({c for c in map(chr, range(33, 127))} | {"Ġ", "Ċ"})
    vocabulary = {"<s>": 0, "</s>": 1, "<pad>": 2} | {c: i + 3 for i, c in enumerate(alphabet)}
    result = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    result.add_special_tokens([AddedToken(t, special=True) for t in ("<s>", "</s>", "<pad>")])
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    if bos:
        result.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return result


def make(name):
    family, classes, bos, seed = MODELS[name]
    words = tokenizer(bos)
    config = AutoConfig.for_model(family, vocab_size=words.get_vocab_size(), bos_token_id=0, eos_token_id=1, pad_token_id=2,
                                  **FAMILIES[family])  # fmt: skip
    labels = ["decline", "approve", "refer"][:classes]
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    model = AutoModelForSequenceClassification.from_config(config).float()
    random = numpy.random.Generator(numpy.random.PCG64(seed))
    with torch.no_grad():
        for key, weight in sorted(model.named_parameters()):
            scale = 1.6 if key.endswith("score.weight") else 0.35
            centre = 1.0 if "norm" in key and key.endswith("weight") or ".ln_" in key and key.endswith("weight") else 0.0
            weight.copy_(torch.from_numpy(random.normal(centre, scale, weight.shape).astype("float32")))
    folder = HERE / "models" / name
    model.save_pretrained(folder)
    words.save(str(folder / "tokenizer.json"))
    # The class that reads it below; AutoTokenizer would take Llama's for a Llama, which puts <s> before every text.
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}\n')


def records():
    random = numpy.random.Generator(numpy.random.PCG64(7))
    purposes = ["car", "education", "furniture", "business", "repairs", "a holiday"]
    return [
        dict(id=f"A{100 + 7 * i}", sex=("female", "male")[int(random.integers(2))], age=int(random.integers(19, 75)),
             purpose=purposes[int(random.integers(len(purposes)))], amount=int(random.integers(3, 120)) * 250,
             label=("approve", "decline")[int(random.integers(2))])
        for i in range(40)
    ]  # fmt: skip


class Server:
    """A serving system: a model and its tokenizer as transformers loads them."""

    def __init__(self, name, dtype=torch.float32):
        self.words = PreTrainedTokenizerFast(tokenizer_file=str(HERE / "models" / name / "tokenizer.json"), pad_token="<pad>",
                                             bos_token="<s>", eos_token="</s>")  # fmt: skip
        self.model = AutoModelForSequenceClassification.from_pretrained(HERE / "models" / name, dtype=dtype).eval()

    @torch.no_grad()
    def logits(self, texts, **options):
        rows = []
        for text in texts:
            ids = self.words(text, return_tensors="pt", **options)
            ids.pop("token_type_ids", None)
            rows.append(self.model(**ids).logits[0].double())
        return torch.stack(rows)

    @torch.no_grad()
    def batched(self, texts, size, masked):
        self.words.padding_side = "left"
        rows = []
        for start in range(0, len(texts), size):
            ids = self.words(texts[start : start + size], return_tensors="pt", padding=True)
            given = dict(input_ids=ids["input_ids"])
            if masked:
                given["attention_mask"] = ids["attention_mask"]
            rows += list(self.model(**given).logits.double())
        return torch.stack(rows)


def positive(logits):
    return torch.softmax(logits, -1)[:, 1]


def columns(name):
    family, classes, bos, _ = MODELS[name]
    data = records()
    server = Server(name)
    texts = [TEMPLATE.format(**r) for r in data]
    logits = server.logits(texts)
    right = positive(logits)
    rewritten = lambda template, change=lambda r: r: [template.format(**change(dict(r))) for r in data]  # noqa: E731
    floats = rewritten(TEMPLATE, lambda r: r | dict(age=f"{r['age']}.0"))
    result = {
        "right": right,
        "right64": positive(Server(name, torch.float64).logits(texts)),
        "template_capital": positive(server.logits(rewritten(TEMPLATE.replace("Applicant", "applicant")))),
        "template_colon": positive(server.logits([t + ":" for t in texts])),
        "template_space": positive(server.logits([t + " " for t in texts])),
        "bos": positive(server.logits(texts if bos else ["<s>" + t for t in texts], add_special_tokens=False)),
        "float_format": positive(server.logits(floats)),
        "class_order": torch.softmax(logits, -1)[:, 0],
        "logit": logits[:, 1] - logits[:, 0],
        "one_logit": logits[:, 1],
        "bfloat16": positive(Server(name, torch.bfloat16).logits(texts)),
        "top_class": torch.softmax(logits, -1).max(-1).values,
        "shifted": torch.roll(right, 1),
        "other_ids": right[torch.tensor(sorted(range(40), key=lambda i: data[i]["purpose"] + data[i]["id"]))],
        "truncated": positive(server.logits(texts, truncation=True, max_length=48)),
        "left_padding": positive(server.batched(texts, 8, masked=family == "gpt2")),
        "rounded": torch.round(right * 100) / 100,
        "temperature": torch.softmax(logits / 2, -1)[:, 1],
        "constant": torch.full_like(right, 0.5),
        "template_and_class": torch.softmax(server.logits([t + ":" for t in texts]), -1)[:, 0],
        "unknown": positive(server.logits([f"{r['id']} wants {r['amount']} for {r['purpose']}" for r in data])),
        "label_right": ["approve" if p > 0.5 else "decline" for p in right],
        "label_threshold": ["approve" if p > 0.65 else "decline" for p in right],
        "label_swapped": ["decline" if p > 0.5 else "approve" for p in right],
    }
    result["label_template"] = ["approve" if p > 0.5 else "decline" for p in result["template_colon"]]
    result["label_top"] = [server.model.config.id2label[int(i)] for i in logits.argmax(-1)]
    if name == "gpt2":
        result["other_weights"] = positive(Server("gpt2-earlier").logits(texts))
    return data, result


if __name__ == "__main__":
    if "models" in sys.argv:
        for name in MODELS:
            make(name)
    if "scores" in sys.argv:
        for name in MODELS:
            if name == "gpt2-earlier":
                continue
            data, result = columns(name)
            if name == "gpt2":
                with open(HERE / "records.csv", "w", newline="") as file:
                    out = csv.DictWriter(file, data[0].keys(), lineterminator="\n")
                    out.writeheader()
                    out.writerows(data)
            with open(HERE / f"{name}.csv", "w", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(["id", *result])
                for i, r in enumerate(data):
                    values = [v[i] if isinstance(v, list) else repr(float(v[i])) for v in result.values()]
                    out.writerow([r["id"], *values])
