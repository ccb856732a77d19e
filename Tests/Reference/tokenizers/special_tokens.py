"""What `transformers` puts around a text, by tokenizer.json, tokenizer_config.json and config.json together.

usage: special_tokens.py FILE        (AutoTokenizer needs no torch; special-tokens-4.json was made with 4.57.6, special-tokens-5.json with 5.24.0)

Each row: `post` (the post-processor of tokenizer.json), `config` (tokenizer_config.json or null), `model_type` (config.json or null),
`ids` of "ab" and `pair` of "ab" and "b" (null where transformers refuses). `tokenizers` has the four files tokenizer.json.
"""

import itertools
import json
import os
import shutil
import sys
import tempfile
import warnings

os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
warnings.filterwarnings("ignore")
import transformers
from transformers import AutoTokenizer

V = {c: i for i, c in enumerate(["<unk>", "<s>", "</s>", "<bos>", "<eos>", "<|endoftext|>", "a", "b", "Ġ", "ab"])}
SPECIALS = ["<unk>", "<s>", "</s>", "<bos>", "<eos>", "<|endoftext|>"]
CLASSES = [None, "LlamaTokenizerFast", "LlamaTokenizer", "PreTrainedTokenizerFast", "GPT2TokenizerFast", "GPT2Tokenizer", "GPTNeoXTokenizerFast",
           "GemmaTokenizerFast", "Qwen2TokenizerFast", "CodeLlamaTokenizerFast", "Qwen2Tokenizer"]  # fmt: skip


def tokenizer(post):
    added = [{"id": V[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for t in SPECIALS]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None, "pre_tokenizer": byte_level,
            "post_processor": post, "decoder": dict(byte_level, add_prefix_space=True),
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": V, "merges": [["a", "b"]]}}  # fmt: skip


def template(begin, end):
    special = {t: {"id": t, "ids": [V[t]], "tokens": [t]} for t in (begin, end) if t}
    piece = lambda t: [{"SpecialToken": {"id": t, "type_id": 0}}] if t else []
    single = piece(begin) + [{"Sequence": {"id": "A", "type_id": 0}}] + piece(end)
    return {"type": "TemplateProcessing", "single": single, "pair": single + [{"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": special}


POSTS = {"none": None, "bytelevel": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
         "bos": template("<bos>", None), "both": template("<bos>", "<eos>")}  # fmt: skip


def combinations():
    for post, name, begins, ends, bos, model in itertools.product(
        POSTS, CLASSES, [None, True, False], [None, True], [None, "<s>", {"content": "<s>"}], [None, "llama", "gpt2"]
    ):
        if (isinstance(bos, dict) or ends) and (ends and isinstance(bos, dict) or model):
            continue
        if model and name not in (None, "LlamaTokenizerFast", "PreTrainedTokenizerFast"):
            continue
        config = {}
        if name:
            config["tokenizer_class"] = name
        if begins is not None:
            config["add_bos_token"] = begins
        if ends is not None:
            config["add_eos_token"] = ends
        if bos is not None:
            flags = {"__type": "AddedToken", "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": True}
            config["bos_token"] = dict(bos, **flags) if isinstance(bos, dict) else bos
            config["eos_token"] = "</s>"
        yield post, config or None, model


def main(out):
    rows = []
    folder = tempfile.mkdtemp()
    for post, config, model in combinations():
        shutil.rmtree(folder)
        os.makedirs(folder)
        json.dump(tokenizer(POSTS[post]), open(folder + "/tokenizer.json", "w"))
        if config:
            json.dump(config, open(folder + "/tokenizer_config.json", "w"))
        if model:
            json.dump({"model_type": model}, open(folder + "/config.json", "w"))
        try:
            opened = AutoTokenizer.from_pretrained(folder)
            ids, pair = opened("ab")["input_ids"], opened("ab", "b")["input_ids"]
        except Exception:
            ids = pair = None
        rows.append({"post": post, "config": config, "model_type": model, "ids": ids, "pair": pair})
    shutil.rmtree(folder)
    body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    files = json.dumps({name: tokenizer(post) for name, post in POSTS.items()}, separators=(",", ":"))
    with open(out, "w") as file:
        file.write(f'{{"transformers": "{transformers.__version__}",\n"tokenizers": {files},\n"rows": [\n{body}\n]}}\n')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
