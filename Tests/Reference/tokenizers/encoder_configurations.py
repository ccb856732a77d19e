"""The ids and types that `transformers` gives texts and pairs with the tokenizer classes of encoders.

usage: encoder_configurations.py FILE             writes the rows with this version's answers   (made with 4.57.6)
       encoder_configurations.py FILE --beside    adds to each row what this version says otherwise   (made with 5.24.0)

A row names its tokenizer and has the other files of the folder. `ids` has for each text and each pair the ids, `types` for each pair the
`token_type_ids`, null where none are handed on to the model; both are null where transformers refuses the folder. `other5` says what
transformers 5 says otherwise: `ids`, or `types` alone.
"""

import json
import os
import random
import sys
import tempfile

import character_maps
from configurations import flags, opened, transformers

TEXTS = ["ab", " Dec ab", "aéb É ab", "a<mask> ab", "ab  <mask>", "[MASK]ab [MASK]", "<s>ab</s>", "[CLS] ab[SEP]", "<pad>a<unk>", "ab <new>", "ab漢b", "ﬁb",
         "<s>NOTUSED ab", "A<MASK> [mask]ab", ""]  # fmt: skip
PAIRS = [["ab", "Dec"], ["a<mask>", ""]]
LETTERS = "abcdefinDEABCéÉ漢mskup<>/[]MASKNOTUD"


def added(tokens, mask):
    made = [dict(flags(t), id=i) for i, t in enumerate(tokens)]
    made[-1].update(mask)
    return made


def template(before, after, between, types):
    special = lambda token, kind: {"SpecialToken": {"id": token[0], "type_id": kind}}
    text = lambda name, kind: {"Sequence": {"id": name, "type_id": kind}}
    known = {name: {"id": name, "ids": [number], "tokens": [name]} for name, number in (before, after)}
    pair = [special(before, 0), text("A", 0), special(after, 0), *([special(after, 0)] if between else []), text("B", types), special(after, types)]
    return {"type": "TemplateProcessing", "single": [special(before, 0), text("A", 0), special(after, 0)], "pair": pair, "special_tokens": known}


def word_piece(tokens, lowercase, post, mask=(), **given):
    letters = sorted(set(LETTERS))
    vocabulary = {t: i for i, t in enumerate([*tokens, *letters, *("##" + c for c in letters), "ab", "Dec", "dec"])}
    clean = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": lowercase}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added(tokens, dict(mask)), "normalizer": dict(clean, **given),
            "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": post, "decoder": None,
            "model": {"type": "WordPiece", "unk_token": tokens[tokens.index("[UNK]")], "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                      "vocab": vocabulary}}  # fmt: skip


METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
MAP = character_maps.normalizer({"ﬁ": "fi", "\u00a0": " ", "e\u0301": "é", "\u200b": " "})


def unigram(tokens, unknown, post, mask=(), normalizers=(), last=None):
    pieces = ["▁", "▁a", "ab", "▁ab", "Dec", "▁Dec", *sorted(set(LETTERS))]
    vocabulary = [[t, 0.0] for t in tokens] + [[p, -float(i + 1)] for i, p in enumerate(pieces)]
    made = added(tokens, dict(mask) if last is None else {})
    if last:
        vocabulary.append([last, 0.0])
        made.append(dict(flags(last, **dict(mask)), id=len(vocabulary) - 1))
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": made,
            "normalizer": {"type": "Sequence", "normalizers": [*normalizers, MAP]}, "pre_tokenizer": METASPACE, "post_processor": post, "decoder": METASPACE,
            "model": {"type": "Unigram", "unk_id": tokens.index(unknown), "vocab": vocabulary}}  # fmt: skip


BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT_POST = template(("[CLS]", 2), ("[SEP]", 3), False, 1)
MPNET = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"]
XLMR = ["<s>", "<pad>", "</s>", "<unk>"]
CAMEMBERT = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>"]
LOWER = [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]
STRIPS = {"lstrip": True}
TOKENIZERS = {
    "bert": word_piece(BERT, True, BERT_POST),
    "bert-cased": word_piece(BERT, False, BERT_POST),
    "bert-bare": word_piece(BERT, True, None),
    "mpnet": word_piece(MPNET, True, template(("<s>", 0), ("</s>", 2), True, 1), STRIPS, strip_accents=True),
    "mpnet-plain": word_piece(MPNET, True, template(("<s>", 0), ("</s>", 2), True, 0)),
    "xlm-roberta": unigram(XLMR, "<unk>", template(("<s>", 0), ("</s>", 2), True, 0), STRIPS, last="<mask>"),
    "xlm-roberta-normalized": unigram(XLMR, "<unk>", template(("<s>", 0), ("</s>", 2), True, 0), dict(STRIPS, normalized=True), last="<mask>"),
    "xlm-roberta-plain": unigram(XLMR, "<unk>", template(("<s>", 0), ("</s>", 2), True, 0), last="<mask>"),
    "camembert": unigram(CAMEMBERT, "<unk>", template(("<s>", 5), ("</s>", 6), True, 0), STRIPS, last="<mask>"),
    "albert": unigram(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], "<unk>", BERT_POST, STRIPS, LOWER),
    "albert-plain": unigram(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], "<unk>", BERT_POST, (), LOWER),
    "deberta-v2": unigram(["[PAD]", "[CLS]", "[SEP]", "[UNK]"], "[UNK]", template(("[CLS]", 1), ("[SEP]", 2), False, 1), last="[MASK]"),
}
CLASSES = {
    "BertTokenizer": ["bert", "bert-cased", "bert-bare"], "ElectraTokenizer": ["bert", "bert-cased"], "DistilBertTokenizer": ["bert", "bert-cased", "bert-bare"],
    "MPNetTokenizer": ["mpnet", "mpnet-plain"], "XLMRobertaTokenizer": ["xlm-roberta", "xlm-roberta-normalized", "xlm-roberta-plain"],
    "CamembertTokenizer": ["camembert"], "AlbertTokenizer": ["albert", "albert-plain"], "DebertaV2Tokenizer": ["deberta-v2"],
    "PreTrainedTokenizerFast": ["bert", "deberta-v2"], "RobertaTokenizer": ["xlm-roberta-plain"],
}  # fmt: skip
TYPES = {"bert": "bert", "electra": "bert", "distilbert": "bert", "mpnet": "mpnet", "xlm-roberta": "xlm-roberta-plain", "camembert": "camembert",
         "albert": "albert-plain", "deberta-v2": "deberta-v2", "modernbert": "bert", "roberta": "xlm-roberta-plain"}  # fmt: skip
KEYS = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]


def mask_of(name):
    return next(t["content"] for t in TOKENIZERS[name]["added_tokens"] if "mask" in t["content"].lower())


def systematic():
    for kind, name in TYPES.items():
        yield name, {"config": {"model_type": kind}}
        yield name, {"config": {"model_type": kind}, "tokenizer_config": {"model_max_length": 512}}
        yield name, {"config": {"model_type": kind}, "special_tokens_map": {"mask_token": mask_of(name)}}
    for kind, names in CLASSES.items():
        for name in names:
            one = lambda **given: {"tokenizer_config": dict({"tokenizer_class": kind}, **given)}
            mask = mask_of(name)
            yield name, one()
            yield name, {"tokenizer_config": {"tokenizer_class": kind.removesuffix("Fast") + "Fast"}}
            yield name, one(mask_token=mask)
            yield name, one(mask_token=dict(flags(mask, lstrip=True, normalized=True), __type="AddedToken"))
            yield name, one(mask_token="<new>")
            yield name, one(pad_token="<new>", unk_token="ab")
            yield name, one(cls_token="ab", sep_token="Dec")
            yield name, one(additional_special_tokens=["<new>"])
            yield name, one(additional_special_tokens=[])
            yield name, one(extra_special_tokens={"kind": "Dec"})
            yield name, one(model_input_names=["input_ids", "attention_mask"])
            yield name, one(model_input_names=["input_ids", "token_type_ids", "attention_mask"])
            yield name, one(add_prefix_space=True)
            yield name, one(split_special_tokens=True)
            for given in [{"do_lower_case": False}, {"do_lower_case": True}, {"strip_accents": True}, {"strip_accents": False}, {"tokenize_chinese_chars": False}]:
                yield name, one(**given)
            yield name, one(keep_accents=True, remove_space=False)
            yield name, one(split_by_punct=True)
            tokens = {str(t["id"]): flags(t["content"], **{k: t[k] for k in ("lstrip", "normalized")}) for t in TOKENIZERS[name]["added_tokens"]}
            yield name, one(added_tokens_decoder=tokens)
            yield name, one(added_tokens_decoder=tokens, mask_token=mask, pad_token=tokens["0"]["content"])
            yield name, one(added_tokens_decoder={k: dict(t, lstrip=not t["lstrip"]) for k, t in tokens.items()}, mask_token=mask)
            yield name, dict(one(), special_tokens_map={"mask_token": flags(mask, lstrip=True), "additional_special_tokens": ["Dec"]})
            yield name, dict(one(), special_tokens_map={"mask_token": mask, "pad_token": "<new>"})


def mixed(count):
    dice = random.Random(20261130)
    contents = ["Dec", "<pad>", "<s>", "</s>", "<new>", "<mask>", "[MASK]", "ab"]
    names = list(CLASSES)
    for _ in range(count):
        kind = dice.choice(names)
        name = dice.choice(CLASSES[kind])
        config = {"tokenizer_class": kind}
        for key in dice.sample(KEYS, dice.choice([0, 1, 2])):
            content = dice.choice(contents)
            given = {k: dice.random() < 0.3 for k in ("lstrip", "rstrip", "normalized", "single_word")}
            config[key] = content if dice.random() < 0.6 else dict(flags(content, **given), __type="AddedToken")
        for key, values in {"do_lower_case": [True, False], "strip_accents": [True, False, None], "model_input_names": [["input_ids"], ["input_ids", "token_type_ids"]]}.items():
            if dice.random() < 0.25:
                config[key] = dice.choice(values)
        files = {"tokenizer_config": config}
        if dice.random() < 0.3:
            files["special_tokens_map"] = {key: dice.choice(contents) for key in dice.sample(KEYS, 2)}
        yield name, files


def answers(folder, tokenizer, files):
    try:
        made = opened(folder, tokenizer, files)
        # As a batch: of one pair whose second text is empty transformers makes a text.
        pairs = [made([one], [other]) for one, other in PAIRS]
        ids = [made(text)["input_ids"] for text in TEXTS] + [row["input_ids"][0] for row in pairs]
        return ids, [row["token_type_ids"][0] if "token_type_ids" in row else None for row in pairs]
    except Exception:
        return None, None


def main(out, beside):
    folder = os.path.join(tempfile.mkdtemp(), "folder")
    if beside:
        file = json.load(open(out))
        for row in file["rows"]:
            ids, types = answers(folder, TOKENIZERS[row["tokenizer"]], row["files"])
            if [ids, types] != [row["ids"], row["types"]]:
                row["other5"] = ["types", "ids"][ids != row["ids"]]
        file["beside"] = transformers.__version__
    else:
        rows, seen = [], set()
        for name, files in list(systematic()) + list(mixed(80)):
            key = json.dumps([name, files], sort_keys=True)
            if key not in seen:
                seen.add(key)
                ids, types = answers(folder, TOKENIZERS[name], files)
                rows.append({"tokenizer": name, "files": files, "ids": ids, "types": types})
        file = {"transformers": transformers.__version__, "tokenizers": TOKENIZERS, "texts": TEXTS, "pairs": PAIRS, "rows": rows}
    line = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    body = "[\n" + ",\n".join(line(row) for row in file["rows"]) + "\n]"
    with open(out, "w") as target:
        target.write("{" + ",\n".join(f'"{key}":{body if key == "rows" else line(value)}' for key, value in file.items()) + "}\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--beside"]):
        sys.exit(__doc__)
    main(sys.argv[1], len(sys.argv) == 3)
