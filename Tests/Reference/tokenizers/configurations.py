"""The ids that `transformers` gives texts where more than tokenizer.json decides them.

usage: configurations.py FILE             writes the rows with this version's ids   (made with 4.57.6)
       configurations.py FILE --beside    adds to each row what this version says otherwise   (made with 5.24.0)

AutoTokenizer needs no torch. `tokenizers` has the files tokenizer.json, `texts` the texts. A row names its tokenizer and has the other
files of the folder; `ids` are those of the texts with the model's own special tokens, null where transformers refuses the folder;
`ids5` those of transformers 5 where they differ. `saved` rows are folders that the remedy of our refusals wrote of a folder, with their own
tokenizer.json: they must give the same ids in transformers (looked at here) and in the engine (looked at by the test).
"""

import json
import os
import random
import shutil
import sys
import tempfile
import warnings

os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
warnings.filterwarnings("ignore")
import transformers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

SPECIALS = ["<unk>", "<s>", "</s>", "<|endoftext|>", "<bos>", "<eos>"]
CHARACTERS = sorted(set("".join(SPECIALS) + "abcdDecABCEX[]pn<>wmk") | {"Ġ", "▁"})
MERGES = [["a", "b"], ["Ġ", "a"], ["▁", "a"], ["Ġa", "b"], ["▁a", "b"], ["D", "e"], ["De", "c"], ["Ġ", "Dec"], ["▁", "Dec"]]
VOCABULARY = {t: i for i, t in enumerate(SPECIALS + CHARACTERS + ["".join(m) for m in MERGES])}
TEXTS = ["ab", " ab", "Dec ab", "ab Dec", "a<pad>b", "ab <pad>  ab", "<s>ab</s>", "ab<|endoftext|> Dec", "<new> ab", "aDecb<new>", "DEC AB",
         "<sep><pad>", ""]  # fmt: skip


def flags(content, **given):
    plain = {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return dict(plain, **given)


def tokenizer(pre=None, normalizer=None, extra=()):
    added = [dict(flags(t), id=i) for i, t in enumerate(SPECIALS)] + [dict(f, id=VOCABULARY[f["content"]]) for f in extra]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer, "pre_tokenizer": pre,
            "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": VOCABULARY, "merges": MERGES}}  # fmt: skip


def bytes_(prefix):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True}


def bert(lowercase):
    pieces = sorted(set("abcdeDEABCsnwpt<>/|kuoxfh")) + ["##" + c for c in sorted(set("abcdeDEABCsnwpt<>/|kuoxfh"))] + ["ab", "Dec"]
    vocabulary = {t: i for i, t in enumerate(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"] + pieces)}
    added = [dict(flags(t), id=i) for i, t in enumerate(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])]
    clean = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": lowercase}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": clean,
            "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": None, "decoder": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocabulary}}  # fmt: skip


ALWAYS = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
NEVER = dict(ALWAYS, prepend_scheme="never")
LEGACY = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
TOKENIZERS = {
    "bytes": tokenizer(bytes_(False)),
    "prefixed": tokenizer(bytes_(True)),
    "sequence": tokenizer({"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, bytes_(True)]}),
    "metaspace": tokenizer(ALWAYS),
    "unprefixed": tokenizer(NEVER),
    "legacy": tokenizer(None, LEGACY),
    "words": tokenizer(bytes_(False), extra=[flags("Dec", special=False, normalized=True)]),
    "cased": bert(False),
    "uncased": bert(True),
}
BPE = ["bytes", "prefixed", "sequence", "metaspace", "unprefixed", "legacy", "words"]
CLASSES = ["GPT2Tokenizer", "GPT2TokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "LlamaTokenizer", "LlamaTokenizerFast",
           "PreTrainedTokenizerFast", "PreTrainedTokenizer", "GPTNeoXTokenizerFast", "GemmaTokenizer", "RobertaTokenizerFast",
           "BertTokenizerFast", "BloomTokenizerFast", "CodeLlamaTokenizerFast", "CohereTokenizerFast", "TokenizersBackend", "NoSuchTokenizer",
           "ByT5Tokenizer"]  # fmt: skip
COMMON = CLASSES[:9]
TYPES = ["gpt2", "gpt_neox", "gemma2", "llama", "mistral", "phi3", "qwen2", "qwen3"]
NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]


def systematic():
    """One thing at a time, with every class and type of model."""
    new = len(VOCABULARY)
    for name in BPE:
        yield name, {"config": {"model_type": "gpt2"}}
    for kind in TYPES:
        for name in ["bytes", "prefixed", "legacy"]:
            yield name, {"config": {"model_type": kind}}
            yield name, {"config": {"model_type": kind}, "tokenizer_config": {"pad_token": "<pad>"}}
    for kind in CLASSES:
        for name in ["bytes", "prefixed", "sequence", "metaspace"]:
            yield name, {"tokenizer_config": {"tokenizer_class": kind}}
            yield name, {"tokenizer_config": {"tokenizer_class": kind, "add_prefix_space": True}}
    for kind in COMMON[:7]:
        one = lambda **given: {"tokenizer_config": dict({"tokenizer_class": kind}, **given)}
        yield "prefixed", one(add_prefix_space=False)
        yield "prefixed", one(add_prefix_space=None)
        yield "legacy", one(add_prefix_space=True)
        yield "bytes", one(split_special_tokens=True)
        for key in NAMES:
            yield "bytes", one(**{key: "Dec"})
        yield "bytes", one(pad_token=dict(flags("Dec", lstrip=True), __type="AddedToken"))
        yield "bytes", one(pad_token=flags("Dec", lstrip=True))
        yield "words", one(pad_token="Dec")
        yield "words", one(pad_token=dict(flags("Dec", rstrip=True), __type="AddedToken"))
        yield "bytes", one(additional_special_tokens=["Dec", "<sep>"])
        yield "bytes", one(extra_special_tokens={"image_token": "Dec"})
        yield "bytes", one(extra_special_tokens=["Dec"])
        yield "bytes", one(added_tokens_decoder={str(VOCABULARY["Dec"]): flags("Dec")})
        yield "bytes", one(added_tokens_decoder={str(new): flags("<new>", special=False, normalized=True), str(new + 1): flags("<pad>")})
        yield "bytes", one(added_tokens_decoder={str(new + 1): flags("<new>"), str(new): flags("<pad>", lstrip=True)}, pad_token="<pad>")
        yield "bytes", one(added_tokens_decoder={str(new + 7): flags("<new>")})
        yield "bytes", one(added_tokens_decoder={"1": flags("<s>", lstrip=True, rstrip=True)})
        yield "words", one(added_tokens_decoder={str(VOCABULARY["Dec"]): flags("Dec", single_word=True)})
        yield "bytes", dict(one(), special_tokens_map={"sep_token": "Dec"})
        yield "bytes", dict(one(sep_token="<sep>"), special_tokens_map={"sep_token": flags("Dec", rstrip=True)})
        yield "bytes", dict(one(additional_special_tokens=["<sep>"]), special_tokens_map={"additional_special_tokens": ["Dec", flags("<pad>")]})
        yield "bytes", dict(one(added_tokens_decoder={}), special_tokens_map={"sep_token": "Dec"}, added_tokens={"<new>": new})
        yield "bytes", dict(one(), added_tokens={"Dec": VOCABULARY["Dec"], "<new>": new})
        yield "bytes", dict(one(pad_token="<pad>"), added_tokens={"<new>": new + 1, "<pad>": new})
        yield "bytes", dict(one(), added_tokens={"<new>": new + 5})
    for name in ["cased", "uncased"]:
        for given in [{}, {"do_lower_case": False}, {"do_lower_case": True}, {"strip_accents": True}, {"tokenize_chinese_chars": False}]:
            yield name, {"tokenizer_config": dict({"tokenizer_class": "BertTokenizer"}, **given)}
            yield name, {"tokenizer_config": dict({"tokenizer_class": "PreTrainedTokenizerFast"}, **given)}
    yield "bytes", {"tokenizer_config": {"add_prefix_space": True}, "config": {"model_type": "gpt2", "tokenizer_class": "Qwen2TokenizerFast"}}
    yield "bytes", {"config": {"model_type": "gpt2", "tokenizer_class": "LlamaTokenizer"}}


def mixed(count):
    """Several at once."""
    dice = random.Random(20261130)
    contents = ["Dec", "<pad>", "<s>", "</s>", "<new>", "<sep>", "<|endoftext|>"]
    new = len(VOCABULARY)

    def entry(typed):
        content = dice.choice(contents)
        given = {k: dice.random() < 0.3 for k in ("lstrip", "rstrip", "normalized", "single_word")}
        full = flags(content, special=dice.random() < 0.6, **given)
        return content if dice.random() < 0.5 else dict(full, __type="AddedToken") if typed else full

    for _ in range(count):
        config = {"tokenizer_class": dice.choice(COMMON)}
        files = {"tokenizer_config": config}
        for key in dice.sample(NAMES, dice.choice([0, 1, 1, 2, 3])):
            config[key] = entry(True) if dice.random() < 0.9 else None
        if dice.random() < 0.3:
            config["add_prefix_space"] = dice.choice([True, False, None])
        if dice.random() < 0.2:
            config["split_special_tokens"] = dice.random() < 0.7
        if dice.random() < 0.3:
            config["additional_special_tokens"] = [entry(True) for _ in range(dice.choice([1, 2]))]
        if dice.random() < 0.4:
            known = dice.sample(["Dec", "<s>", "<|endoftext|>"], dice.choice([0, 1, 2]))
            chosen = [(VOCABULARY[t], t) for t in known] + list(enumerate(dice.sample(["<new>", "<pad>", "<sep>"], dice.choice([1, 2])), new))
            config["added_tokens_decoder"] = {
                str(i): flags(t, special=dice.random() < 0.6, **{k: dice.random() < 0.3 for k in ("lstrip", "rstrip", "normalized")})
                for i, t in chosen
            }
        else:
            if dice.random() < 0.4:
                files["special_tokens_map"] = {key: entry(False) for key in dice.sample(NAMES, 2)}
                if dice.random() < 0.3:
                    files["special_tokens_map"]["additional_special_tokens"] = [entry(False)]
            if dice.random() < 0.3:
                files["added_tokens"] = dice.choice([{"Dec": VOCABULARY["Dec"]}, {"<new>": new}, {"<pad>": new, "<new>": new + 1}])
        yield dice.choice(BPE), files


def opened(folder, tokenizer, files):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, content in dict(files, tokenizer=tokenizer).items():
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump(content, file)
    return AutoTokenizer.from_pretrained(folder)


def ids(opened):
    return [opened(text)["input_ids"] for text in TEXTS]


def asked(folder, tokenizer, files):
    try:
        return ids(opened(folder, tokenizer, files))
    except Exception:
        return None


def saved(folder, tokenizer, files):
    """What the remedy of our refusals writes."""
    t = opened(folder, tokenizer, files)
    PreTrainedTokenizerFast(
        tokenizer_object=t.backend_tokenizer, add_prefix_space=None, split_special_tokens=t.split_special_tokens, **t.special_tokens_map
    ).save_pretrained(folder + "-saved")
    again = AutoTokenizer.from_pretrained(folder + "-saved")
    assert ids(again) == ids(t), files
    read = lambda name: json.load(open(f"{folder}-saved/{name}.json"))
    row = {name: read(name) for name in ("tokenizer_config", "special_tokens_map") if os.path.exists(f"{folder}-saved/{name}.json")}
    return {"tokenizer": read("tokenizer"), "files": row, "ids": ids(t)}


def main(out, beside):
    folder = os.path.join(tempfile.mkdtemp(), "folder")
    if beside:
        file = json.load(open(out))
        for row in file["rows"]:
            found = asked(folder, TOKENIZERS[row["tokenizer"]], row["files"])
            if found != row["ids"]:
                row["ids5"] = found
        file["beside"] = transformers.__version__
    else:
        rows, seen = [], set()
        for name, files in list(systematic()) + list(mixed(300)):
            key = json.dumps([name, files], sort_keys=True)
            if key not in seen:
                seen.add(key)
                rows.append({"tokenizer": name, "files": files, "ids": asked(folder, TOKENIZERS[name], files)})
        kept = [row for row in rows if row["ids"] and row["files"].get("tokenizer_config", {}).get("tokenizer_class") != "ByT5Tokenizer"]
        remedied = [saved(folder, TOKENIZERS[row["tokenizer"]], row["files"]) for row in kept[::40]]
        file = {"transformers": transformers.__version__, "tokenizers": TOKENIZERS, "texts": TEXTS, "saved": remedied, "rows": rows}
    line = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    lists = {name: "[\n" + ",\n".join(line(row) for row in file[name]) + "\n]" for name in ("saved", "rows")}
    with open(out, "w") as target:
        target.write("{" + ",\n".join(f'"{name}":{lists.get(name) or line(value)}' for name, value in file.items()) + "}\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--beside"]):
        sys.exit(__doc__)
    main(sys.argv[1], len(sys.argv) == 3)
