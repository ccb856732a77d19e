"""Makes the tokenizers and goldens of this folder with Hugging Face `tokenizers`.

usage: generate.py [STORIES/tokenizer.json]

Each kind is a small tokenizer with the exact pipeline of a published family. Most are trained without the family's splitting
pattern, on strings full of boundaries, so that they have merges across every kind of boundary: a text that is cut at the
wrong place then gets other ids. README.md says what each file holds.
"""

import collections
import json
import math
import pathlib
import random
import struct
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import character_maps
import tokenizer_goldens
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, processors, trainers
from tokenizers import pre_tokenizers as pre

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
GPT4 = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

# Scalars assigned in Unicode 10 to 17 or whose class changed, ligatures, letters that fold to ASCII, unusual forms.
RARE = [0x295, 0x88F, 0x897, 0x1C89, 0x1C8A, 0x1CF2, 0x111C9, 0x166D, 0x11938, 0x32FF, 0x1E4D0, 0x10D40, 0x1ACF, 0xC5C,
        0x20C1, 0x1734, 0x1885, 0x61D, 0x890, 0x2FFC, 0xA7CB, 0x17F, 0x212A, 0xFB00, 0xFB06, 0x149, 0x1E9E, 0x130, 0x131,
        0x3A3, 0x3C2, 0x2126, 0x1F80, 0x24B6, 0x2160, 0xB2, 0xBC, 0x1D7D8, 0x200C, 0x200D, 0x1BCA0, 0x115CA, 0x378,
        0xE0001, 0x10FFFD, 0xF0000, 0x9FF0, 0x3007, 0x2B73A, 0x2B820, 0x2CEB0, 0x30000, 0xFA0E, 0x0340, 0x0344, 0x1100,
        0x1161, 0x11A8, 0xAC00, 0xD7A3, 0x0F43, 0x0958, 0x2ADC, 0x1D15E, 0x0315, 0x0334, 0x0345, 0x0327]  # fmt: skip
SPECIALS = ["<s>", "</s>", "<unk>", "<pad>", "<mask>", "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|im_start|>",
            "<|im_end|>", "<|endoftext|>", "<|padding|>", "<|startoftext|>", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]",
            "<bos>", "<eos>", "<0x0A>", "Tool", "Caf\u00e9", "\u2581x"]  # fmt: skip
PROSE = [
    "The committee shall publish its report within three months; it isn't binding, but they'll read it.",
    "Der Ausschuss veröffentlicht den Bericht innerhalb von drei Monaten – für alle übrigen gilt §12.",
    "Le comité publie son rapport à l'été 2026 ; l'œuvre n'est pas achevée.",
    "Комитет опубликует доклад в течение трёх месяцев, №5.", "Η επιτροπή δημοσιεύει την έκθεση· τέλος.",
    "委員会は三か月以内に報告書を公表する。「はい」と答えた。", "委员会将在三个月内发表报告，共１２３页。",
    "위원회는 석 달 안에 보고서를 발표한다.", "תוך שלושה חודשים הוועדה תפרסם דו״ח.", "تنشر اللجنة تقريرها خلال ثلاثة أشهر، ٢٠٢٦.",
    "समिति तीन महीने में रिपोर्ट प्रकाशित करेगी।", "คณะกรรมการจะเผยแพร่รายงานภายในสามเดือน", "Ủy ban công bố báo cáo trong ba tháng.",
    "let total = items.map { $0.price * 1.19 }.reduce(0, +)  // sum", "\tif x<=10 and y!='a':\n\t\treturn f\"{x:>10}\"\n",
    "SELECT name, COUNT(*) FROM t WHERE id>=100 GROUP BY 1;\r\n", "https://example.org/~user/page?id=42&lang=de#top",
    "I'VE SEEN IT'S BEEN DONE; WE'LL see'D he'S", "1234567890 12 345,678.90 0xDEADBEEF 3e-10 ½ ² ٣٤٥ １２３",
]  # fmt: skip


def strings():
    """The strings of ../tokenizer_goldens.py, then more: each rare scalar in context, special tokens in text, mixtures."""
    pick = random.Random(20261124)
    g = tokenizer_goldens
    yield from g.strings()
    yield from PROSE
    for scalar in RARE:
        yield f"a{chr(scalar)}b 'x{chr(scalar)}1 {chr(scalar)}{chr(scalar)} A{chr(scalar)}'{chr(scalar)}"
    yield from ["\ud68c\u11ab", "\u1112\u116c\u11ab", "\ud68c\u11ab\u11ab", "\u1112\ud68c\u116c", "\uac01\u11a8", "\uac00\u0301\u11a8"]
    for special in SPECIALS:
        yield special
        yield f"a{special}b"
        yield f"  {special}  x\n{special}\n"
        yield f"{special}{special} x {special}é {special.lower()}"
    for text in PROSE:
        words = text.split(" ")
        for _ in range(6):
            cut = pick.randrange(len(text))
            yield text[cut : cut + pick.randrange(1, 40)]
            yield pick.choice([" ", "  ", "\n", "\t", "\u00a0", "\u3000", ""]).join(pick.sample(words, len(words)))[:60]
    pools = [g.LETTERS, g.MARKS, g.NUMBERS, g.SYMBOLS, [chr(s) for s in g.SPACES], [chr(s) for s in g.NOT_SPACES], g.EMOJI,
             ["'s", "'T", "'re", "'VE", "'m", "'Ll", "'d", "'ſ"], [" ", "  ", "\n", "\r\n", "/\n"], [" The", " and", "On", "NT"],
             SPECIALS, [chr(s) for s in RARE], ["word", "Word", "WORD", "wORD"], ["123", "4567", "٣٤٥٦"]]  # fmt: skip
    weights = [6, 3, 3, 4, 2, 1, 1, 2, 6, 3, 1.5, 2, 3, 2]
    for number in range(260):
        parts = pick.choices(pools, weights, k=2 + number % 14)
        yield "".join(pick.choice(pool) for pool in parts)


# The long strings: atoms drawn by SplitMix64 (next() modulo the number of atoms) until there are 10,000 scalars or more.
LONG = [
    ["the ", "report", " is", " due", ". ", "\n", "it's ", "12", "345 ", "  "],
    [" "], [" ", " ", " ", "\n"], ["a"], ["ab", "a", "b", "nt", "on"], ["0", "1", "23"], ["漢", "字", "、", "報告"],
    ["é", "e\u0301", "\u0327", "q\u0307\u0323", "Å", " "], ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", " "],
    ["A", "B", "a", "'S", "'s", "É", "ß", "!"], ["위원회", "는 ", "한", "ㅎ", "ᄒ", "ᅡ", "ᆫ"],
    ["<s>", "<|endoftext|>", "[MASK]", " ", "x", "\u00a0", "<|im_start|>", "<mask>"],
]  # fmt: skip
MASK64 = (1 << 64) - 1


def split_mix(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK64
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        yield z ^ (z >> 31)


def long_strings():
    for seed, atoms in enumerate(LONG):
        drawn, length = [], 0
        for value in split_mix(seed):
            atom = atoms[value % len(atoms)]
            drawn.append(atom)
            length += len(atom)
            if length >= 10_000:
                break
        yield "".join(drawn)


def fnv(data):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK64
    return value


def id_hash(ids):
    return f"{fnv(struct.pack(f'<{len(ids)}I', *ids)):016x}"


# --- The kinds -------------------------------------------------------------------------------------------------------------


def special(*texts, **flags):
    return [AddedToken(text, special=True, normalized=False, **flags) for text in texts]


def bytes_trainer(size, first=()):
    return trainers.BpeTrainer(vocab_size=size, special_tokens=list(first), show_progress=False, max_token_length=8,
                               initial_alphabet=sorted(pre.ByteLevel.alphabet()))  # fmt: skip


def byte_level(corpus, size, steps, first=(), normalizer=None, post=None, **model):
    """Byte-level BPE, trained on whole strings, that cuts by `steps` when it encodes."""
    tokenizer = Tokenizer(models.BPE(**model))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.train_from_iterator(corpus, bytes_trainer(size, first))
    tokenizer.pre_tokenizer = steps
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = post or processors.ByteLevel(trim_offsets=False)
    return tokenizer


def split_bytes(*patterns):
    steps = [pre.Split(Regex(pattern), behavior="isolated") for pattern in patterns]
    return pre.Sequence([*steps, pre.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])


def gpt2(corpus, size):
    return byte_level(corpus, size, pre.ByteLevel(add_prefix_space=False), ["<|endoftext|>"])


def roberta(corpus, size):
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = byte_level(corpus, size, pre.ByteLevel(add_prefix_space=True), first)
    tokenizer.add_special_tokens(special("<mask>", lstrip=True))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def neox(corpus, size):
    steps = pre.ByteLevel(add_prefix_space=False)
    tokenizer = byte_level(corpus, size, steps, ["<|endoftext|>", "<|padding|>"], normalizers.NFC())
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)])
    return tokenizer


def llama3(corpus, size):
    tokenizer = byte_level(corpus, size, split_bytes(LLAMA3), ignore_merges=True)
    tokenizer.add_special_tokens(special("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"))
    template = processors.TemplateProcessing(
        single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|> $B:1",
        special_tokens=[("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))])  # fmt: skip
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return tokenizer


def qwen2(corpus, size):
    tokenizer = byte_level(corpus, size, split_bytes(QWEN), normalizer=normalizers.NFC())
    tokenizer.add_special_tokens(special("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    tokenizer.add_tokens([AddedToken("Tool", normalized=False)])
    return tokenizer


def gpt4(corpus, size):
    # Oniguruma reads {1,3}+ otherwise than tiktoken, so the converted files write the plain interval.
    return byte_level(corpus, size, split_bytes(GPT4.replace("{1,3}+", "{1,3}")), ["<|endoftext|>"])


def o200k(corpus, size):
    return byte_level(corpus, size, split_bytes(O200K), ["<|endoftext|>"])


def deepseek(corpus, size):
    first = ["<|endoftext|>", "<s>"]
    return byte_level(corpus, size, split_bytes(r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DEEPSEEK), first)


def clip(corpus, size):
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    cut = pre.Split(Regex(CLIP), behavior="removed", invert=True)
    tokenizer.pre_tokenizer = pre.Sequence([cut, pre.ByteLevel(add_prefix_space=False)])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])  # fmt: skip
    alphabet = sorted(pre.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size + 256, special_tokens=["<|startoftext|>", "<|endoftext|>"], show_progress=False,
                                  initial_alphabet=alphabet, end_of_word_suffix="</w>")  # fmt: skip
    tokenizer.train_from_iterator([*corpus, *(" ".join(alphabet).split(" "))], trainer)
    tokenizer.decoder = decoders.BPEDecoder(suffix="</w>")
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0))
    return tokenizer


SPACE_DECODER = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]


def pieces(corpus, size, normalizer=None, steps=None, fallback=True, fuse=True, first=("<unk>", "<s>", "</s>")):
    """SentencePiece-like BPE: characters, with the bytes as tokens for those that have none."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=fallback, fuse_unk=fuse))
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)] if fallback else []
    trainer = trainers.BpeTrainer(vocab_size=size + len(byte_tokens), special_tokens=[*first, *byte_tokens], show_progress=False,
                                  limit_alphabet=200, max_token_length=8)  # fmt: skip
    tokenizer.train_from_iterator([text.replace(" ", "▁") for text in corpus], trainer)
    # The byte tokens belong to the model only: as added tokens they would be found in text.
    file = json.loads(tokenizer.to_str())
    file["added_tokens"] = [token for token in file["added_tokens"] if token["content"] in first]
    tokenizer = Tokenizer.from_str(json.dumps(file))
    if normalizer:
        tokenizer.normalizer = normalizer
    if steps:
        tokenizer.pre_tokenizer = steps
    tokenizer.decoder = decoders.Sequence([*SPACE_DECODER, decoders.Strip(content=" ", left=1)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])  # fmt: skip
    return tokenizer


def llama2(corpus, size):
    return pieces(corpus, size, normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]))


def llama2_metaspace(corpus, size):
    return pieces(corpus, size, steps=pre.Metaspace("▁", prepend_scheme="first", split=False))


def gemma(corpus, size):
    first = ["<pad>", "<eos>", "<bos>", "<unk>", "<s>"]
    return pieces(corpus, size, normalizers.Replace(" ", "▁"), pre.Split(" ", "merged_with_previous"), first=first)


def characters(corpus, size):
    """No byte fallback: unknown characters, each by itself; Metaspace that splits; added tokens of every kind."""
    steps = pre.Sequence([pre.Metaspace("▁", prepend_scheme="always"), pre.Digits(individual_digits=True), pre.Punctuation()])
    first = ("<unk>", "<s>")
    # No accents are left for it to learn.
    tokenizer = pieces(corpus, size, normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]),
                       steps, fallback=False, fuse=False, first=first)  # fmt: skip
    tokenizer.add_tokens([
        AddedToken("Tool", single_word=True, normalized=False), AddedToken("Café", normalized=True),
        AddedToken("[MASK]", lstrip=True, rstrip=True, normalized=True), AddedToken("the", single_word=True, lstrip=True, normalized=True),
    ])  # fmt: skip
    tokenizer.add_special_tokens(special("<mask>", lstrip=True, rstrip=True))
    return tokenizer


def bert(corpus, size, lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre.BertPreTokenizer()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=size + 300, special_tokens=names, show_progress=False, limit_alphabet=400)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])  # fmt: skip
    return tokenizer


def words(corpus, size):
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre.Whitespace()
    trainer = trainers.WordLevelTrainer(vocab_size=size, special_tokens=["<unk>", "<s>"], show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def prefixed(corpus, size):
    """BPE with a prefix inside words."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", fuse_unk=True))
    tokenizer.normalizer = normalizers.NFKD()
    tokenizer.pre_tokenizer = pre.Sequence([pre.WhitespaceSplit(), pre.Digits(individual_digits=False)])
    trainer = trainers.BpeTrainer(vocab_size=size + 400, special_tokens=["<unk>"], show_progress=False, limit_alphabet=200,
                                  continuing_subword_prefix="##")  # fmt: skip
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


# --- Encoders --------------------------------------------------------------------------------------------------------------


def character_table(size):
    """What SentencePiece's rule nmt_nfkc does to some hundred characters and pairs of them: blanks, controls, compatibility forms, accents."""
    table = {chr(c): "" for c in [*range(1, 9), 0xB, *range(0xE, 0x20), 0x7F, 0x8F, 0x9F]}
    table.update({chr(c): " " for c in [9, 0xA, 0xC, 0xD, 0x1680, *range(0x200B, 0x2010), 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD]})
    table.update({base + mark: unicodedata.normalize("NFC", base + mark) for mark in "\u0301\u0308\u030a\u0327" for base in "aeiouncAO"})
    wide = [*range(0xFF01, 0xFF5F), *range(0xA0, 0xC0), *range(0x2150, 0x2190), *range(0xFB00, 0xFB07), *range(0x3371, 0x3377), *RARE]
    for scalar in map(chr, wide):
        new = unicodedata.normalize("NFKC", scalar)
        if new != scalar:
            table[scalar] = new
    return dict(list(table.items())[:size])


def added(first, last):
    """The added tokens of a vocabulary: those that begin it, and the mask that ends it."""
    token = lambda number, text, **flags: dict(id=number, content=text, single_word=False, lstrip=False, rstrip=False, normalized=False,
                                               special=True) | flags  # fmt: skip
    return [token(i, text) for i, text in enumerate(first)] + [token(number, text, lstrip=True) for text, number in last.items()]


def template(before, after, between, types=(0, 0)):
    """`[CLS] $A [SEP]` and `[CLS] $A [SEP] $B [SEP]`, with what more stands between and the types of both texts."""
    special = lambda token, kind: {"SpecialToken": {"id": token[0], "type_id": kind}}
    text = lambda name, kind: {"Sequence": {"id": name, "type_id": kind}}
    one, other = types
    single = [special(before, 0), text("A", 0), special(after, 0)]
    pair = [special(before, 0), text("A", one), special(after, 0), *(special(t, 0) for t in between), text("B", other), special(after, other)]
    known = {name: {"id": name, "ids": [number], "tokens": [name]} for name, number in (before, after)}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": known}


def file(model, normalizer, steps, post, tokens, decoder=None):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": normalizer, "pre_tokenizer": steps,
            "post_processor": post, "decoder": decoder, "model": model}  # fmt: skip


def unigram(corpus, size, first, unknown, normalizer, steps, post):
    """Unigrams whose scores are the logarithms of how often the pieces occur in the corpus, as it is after the first two steps."""
    whole = Tokenizer.from_str(json.dumps(file({"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}, normalizer, steps, None, [])))
    counts = collections.Counter()
    for text in corpus:
        for word, _ in whole.pre_tokenizer.pre_tokenize_str(whole.normalizer.normalize_str(text)):
            counts.update(word[i:j] for i in range(len(word)) for j in range(i + 1, min(len(word), i + 7) + 1))
    known = {*first, "<mask>", "[MASK]"}
    single = sorted((p for p in counts if len(p) == 1 and counts[p] > 3), key=lambda p: (-counts[p], p))[:300]
    longer = sorted((p for p in counts if len(p) > 1 and p not in known), key=lambda p: (-counts[p] * len(p), p))[: size - len(single)]
    total = sum(counts.values())
    scored = sorted([[p, math.log(counts[p] / total)] for p in single + longer], key=lambda row: (-row[1], row[0]))
    vocabulary = [[text, 0.0] for text in first] + scored + [["<mask>" if "<s>" in first else "[MASK]", 0.0]]
    return file({"type": "Unigram", "unk_id": first.index(unknown), "vocab": vocabulary}, normalizer, steps, post,
                added(first, {vocabulary[-1][0]: len(vocabulary) - 1}), METASPACE)  # fmt: skip


METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
# As it was written before 0.15.
OLD_METASPACE = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True, "str_rep": "▁"}


def replace(pattern, content):
    return {"type": "Replace", "pattern": {"Regex": pattern} if pattern[0] == " " else {"String": pattern}, "content": content}


def in_order(key, *steps):
    return {"type": "Sequence", key: list(steps)}


def xlm_roberta(corpus, size):
    table = character_maps.normalizer(character_table(size))
    post = template(("<s>", 0), ("</s>", 2), [("</s>", 2)])
    steps = in_order("pretokenizers", {"type": "WhitespaceSplit"}, OLD_METASPACE)
    return unigram(corpus, size, ["<s>", "<pad>", "</s>", "<unk>"], "<unk>", table, steps, post)


def camembert(corpus, size):
    table = character_maps.normalizer(character_table(size))
    strip = {"type": "Strip", "strip_left": False, "strip_right": True}
    post = {"type": "RobertaProcessing", "sep": ["</s>", 6], "cls": ["<s>", 5], "trim_offsets": True, "add_prefix_space": True}
    first = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>"]
    return unigram(corpus, size, first, "<unk>", in_order("normalizers", table, strip, replace(" {2,}", "▁")), METASPACE, post)


def albert(corpus, size):
    table = character_maps.normalizer(character_table(size))
    plain = [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]
    steps = in_order("normalizers", replace("``", '"'), replace("''", '"'), *plain, table, replace(" {2,}", " "))
    post = template(("[CLS]", 2), ("[SEP]", 3), [], (0, 1))
    return unigram(corpus, size, ["<pad>", "<unk>", "[CLS]", "[SEP]"], "<unk>", steps, METASPACE, post)


def deberta_v2(corpus, size):
    table = character_maps.normalizer(character_table(size))
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    steps = in_order("pretokenizers", {"type": "Punctuation", "behavior": "Isolated"}, dict(METASPACE, prepend_scheme="first"))
    post = template(("[CLS]", 1), ("[SEP]", 2), [], (0, 1))
    normal = in_order("normalizers", strip, table, replace(" {2,}", " "))
    return unigram(corpus, size, ["[PAD]", "[CLS]", "[SEP]", "[UNK]"], "[UNK]", normal, steps, post)


def word_pieces(corpus, size, first, post, **normalizer):
    trained = json.loads(bert(corpus, size, True).to_str())
    pieces = [text for text in trained["model"]["vocab"] if text not in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    model = dict(trained["model"], vocab={text: i for i, text in enumerate([*first, *pieces])})
    tokens = added(first[:-1], {first[-1]: len(first) - 1})
    return file(model, dict(trained["normalizer"], **normalizer), trained["pre_tokenizer"], post, tokens, trained["decoder"])


def mpnet(corpus, size):
    post = template(("<s>", 0), ("</s>", 2), [("</s>", 2)], (0, 1))
    return word_pieces(corpus, size, ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"], post, strip_accents=False, handle_chinese_chars=False)


def distilbert(corpus, size):
    """As the first files were written: a model without its type, BertProcessing."""
    post = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    made = word_pieces(corpus, size, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], post, lowercase=False, strip_accents=True, clean_text=False)
    del made["model"]["type"]
    return made


def modernbert(corpus, size):
    first = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    tokenizer = byte_level(corpus, size, pre.ByteLevel(add_prefix_space=False), first, normalizers.NFC())
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)])
    tokenizer.add_special_tokens(special("[MASK]", lstrip=True))
    made = json.loads(tokenizer.to_str())
    made["post_processor"] = template(("[CLS]", 1), ("[SEP]", 2), [])
    return made


ENCODERS = {"xlm-roberta": xlm_roberta, "camembert": camembert, "albert": albert, "deberta-v2": deberta_v2, "mpnet": mpnet,
            "distilbert": distilbert, "modernbert": modernbert}  # fmt: skip

KINDS = {
    "gpt2": gpt2, "roberta": roberta, "neox": neox, "llama3": llama3, "qwen2": qwen2, "gpt4": gpt4, "o200k": o200k,
    "deepseek": deepseek, "clip": clip, "llama2": llama2, "llama2-metaspace": llama2_metaspace, "gemma": gemma,
    "characters": characters, "bert-uncased": lambda corpus, size: bert(corpus, size, True),
    "bert-cased": lambda corpus, size: bert(corpus, size, False), "words": words, "prefixed": prefixed,
}  # fmt: skip

# Steps by themselves: the pieces and texts they make, as the step's JSON and one hash for all strings.
BEHAVIOURS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
PRE_TOKENIZERS = [
    *(pre.Split(pattern, behaviour, invert) for pattern in [" ", "ab", Regex(r"\s+"), Regex(r"[A-Z]|\p{N}+"), Regex(r"x*")]
      for behaviour in BEHAVIOURS for invert in [False, True]),
    *(pre.Punctuation(behaviour) for behaviour in BEHAVIOURS),
    *(pre.Split(Regex(pattern), "isolated") for pattern in [
        r"\w+", r"\W", r"\d+", r"(?<=a)b", r"(?<!\s)\p{P}", r"a(?=\p{M})", r"\bt", r"\B.", r"^.", r".$", r"\A\s", r"\S\z", r"(?>a+)b",
        r"a{2,3}?", r"(?:ab|a){2,}", r"[^\P{L}\p{Lu}]+", r"[\p{L}&&[^a-z]]+", r"(?i)the|A", r"\p{C}", r"\p{S}+|\p{M}", r"\x61|\u0062",
        r"[\w&&\P{N}]+", r"\h+", r"(?i:[k-s])+", r"\p{Zs}|\p{Cc}", r"(a|b|\s){0,5}?1", r"[-+*/]", r"\p{^L}+"]),
    pre.Whitespace(), pre.WhitespaceSplit(), pre.BertPreTokenizer(), pre.Digits(True), pre.Digits(False),
    pre.CharDelimiterSplit("a"), pre.ByteLevel(True), pre.ByteLevel(False), pre.ByteLevel(True, True, False),
    *(pre.Metaspace("▁", scheme, cut) for scheme in ["always", "first", "never"] for cut in [True, False]),
    pre.Sequence([pre.WhitespaceSplit(), pre.Metaspace("_", "first")]),
]  # fmt: skip
NORMALIZERS = [
    normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(), normalizers.Lowercase(),
    normalizers.Strip(), normalizers.Strip(left=False), normalizers.Strip(right=False), normalizers.StripAccents(),
    normalizers.Prepend("▁"), normalizers.Replace(" ", "▁"), normalizers.Replace(Regex(r"\s{2,}"), " "), normalizers.Replace("a", ""),
    normalizers.ByteLevel(), *(normalizers.BertNormalizer(a, b, c, d) for a in [True, False] for b in [True, False]
                               for c in [None, True, False] for d in [True, False]),
]  # fmt: skip


def step_json(tokenizer_key, step):
    tokenizer = Tokenizer(models.BPE())
    setattr(tokenizer, tokenizer_key, step)
    return json.loads(tokenizer.to_str())[tokenizer_key]


def steps(texts):
    rows = []
    for key, group in [("pre_tokenizer", PRE_TOKENIZERS), ("normalizer", NORMALIZERS)]:
        for step in group:
            made = bytearray()
            for text in texts:
                if key == "pre_tokenizer":
                    for piece, _ in step.pre_tokenize_str(text):
                        made += piece.encode() + b"\xff"
                else:
                    made += step.normalize_str(text).encode()
                made += b"\xfe"
            rows.append({"key": key, "step": step_json(key, step), "hash": f"{fnv(made):016x}"})
    return rows


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def save(made, path):
    if isinstance(made, dict):
        path.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")))
    else:
        made.save(str(path), pretty=False)


def golden(tokenizer, texts, longs):
    with_specials = tokenizer.encode("a")
    mask = with_specials.special_tokens_mask
    first = mask.index(0)
    last = len(mask) - mask[::-1].index(0)
    encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in longs]
    return {
        "ids": [tokenizer.encode(text, add_special_tokens=False).ids for text in texts],
        "long": [[len(ids), id_hash(ids)] for ids in encoded],
        "before": with_specials.ids[:first],
        "after": with_specials.ids[last:],
        "size": max(tokenizer.get_vocab().values()) + 1,
    }


def pairs(tokenizer, texts):
    """Of some pairs of strings, by their numbers: ids, type ids and the mask of special tokens."""
    pick = random.Random(20261130)
    rows = []
    for _ in range(24):
        one, other = pick.randrange(len(texts)), pick.randrange(len(texts))
        made = tokenizer.encode(texts[one], texts[other])
        rows.append([one, other, made.ids, made.type_ids, made.special_tokens_mask])
    return rows


def main():
    texts = list(dict.fromkeys(strings()))
    longs = list(long_strings())
    letters = tokenizer_goldens.LETTERS[:8] + tokenizer_goldens.NUMBERS[:4] + "'! \n\t"
    corpus = [text for text in texts if len(text) < 400] + [a + b for a in letters for b in letters] * 3 + PROSE * 3
    write(HERE / "strings.json", {"strings": texts, "long": LONG})
    write(HERE / "steps.json", steps(texts))
    paired = {}
    for name, make in {**KINDS, **ENCODERS}.items():
        path = HERE / name / "tokenizer.json"
        path.parent.mkdir(exist_ok=True)
        small = HERE / name / "small.json"
        # What is there stays: the package's trainers do not break every tie the same way each time.
        if not path.exists():
            save(make(corpus, 1000), path)
        tokenizer = Tokenizer.from_file(str(path))
        write(HERE / name / "golden.json", golden(tokenizer, texts, longs))
        paired[name] = pairs(tokenizer, texts)
        # A little one for the test that changes files at random.
        if not small.exists():
            save(make(PROSE[:1], 60), small)
    write(HERE / "pairs.json", paired)
    if len(sys.argv) > 1:
        tokenizer = Tokenizer.from_file(sys.argv[1])
        rows = golden(tokenizer, texts, longs)
        rows["hashes"] = [id_hash(ids) for ids in rows.pop("ids")]
        write(HERE / "stories260K.json", rows)
    print(f"{len(texts)} strings, {len(longs)} long, {len(paired)} kinds")


if __name__ == "__main__":
    main()
