"""Random tokenizers and strings, and what Hugging Face's `tokenizers` makes of them.

usage: random_tokenizers.py --goldens FILE [TOKENIZERS STRINGS [SEED]]     writes tokenizers, strings and ids (see README.md)
       random_tokenizers.py --check VITRINE [TOKENIZERS STRINGS [SEED]]    compares `vitrine tokens` with the package

Each tokenizer is a `tokenizer.json` that the package opens: random combinations of model, normalizer, pre-tokenizer, post-processor
and added tokens, some with keys left out or in older spellings. A string that the package or the engine refuses is counted by
the reason that is given; an unlike answer is printed and makes the exit status 1, and so do more than 5 % refusals.
"""

import collections
import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile

os.environ["RUST_BACKTRACE"] = "0"
import character_maps
from tokenizers import Tokenizer

LETTERS = "abcdehilnostABCDEIKSTÉéßſKσςΣΩωÅåñçıİǰŉﬁﬀﬆжЖдабвاب漢字あア한각ᄀ가กखी𝐀𐐀𐐨"
MARKS = "\u0301\u0300\u0327\u0308\u0323\u0f73\u0f75\u0f81\u0f71\u0345\u0338\u3099\u0ce6\u0cd5\u0dca\u20d0\U0001d165\U000e0100\u1ac0"
SPACES = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u2028", "\u2003", "\u0085", "\x0b", "\u200b", "\ufeff"]
SYMBOLS = list(".,!?;:'\"-_()[]{}#$%&*+/<=>@\\^`|~¿§°±²³¹¼½¾×÷€№™→∑■☃。、「」…—–") + ["'s", "'S", "'ll", "##", "▁", "Ġ"]
NUMBERS = list("0123456789٣५Ⅷ①½²") + ["123", "45"]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧", "🇩🇪", "☎️", "🏳️‍🌈"]
CONTROLS = ["\x00", "\x01", "\x1f", "\x7f", "\x9f", "\u00ad", "\u200c", "\u200d", "\u202e", "\ufffd", "\ue000", "\ufffe"]
SPECIALS = ["<s>", "</s>", "<unk>", "[CLS]", "[SEP]", "[UNK]", "[MASK]", "<|end|>", "\n", "  ", "ab", "Tool", "é", "e\u0301", "½", "A B", "▁x"]
WORDS = ["the", "loan", "Loan", "STRASSE", "straße", "office", "oﬃce", "naïve", "don't", "x86", "Ab", "aB", "and", "on"]


def string(pick):
    """A string of 0 to 40 atoms."""
    pools = [LETTERS, MARKS, SPACES, SYMBOLS, NUMBERS, EMOJI, CONTROLS, SPECIALS, WORDS]
    if pick.random() < 0.15:
        return "".join(chr(any_scalar(pick)) for _ in range(pick.randrange(1, 12)))
    weights = [6, 1.5, 5, 3, 2, 0.5, 0.4, 1.2, 4]
    if pick.random() < 0.4:
        weights = [w if pick.random() < 0.5 else 0.01 for w in weights]
    return "".join(pick.choice(pick.choices(pools, weights)[0]) for _ in range(pick.randrange(0, 40)))


def any_scalar(pick):
    while True:
        value = pick.choice([pick.randrange(0x80, 0x3000), pick.randrange(0x10000), pick.randrange(0x10000, 0x20000), pick.randrange(0x110000)])
        if not 0xD800 <= value < 0xE000:
            return value


# --- Regular expressions ---------------------------------------------------------------------------------------------------

CLASSES = ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"]
PROPERTIES = ["L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "Nl", "No", "P", "Po", "Pd", "S", "Sc", "Sm", "Z", "Zs", "C", "Cc",
              "Letter", "Alpha", "Alnum", "Punct", "Word", "Upper", "Lower", "Space", "Digit", "Alphabetic", "Uppercase_Letter", "Han", "Hiragana",
              "Katakana", "Hangul", "Latin", "Cyrillic", "Greek", "Arabic", "^L", "^Nd", "Any", "White_Space"]  # fmt: skip


def set_atom(pick, inside):
    kind = pick.randrange(8)
    if kind == 0:
        return pick.choice(["\\w", "\\d", "\\s", "\\h", "\\W", "\\D", "\\S", "\\H"])
    if kind == 1:
        return f"\\{pick.choice('pppP')}{{{pick.choice(PROPERTIES)}}}"
    if kind == 2 and inside:
        return f"[:{pick.choice(['', '', '^'])}{pick.choice(CLASSES)}:]"
    if kind == 3 and inside:
        return pick.choice(["a-z", "A-Z", "0-9", "а-я", "\\x{3040}-\\x{30ff}", "a-é", "\\u0300-\\u036f"])
    if kind == 4:
        return pick.choice(["\\n", "\\t", "\\r", "\\.", "\\-", "\\u00e9", "\\x41", "\\$"])
    return pick.choice("aeiosktABKSéßσж½²³1.,'!")


def class_text(pick, depth=0):
    items = [set_atom(pick, True) for _ in range(pick.randrange(1, 4))]
    if depth < 2 and pick.random() < 0.2:
        items.append(class_text(pick, depth + 1))
    body = "".join(items)
    if depth < 2 and pick.random() < 0.15:
        body += "&&" + class_text(pick, depth + 1)
    return f"[{pick.choice(['', '', '^'])}{body}]"


def atom(pick, depth):
    kind = pick.random()
    if kind < 0.35:
        return set_atom(pick, False)
    if kind < 0.6:
        return class_text(pick)
    if kind < 0.7:
        return pick.choice(["ab", "on", "ss", "st", "ff", "the", "'s", "a", " ", "."])
    if kind < 0.74:
        return pick.choice(["\\b", "\\B", "^", "$", "\\A", "\\z"])
    if kind < 0.76:
        return pick.choice(["\\R", "\\N", "(?m:.)"])
    if depth > 1:
        return set_atom(pick, False)
    inner = pattern(pick, depth + 1)
    if kind < 0.82:
        return pick.choice(["(?=", "(?!", "(?<=", "(?<!"]) + inner + ")"
    return pick.choice(["(", "(?:", "(?:", "(?i:", "(?>", "(?<n>"]) + inner + ")"


def pattern(pick, depth=0):
    alternatives = []
    for _ in range(pick.choice([1, 1, 2, 3])):
        parts = []
        for _ in range(pick.choice([1, 1, 2, 3])):
            part = atom(pick, depth)
            if not part.startswith(("(?=", "(?!", "(?<=", "(?<!", "\\b", "\\B", "^", "$", "\\A", "\\z")) and pick.random() < 0.45:
                part = part if len(part) == 1 or part[0] in "[(\\" else f"(?:{part})"
                part += pick.choice(["?", "+", "*", "+?", "*?", "++", "?+", "{2}", "{1,3}", "{2,}", "{,2}", "{1,2}?"])
            parts.append(part)
        alternatives.append("".join(parts))
    return ("(?i)" if depth == 0 and pick.random() < 0.15 else "") + "|".join(alternatives)


def split_pattern(pick):
    if pick.random() < 0.25:
        return {"String": pick.choice([" ", "a", "\n", "ab", "▁", "'", "é", "."])}
    if pick.random() < 0.2:
        return {"Regex": pick.choice(KNOWN)}
    return {"Regex": pattern(pick)}


KNOWN = [
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[^\w\s]", r"\w+|[^\w\s]+", r"\s+", r"\d+", r"\d{1,3}(?=(?:\d{3})*\b)", r"[[:alpha:]]+|[[:digit:]]+", r"\b", r"[\p{Han}\p{Hiragana}\p{Katakana}]+",
    r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+", r"[\p{L}&&\p{Latin}]+", r"\s?\S+",
]  # fmt: skip


# --- Parts of a tokenizer --------------------------------------------------------------------------------------------------


# Grapheme clusters of up to five bytes, which a character map may replace as wholes, and some that are one byte longer.
CLUSTERS = ["a\u0301", "e\u0301\u0323", "é\u0301", "\r\n", "a\u200d", "©\u200d", "\u0600a", "ab", "\u0301", "漢\u0301", "ก\u0e33", "가", "한", "x\u0903", "e\u0308\u0308\u0308"]
REPLACEMENTS = ["", " ", "▁", "a", "ab", "x ", " a", "é", "fi", "1⁄2", "ab\u0301c", "漢字"]


def character_map(pick):
    """A random character map: single characters, clusters, and beginnings of them."""
    pools = [LETTERS, MARKS, SPACES, SYMBOLS, NUMBERS, CONTROLS[1:], CLUSTERS, CLUSTERS, WORDS, EMOJI]
    keys = [pick.choice(pick.choice(pools)) for _ in range(pick.choice([0, 1, 5, 40]))]
    table = {key: pick.choice(REPLACEMENTS) for key in keys if "\0" not in key}
    return character_maps.normalizer(table)


def normalizer(pick, depth=0):
    kind = pick.randrange(15 if depth else 18)
    if kind >= 14:
        return {"type": "Sequence", "normalizers": [normalizer(pick, 1) for _ in range(pick.randrange(0, 4))]}
    made = [
        {"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "StripAccents"},
        {"type": "Strip", "strip_left": pick.random() < 0.5, "strip_right": pick.random() < 0.5},
        {"type": "Prepend", "prepend": pick.choice(["▁", " ", "x", "##"])},
        {"type": "Replace", "pattern": split_pattern(pick), "content": pick.choice(["", " ", "▁", "x", "ab", "é"])},
        {"type": "BertNormalizer", "clean_text": pick.random() < 0.7, "handle_chinese_chars": pick.random() < 0.7,
         "strip_accents": pick.choice([None, True, False]), "lowercase": pick.random() < 0.5},
        {"type": "Nmt"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        character_map(pick), character_map(pick),
    ][kind]  # fmt: skip
    if made["type"] in ("Strip", "Prepend", "Replace", "BertNormalizer") and made.get("strip_accents", 1) is not None and pick.random() < 0.1:
        del made["type"]
    return made


BEHAVIOURS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def pre_tokenizer(pick, depth=0):
    kind = pick.randrange(12 if depth else 16)
    if kind >= 11:
        return {"type": "Sequence", "pretokenizers": [pre_tokenizer(pick, 1) for _ in range(pick.randrange(0, 4))]}
    metaspace = {"type": "Metaspace", "replacement": pick.choice("▁▁▁_"), "prepend_scheme": pick.choice(["always", "first", "never"]),
                 "split": pick.random() < 0.6}  # fmt: skip
    if pick.random() < 0.2:
        del metaspace["split"]
    if pick.random() < 0.2:
        del metaspace["prepend_scheme"]
    if metaspace.get("prepend_scheme") == "never" and pick.random() < 0.4:
        metaspace["add_prefix_space"] = False
    elif pick.random() < 0.2:
        # As files were written before 0.15.
        metaspace.update({"add_prefix_space": True, "str_rep": metaspace["replacement"]})
    return [
        {"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {"type": "BertPreTokenizer"},
        {"type": "Punctuation", "behavior": pick.choice(BEHAVIOURS)} if pick.random() < 0.7 else {"type": "Punctuation"},
        {"type": "Digits", "individual_digits": pick.random() < 0.5}, metaspace, metaspace,
        {"type": "CharDelimiterSplit", "delimiter": pick.choice(" a-\n▁")},
        {"type": "Split", "pattern": split_pattern(pick), "behavior": pick.choice(BEHAVIOURS), "invert": pick.random() < 0.25},
        {"type": "Split", "pattern": split_pattern(pick), "behavior": pick.choice(BEHAVIOURS), "invert": pick.random() < 0.25},
        {"type": "FixedLength", "length": pick.randrange(1, 6)},
    ][kind]  # fmt: skip


BYTES = [b for b in range(256)]


def byte_alphabet():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest, table = 0, []
    for byte in range(256):
        if byte in printable:
            table.append(chr(byte))
        else:
            table.append(chr(256 + rest))
            rest += 1
    return table


def corpus_pieces(pick, strings, count):
    """Pieces of the strings, as tokens."""
    found = []
    for _ in range(count):
        text = pick.choice(strings)
        if text:
            start = pick.randrange(len(text))
            found.append(text[start : start + pick.randrange(1, 5)])
    return found


def model(pick, strings, is_bytes):
    kind = pick.choices(["BPE", "WordPiece", "WordLevel", "Unigram"], [5, 2, 2, 2])[0]
    if is_bytes:
        table = byte_alphabet()
        strings = ["".join(table[b] for b in text.encode()) for text in strings]
        alphabet = table
    else:
        alphabet = sorted({c for text in strings for c in text if pick.random() < 0.8})
    if kind == "WordLevel":
        words = dict.fromkeys(["<unk>", *alphabet, *WORDS, *corpus_pieces(pick, strings, 300)])
        made = {"type": kind, "vocab": {w: i for i, w in enumerate(words)}, "unk_token": "<unk>"}
    elif kind == "WordPiece":
        prefix = pick.choice(["##", "##", "", "@"])
        words = dict.fromkeys(["[UNK]", *alphabet, *(prefix + c for c in alphabet if pick.random() < 0.9), *WORDS])
        words.update(dict.fromkeys(pick.choice(["", prefix]) + p for p in corpus_pieces(pick, strings, 300)))
        made = {"type": kind, "unk_token": "[UNK]", "continuing_subword_prefix": prefix,
                "max_input_chars_per_word": pick.choice([100, 100, 10, 4]), "vocab": {w: i for i, w in enumerate(words)}}  # fmt: skip
    elif kind == "Unigram":
        words = dict.fromkeys(["<unk>", *(f"<0x{b:02X}>" for b in (BYTES if pick.random() < 0.4 else [])), *alphabet, *WORDS, "▁", "▁the"])
        words.update(dict.fromkeys(corpus_pieces(pick, strings, 300)))
        made = {"type": kind, "unk_id": 0, "vocab": [[w, -round(pick.uniform(0, 12), pick.choice([0, 3, 17]))] for w in words],
                "byte_fallback": pick.random() < 0.4}  # fmt: skip
    else:
        made = byte_pairs(pick, strings, alphabet, is_bytes)
    # Files of the first releases.
    if pick.random() < 0.12:
        del made["type"]
    return made


def byte_pairs(pick, strings, alphabet, is_bytes):
    prefix = pick.choice([None, None, None, "##", ""]) if not is_bytes else None
    suffix = pick.choice([None, None, None, "</w>", ""])
    words = ["<unk>"] + ([f"<0x{b:02X}>" for b in BYTES] if pick.random() < 0.5 else [])
    forms = [""]
    symbols = []
    for c in alphabet:
        symbols += [c] + ([(prefix or "") + c] if prefix else []) + ([c + suffix] if suffix else [])
        if prefix and suffix:
            symbols.append(prefix + c + suffix)
    vocab = dict.fromkeys([*words, *symbols])
    merges = []
    tokens = list(dict.fromkeys(symbols))
    text = [s for s in strings if s]
    for _ in range(pick.choice([0, 100, 400])):
        # A pair that occurs: two neighbouring characters, or a token made before and what follows it.
        source = pick.choice(text)
        start = pick.randrange(len(source))
        left, right = source[start : start + pick.randrange(1, 4)], source[start + 1 : start + pick.randrange(2, 5)]
        one = pick.choice([left, (prefix or "") + left])
        two = (prefix or "") + right + pick.choice(["", suffix or ""])
        if one not in vocab or two not in vocab:
            one, two = pick.choice(tokens), pick.choice(tokens)
        if prefix and not two.startswith(prefix):
            continue
        if suffix and one.endswith(suffix):
            continue
        whole = one + two[len(prefix or "") :]
        vocab.setdefault(whole)
        tokens.append(whole)
        merges.append((one, two))
    as_text = pick.random() < 0.4 and not any(" " in a or " " in b for a, b in merges)
    made = {"type": "BPE", "dropout": pick.choice([None, None, 0.0]), "unk_token": "<unk>" if pick.random() < 0.85 or not is_bytes else None,
            "continuing_subword_prefix": prefix, "end_of_word_suffix": suffix, "fuse_unk": pick.random() < 0.4, "byte_fallback": pick.random() < 0.4,
            "ignore_merges": pick.random() < 0.3, "vocab": {w: i for i, w in enumerate(vocab)},
            "merges": [f"{a} {b}" for a, b in merges] if as_text else [list(m) for m in merges]}  # fmt: skip
    for key in ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges"):
        if not made[key] and pick.random() < 0.2:
            del made[key]
    return made


def added_tokens(pick, model):
    vocab = model["vocab"]
    known = {w: i for i, (w, _) in enumerate(vocab)} if isinstance(vocab, list) else vocab
    size = len(vocab)
    made, taken = [], set()
    for content in pick.sample(SPECIALS, pick.randrange(0, 7)):
        number = known.get(content)
        if number is None:
            number = size + len([t for t in taken if t >= size])
        taken.add(number)
        flag = lambda share: pick.random() < share
        made.append({"id": number, "content": content, "single_word": flag(0.2), "lstrip": flag(0.3), "rstrip": flag(0.3),
                     "normalized": flag(0.5), "special": flag(0.5)})  # fmt: skip
    return made


def post_processor(pick, depth=0):
    kind = pick.randrange(6 if depth else 8)
    if kind == 0:
        return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    if kind == 1:
        made = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    elif kind == 2:
        made = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1], "trim_offsets": True, "add_prefix_space": False}
    elif kind < 6:
        special = lambda name, type_id: {"SpecialToken": {"id": name, "type_id": type_id}}
        text = lambda name, type_id: {"Sequence": {"id": name, "type_id": type_id}}
        single = [special("S", 0)] * pick.randrange(0, 2) + [text("A", pick.randrange(2))] + [special("E", pick.randrange(3))] * pick.randrange(0, 3)
        pair = pick.choice([[text("A", 0), text("B", 1)], [text("B", 1), special("E", 1), text("A", 0)], [text("A", 0), special("E", 2), special("S", 1), text("B", 3)]])
        made = {"type": "TemplateProcessing", "single": single, "pair": pair,
                "special_tokens": {"S": {"id": "S", "ids": [1], "tokens": ["S"]}, "E": {"id": "E", "ids": [2, 3][: pick.randrange(1, 3)], "tokens": ["E", "F"]}}}  # fmt: skip
        made["special_tokens"]["E"]["tokens"] = made["special_tokens"]["E"]["tokens"][: len(made["special_tokens"]["E"]["ids"])]
    else:
        # A template asks for one or two parts, and leaves more: it can only come last.
        steps = [post_processor(pick, 1) for _ in range(pick.randrange(0, 3))]
        return {"type": "Sequence", "processors": sorted(steps, key=lambda s: "single" in s)[:2]} if sum("single" in s for s in steps) < 2 else post_processor(pick, 1)
    if pick.random() < 0.15:
        del made["type"]
    return made


def tokenizer(pick, strings):
    """A random tokenizer.json, as text."""
    is_bytes = pick.random() < 0.35
    pre = pre_tokenizer(pick) if pick.random() < 0.85 else None
    if is_bytes:
        byte_step = {"type": "ByteLevel", "add_prefix_space": pick.random() < 0.3, "trim_offsets": True, "use_regex": pick.random() < 0.6}
        pre = {"type": "Sequence", "pretokenizers": [pre, byte_step]} if pre and pick.random() < 0.6 else byte_step
    sample = [pick.choice(strings) for _ in range(60)]
    made_model = model(pick, sample, is_bytes)
    made = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added_tokens(pick, made_model),
            "normalizer": normalizer(pick) if pick.random() < 0.7 else None, "pre_tokenizer": pre,
            "post_processor": post_processor(pick) if pick.random() < 0.6 else None, "decoder": None, "model": made_model}  # fmt: skip
    return json.dumps(made, ensure_ascii=pick.random() < 0.5)


def opened(text):
    """The tokenizer, None if the package does not open it or is itself in two minds about it."""
    try:
        made = Tokenizer.from_str(text)
        made.encode("a b", "c")
    except BaseException:
        return None
    found = set()
    for token in json.loads(text)["added_tokens"]:
        # Both number the added tokens by the same rule; a file that says otherwise is another matter.
        if made.token_to_id(token["content"]) != token["id"]:
            return None
        content = made.normalizer.normalize_str(token["content"]) if token["normalized"] and made.normalizer else token["content"]
        # Of two that normalize to one text, 0.23.3 takes another one each time that the file is opened (0.22.2 took the first).
        if token["normalized"] and content in found:
            return None
        if token["normalized"]:
            found.add(content)
    return made


def answers(text, texts):
    """What the package says of each text or pair, or None where it refuses (it panics over some): ids and type ids without special tokens,
    ids and type ids with them, and which of those are special."""
    made = opened(text)
    if made is None:
        return None
    rows = []
    for text in texts:
        try:
            given = (text,) if isinstance(text, str) else text
            plain, special = made.encode(*given, add_special_tokens=False), made.encode(*given)
            rows.append([plain.ids, plain.type_ids, special.ids, special.type_ids, special.special_tokens_mask])
        except BaseException:
            rows.append(None)
    return rows


def guarded(function, *arguments):
    """What a function returns in a process of its own, None if that takes more than 4 GB or a minute: the package does, over some files."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        # Panics are counted, not shown.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        signal.alarm(60)
        with os.fdopen(writer, "w") as pipe:
            json.dump(function(*arguments), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    try:
        return json.loads(data)
    except ValueError:
        return None


def campaign(seed, tokenizers, strings):
    pick = random.Random(seed)
    texts = [string(pick) for _ in range(strings)]
    pairs = [[pick.choice(texts), pick.choice(texts)] for _ in range(max(1, strings // 20))]
    made = 0
    while made < tokenizers:
        text = tokenizer(pick, texts)
        rows = guarded(answers, text, texts + pairs)
        if rows is not None:
            made += 1
            yield text, texts + pairs, rows


def check(vitrine, tokenizers, strings, seed):
    unlike, refused_files, refused_texts, total, package_refuses = 0, collections.Counter(), collections.Counter(), 0, 0
    for number, (text, texts, expected) in enumerate(campaign(seed, tokenizers, strings)):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "tokenizer.json").write_text(text, encoding="utf-8")
            run = subprocess.run([vitrine, "tokens", folder, "-", "--json"], input=json.dumps(texts), capture_output=True, text=True, timeout=600)
        if run.returncode not in (0, 65) or (run.returncode == 65 and not run.stdout):
            if run.returncode == 65:
                refused_files[f"{number}: {run.stderr.strip()[-200:]}"] += 1
            else:
                unlike += 1
                print(f"tokenizer {number}: exit {run.returncode}: {run.stderr[-400:]}")
            continue
        shown = 0
        for one, wanted, given in zip(texts, expected, json.loads(run.stdout), strict=True):
            total += 1
            if "error" in given:
                refused_texts[re.sub(r"'.*?'", "'…'", given["error"].split(": ", 1)[-1])[:110]] += 1
                continue
            if wanted is None:
                package_refuses += 1
                continue
            got = [given["special_ids"], given["type_ids"], given["special_mask"]]
            if got != wanted[2:] or given.get("ids", wanted[0]) != wanted[0]:
                unlike += 1
                shown += 1
                if shown < 3:
                    print(f"tokenizer {number}: {one!r}:\n  vitrine {[given.get('ids')] + got}\n  package {wanted}")
        if shown:
            keep = os.environ.get("KEEP_UNLIKE")
            if keep:
                pathlib.Path(keep, f"{seed}-{number}.json").write_text(text, encoding="utf-8")
            file = json.loads(text)
            file["model"] = {k: v for k, v in file["model"].items() if k not in ("vocab", "merges")}
            print(f"  {shown} unlike of {json.dumps(file, ensure_ascii=False)[:1500]}")
    if package_refuses:
        print(f"the package refuses {package_refuses} texts that the engine reads")
    for reason, count in refused_files.items():
        print(f"refused tokenizer {reason}")
    for reason, count in refused_texts.most_common():
        print(f"refused texts: {count}:{reason}")
    refused = len(refused_files)
    print(f"{tokenizers} tokenizers x {strings} strings, seed {seed}: {total} texts and pairs compared, {unlike} differences, "
          f"{refused} tokenizers refused ({100 * refused / tokenizers:.1f} %), {sum(refused_texts.values())} texts refused "
          f"({100 * sum(refused_texts.values()) / max(1, total):.2f} %)")  # fmt: skip
    return 1 if unlike or refused > 0.05 * tokenizers or sum(refused_texts.values()) > 0.05 * total else 0


def goldens(file, tokenizers, strings, seed):
    rows = []
    for text, texts, expected in campaign(seed, tokenizers, strings):
        rows.append({"tokenizer": json.loads(text), "answers": expected})
        shared = texts
    body = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    pathlib.Path(file).write_text(f'{{"texts": {json.dumps(shared)},\n"tokenizers": [\n{body}\n]}}\n', encoding="ascii")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) < 2 or arguments[0] not in ("--goldens", "--check"):
        sys.exit(__doc__)
    counts = [int(a) for a in arguments[2:]]
    tokenizers, strings, seed = (counts + [300, 300, 1][len(counts) :])[:3]
    if arguments[0] == "--goldens":
        goldens(arguments[1], tokenizers, strings, seed)
    else:
        sys.exit(check(arguments[1], tokenizers, strings, seed))
