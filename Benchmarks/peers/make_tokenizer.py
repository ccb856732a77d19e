"""Writes a tokenizer.json of GPT-2's size for a model with random weights, without downloading anything.

usage: make_tokenizer.py FOLDER

A byte-level BPE tokenizer of 50,257 tokens: the 256 bytes, the merges that spell the words below (each word, with the space
before it, is one token), pairs of bytes in a fixed order to fill the vocabulary, and <|endoftext|> as the last id, as in
GPT-2. The words come first among the merges, so the filling never breaks them. The file is the same on every machine.
"""

import json
import pathlib
import sys

SIZE = 50257  # of GPT-2's vocabulary
WORDS = """When Mary and John went to the store, gave a drink After met at park handed book Alice Robert James Sophia was
were working office passed letter Then had long argument school sold ticket of in is it that for on with as by he she they
his her their not be this have from or one all would there what so up out if about who get which go me""".replace(",", "")


def byte_letters():
    """The letter that byte-level BPE writes for each byte: the printable Latin-1 bytes stand for themselves, the others
    take the letters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(0x100 + i) for i, byte in enumerate(others)}}


def vocabulary_and_merges():
    letters = byte_letters()
    alphabet = [letters[byte] for byte in sorted(letters, key=lambda byte: letters[byte])]
    tokens, merges = dict.fromkeys(alphabet), []

    def add(left, right):
        if left + right not in tokens and len(tokens) < SIZE - 1:
            tokens[left + right] = None
            merges.append([left, right])

    space = letters[ord(" ")]
    for word in WORDS.split():
        spelled = word if word in ("When", "After", "Then") else space + word
        for end in range(1, len(spelled)):
            add(spelled[:end], spelled[end])
    for left in alphabet:
        for right in alphabet:
            add(left, right)
    return {token: number for number, token in enumerate([*tokens, "<|endoftext|>"])}, merges


def tokenizer():
    vocabulary, merges = vocabulary_and_merges()
    assert len(vocabulary) == SIZE
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": SIZE - 1,
                "content": "<|endoftext|>",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
        "normalizer": None,
        "pre_tokenizer": level,
        "post_processor": None,
        "decoder": {**level, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }


if __name__ == "__main__":
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    file = pathlib.Path(sys.argv[1]) / "tokenizer.json"
    file.write_text(json.dumps(tokenizer(), ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {file.name}: {SIZE} tokens")
