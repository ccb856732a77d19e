"""Makes tokenizer-goldens.json, and the tokenizer models/dense-tokenizer, with Hugging Face `tokenizers`.

usage: tokenizer_goldens.py CREDIT/tokenizer.json IOI/tokenizer.json

The two real tokenizers have some 300 merges of English words: a text that is split at the wrong place mostly gives the
same ids. So a third one, `dense`, is trained on these very strings without the splitting pattern: it has merges across every
kind of boundary (letter and digit, space and space, apostrophe and letter), and a wrong split shows in its ids. Its
file keeps merges as "a b" strings, the older of the two forms.
"""

import json
import pathlib
import random
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).resolve().parent
DENSE = HERE / "models" / "dense-tokenizer" / "tokenizer.json"
SPECIAL = "<|endoftext|>"

RECORD = (
    "Loan application: checking account overdrawn, term year, history regular, purpose television, amount middling, "
    "savings small, employment short, rate 4, applicant female, guarantor none, property car, age adult, plans none, "
    "housing own, credits 1, job skilled, foreign yes. Decision:"
)
IOI = "Then, Mary and John had a long argument at the park, and Mary sold a ring to John"

# Every White_Space scalar, and some that only look like one (zero-width, Mongolian separator, BOM, C0 separators).
SPACES = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F,
          0x3000]  # fmt: skip
NOT_SPACES = [0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x1C, 0x1D, 0x1E, 0x1F]
# Letters, marks and numbers of many kinds, all assigned before Unicode 8: Lu Ll Lt Lm Lo, Mn Mc Me, Nd Nl No.
LETTERS = "AzßÆǅʰªºħΩжשعहกㄅ한ア漢ﬁⅎ𝒜𐐷"
MARKS = "\u0301\u0308\u093e\u094d\u05b0\u064e\u20dd\u0e31\ufe0f\u0303"
NUMBERS = "0٣५๓²½Ⅷ①㊿𝟘৴"
SYMBOLS = "'’\"_-—.,:;!?…#%&@*/\\|~^`$€£+<=>(){}[]§©™°·‰\u00ad"
EMOJI = ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🧑🏿‍💻", "☃", "✈︎"]

FIXED = [
    "", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n ", "\n \n", " \t ", "a", " a", "  a", "a ", "a  ", " a ", "a b",
    "a  b", "a   b", "a\nb", "a \nb", "a\n b", "a\n\nb", "a\tb", "a \t b", "\ta", "\t\ta", " \ta", "a\r\nb", "a\u00a0b",
    "a \u00a0b", "a\u00a0 b", "a\u3000b", "hello   ", "   hello", "  hello  world  ", "x\n\n\n  y", "end.\n", "end. \n\n",
    "don't", "DON'T", "Don't", "I'll", "I'LL", "we've", "WE'VE", "you're", "he's", "it's its'", "I'm", "I'M", "they'd",
    "'tis", "'twas the 'night'", "rock'n'roll", "o'clock", "''s", "'s", " 's", "'S", "'st", "'ll'll", "'re're", "'ve", "'d",
    "don’t", "we’ve", "a's'b", "x'", "'x", "' s", "'\ns", "can't've", "1's", "1990's", "'90s", "he'd've", "'''", "'lla",
    "0", "1", "12", "123", "1234567890", "3.14159", "-1", "+1", "1,000,000", "1e-5", "0x1F", "12ab34", "a1b2c3", " 12", "12 ",
    "１２３", "٣٤٥", "½", "x²+y²", "Ⅷ", "①②③", "2nd 3rd", "v1.0", "v1.1-beta+3", "2026-11-23T00:38:00Z", "€5.00", "50%",
    "5 %", "#1", "No.1", "H2O", "CO₂",
    "def f(x):\n    return x + 1\n", "if (a != b) { return; }", "for i in 0..<10 { print(i) }", "x += 1  // why",
    "let x: [Int] = [1, 2]", "SELECT * FROM runs WHERE id = '1';", "<html><body>&amp;</body></html>", '{"a": [1, null, true]}',
    "a->b::c", "/usr/lib/x86_64-linux-gnu", "C:\\Users\\me", "https://example.org/a?b=c&d=e#f", "me@example.org",
    "snake_case_name", "camelCaseName", "SCREAMING_CASE", "kebab-case", "__init__", "a_b", "_", "__", "#!/bin/bash",
    "!", "!!", "!?", "...", "…", "…?", "—", "a—b", "a - b", "(a)", "( a )", "[a]", "{a}", '"a"', "“a”", "«a»", "a,b", "a, b",
    "a ,b", "a.b", "a. b", "A.B.C.", "e.g. this", "Mr. Smith", "C++", "C#", "F#", "&c.", "and/or", "~", "`code`", "**b**",
    "é", "e\u0301", "É", "E\u0301", "cafe\u0301", "café", "naïve", "nai\u0308ve", "Å", "A\u030a", "\u212b", "ﬁ", "ﬁn", "ß", "ẞ",
    "İ", "i\u0307", "ı", "Straße", "übergroß", "Ünïcödé", "ÀÈÌÒÙ", "ñandú", "São Paulo", "Łódź", "Dvořák", "Việt Nam",
    "\u0301", "\u0301a", " \u0301a", "a\u0301\u0302\u0303b", "a \u0301b", "\u200b", "a\u200bb", "a\u200db", "\ufeffa", "a\ufeff",
    "Привет, мир", "Ελληνικά", "Български език", "Україна", "ՀայերԷն", "ქართული", "עברית", "שָׁלוֹם", "العربية", "مَرْحَبًا",
    "السلام عليكم", "پارسی", "हिन्दी", "नमस्ते", "क्षत्रिय", "বাংলা", "தமிழ்", "తెలుగు", "ไทย", "ภาษาไทย", "ລາວ", "မြန်မာ", "ខ្មែរ",
    "中文", "简体中文", "繁體中文", "日本語", "ひらがな", "カタカナ", "ｶﾀｶﾅ", "한국어", "조선말", "한국어", "漢字かな交じり文。",
    "你好，世界！", "全角　空格", "東京都2026年", "𠮷野家", "𝒜𝓁𝓅𝒽𝒶", "𝟘𝟙𝟚", "𐐷𐐲", "ᚠᚢᚦ", "አማርኛ", "ᏣᎳᎩ", "\U0001d15e",
    "😀", "😀😀", " 😀", "a😀b", "👍🏽", "👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦 family", "🏳️‍🌈", "🇩🇪🇫🇷", "🇩", "❤️", "❤", "1️⃣", "#️⃣", "🧑🏿‍💻", "👨‍⚕️",
    "☃", "☃️", "✈︎", "™", "©", "Ⓜ", "🅰", "🀄", "←→", "∑∫√∞", "≤≥≠", "x ≤ y", "∀x∃y", "½¼¾", "°C", "µm", "Ω",
    "\x00", "a\x00b", "\x01\x02", "\x1b[31mred\x1b[0m", "\x7f", "\x08", "\x0b", "\x0c", "a\x0bb", "a\x0cb", "\x1c", "a\x1cb",
    "a\x1fb", "\u0085", "a\u0085b", "\u2028", "a\u2028b", "\u2029", "\u00ad", "co\u00adop", "\u180e", "\u2060", "\u061c",
    "\u202eabc\u202c", "\u2066a\u2069", "\ufffd", "a\ufffdb", "\ufffe", "\uffff", "\U0010ffff", "\ue000", "\U000f0000",
    SPECIAL, SPECIAL * 2, f"a{SPECIAL}", f"{SPECIAL}a", f"a{SPECIAL}b", f" {SPECIAL} ", f"a {SPECIAL} b", f"{SPECIAL}\n",
    f"{SPECIAL} Then, Mary and John", "<|endoftext", "endoftext|>", "<|endoftext|", "<<|endoftext|>>", "<|ENDOFTEXT|>",
    "<| endoftext |>", "<|endof text|>", f"don{SPECIAL}'t", f"{SPECIAL}'s", f"  {SPECIAL}  x", f"é{SPECIAL}\u0301",
    "<|endoftext|endoftext|>", "<|<|endoftext|>", f"<|endo{SPECIAL}ftext|>", "<|im_start|>",
    RECORD, RECORD + " approve", RECORD + " decline", " approve", " decline", "approve", "decline", " Approve", "APPROVE",
    " male", " female", "female", " yes", " no", " none", "checking account", "Loan application:", ". Decision:", "Decision",
    IOI, SPECIAL + IOI, " Mary", "Mary", " John", "John", "mary", " MARY", "When Mary and John went to the store, John gave a drink to",
    "The quick brown fox jumps over the lazy dog.", "THE QUICK BROWN FOX", "tHe QuIcK", "aaaaaaaaaaaaaaaa", "abababababab",
    " a a a a a", "the the the", "thethethe", "antidisestablishmentarianism", "on on  on   on", "nt ntnt n t", " ant ion",
]  # fmt: skip


def strings():
    """The fixed list, each space scalar between letters, long texts, and mixtures drawn with a fixed seed."""
    pick = random.Random(20261123)
    yield from FIXED
    for scalar in SPACES + NOT_SPACES:
        yield f"a{chr(scalar)}{chr(scalar)}b1{chr(scalar)}!{chr(scalar)}"
    for letter in LETTERS:
        yield f"{letter}1 {letter}'{letter}"
    for number in NUMBERS:
        yield f"{number}{number}a {number}!{number}"
    for mark in MARKS:
        yield f"a{mark}b {mark}1{mark}"
    yield (RECORD * 8)[:2000]
    yield ("Ärger 12 " + IOI + "… don't\n\n") * 18
    yield " " * 2000
    yield "a" * 2000
    pools = [LETTERS, MARKS, NUMBERS, SYMBOLS, [chr(s) for s in SPACES], [chr(s) for s in NOT_SPACES], EMOJI,
             ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S"], [" "], [" the", " and", "on", "nt"], [SPECIAL]]  # fmt: skip
    weights = [6, 2, 3, 4, 2, 1, 1, 2, 6, 3, 0.3]
    for number in range(150):
        parts = pick.choices(pools, weights, k=1 + number % 24)
        yield "".join(pick.choice(pool) for pool in parts)


def make_dense(texts):
    """Trains on whole strings (no splitting pattern), then splits by the pattern when encoding."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        special_tokens=[SPECIAL],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
        max_token_length=8,
    )
    boundaries = [a + b for a in LETTERS[:8] + NUMBERS[:4] + "'! \n\t" for b in LETTERS[:8] + NUMBERS[:4] + "'! \n\t"]
    tokenizer.train_from_iterator([text for text in texts if len(text) < 400] + boundaries * 3, trainer)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    model = json.loads(tokenizer.to_str())
    model["model"]["merges"] = [" ".join(pair) for pair in model["model"]["merges"]]
    DENSE.parent.mkdir(parents=True, exist_ok=True)
    DENSE.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    texts = list(dict.fromkeys(strings()))
    make_dense(texts)
    tokenizers = {
        "credit": Tokenizer.from_file(sys.argv[1]),
        "ioi": Tokenizer.from_file(sys.argv[2]),
        "dense": Tokenizer.from_file(str(DENSE)),
    }
    pick = random.Random(7)
    lines = []
    for text in texts:
        entry = {"text": text}
        for name, tokenizer in tokenizers.items():
            entry[name] = tokenizer.encode(text, add_special_tokens=False).ids
            decoded = tokenizer.decode(entry[name], skip_special_tokens=False)
            if decoded != text:
                raise SystemExit(f"{name} does not decode {text!r} to itself: {decoded!r}")
        lines.append("  " + json.dumps(entry, separators=(",", ":")))
    decodings = []
    for name, tokenizer in tokenizers.items():
        for length in range(1, 31):
            ids = [pick.randrange(1, 257 if length % 2 else tokenizer.get_vocab_size()) for _ in range(length)]
            text = tokenizer.decode(ids, skip_special_tokens=False)
            decodings.append("  " + json.dumps({"tokenizer": name, "ids": ids, "text": text}, separators=(",", ":")))
    pieces = [
        f'  "{name}": '
        + json.dumps([tokenizer.decode([i], skip_special_tokens=False) for i in range(tokenizer.get_vocab_size())])
        for name, tokenizer in tokenizers.items()
    ]
    path = HERE / "tokenizer-goldens.json"
    path.write_text(
        '{"strings": [\n' + ",\n".join(lines) + '\n],\n"decodings": [\n' + ",\n".join(decodings)
        + '\n],\n"pieces": {\n' + ",\n".join(pieces) + "\n}}\n"
    )  # fmt: skip
    print(f"wrote {path.name}: {len(texts)} strings, {len(decodings)} decodings, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
