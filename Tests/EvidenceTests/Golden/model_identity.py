"""Prints model folders and the root digest that OpenSSF model signing gives them, for ModelIdentityTests.

Usage: pip install model-signing==1.1.1; python model_identity.py [folder of shared models] > model_identity.json

With a folder, real models below it are measured too: their entries have no contents, only the digests.
"""

import base64
import json
import os
import pathlib
import sys
import tempfile

import model_signing
from model_signing._signing import signing

CASES = {
    "one file": {"config.json": b"{}"},
    "the order of components: a/b before a-b.txt": {"a/b": b"1", "a-b.txt": b"2", "a.txt": b"3", "aa": b"4"},
    "nested folders": {"x/y/z/1": b"one", "x/y/2": b"two", "x/3": b"three", "4": b"four", "x/y-2": b"five", "x/Y": b"six"},
    "empty files and an empty folder": {"empty": b"", "also/empty": b"", "full": b"\0\1\2", "void/": None},
    "hidden files count": {".hidden": b"h", ".cache/huggingface/x": b"c", "config.json": b"{}"},
    "git files at the top are left out": {
        ".git/HEAD": b"ref", ".git/objects/ab/cd": b"o", ".gitattributes": b"*", ".github/workflows/x.yml": b"w",
        ".gitignore": b"i", "config.json": b"{}"},
    "git files further down count": {"sub/.gitignore": b"i", "sub/.git/HEAD": b"h", ".gitmodules": b"m", "config.json": b"{}"},
    "a .git file is left out": {".git": b"gitdir: x", "config.json": b"{}"},
    "the signature at the top is left out": {"model.sig": b"{}", "config.json": b"{}"},
    "a signature further down counts": {"sub/model.sig": b"{}", "config.json": b"{}"},
    "names that are not ASCII": {"ä": b"1", "z": b"2", "\ufb33": b"3", "\U0001f600": b"4", "a b": b"5", "A": b"6"},
    "a file larger than the tool's read size": {"model.safetensors": bytes(range(256)) * 4097, "config.json": b"{}"},
    "only ignored files": {".gitignore": b"x"},
}


def measure(folder: pathlib.Path) -> dict:
    config = model_signing.hashing.Config().set_ignored_paths(paths=["model.sig"], ignore_git_paths=True)
    manifest = config.hash(folder)
    payload = signing.Payload(manifest)
    return {
        "root_sha256": payload.statement.pb.subject[0].digest["sha256"],
        "files": [[d.identifier, d.digest.digest_hex] for d in manifest.resource_descriptors()],
    }


def contents(data: bytes | None):
    if data is not None and len(data) > 1000:  # a pattern, not bytes
        return {"repeat": base64.b64encode(data[:256]).decode(), "times": len(data) // 256}
    return None if data is None else base64.b64encode(data).decode()


result = []
for name, files in CASES.items():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "model"
        folder.mkdir()
        for path, data in files.items():
            target = folder / path
            if data is None:
                target.mkdir(parents=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        result.append({"name": name, "contents": {p: contents(d) for p, d in files.items()}, **measure(folder)})
if len(sys.argv) > 1:
    shared = pathlib.Path(sys.argv[1])
    for config in sorted(shared.glob("**/config.json")):
        folder = config.parent
        result.append({"name": f"shared model {folder.relative_to(shared)}", "folder": str(folder.relative_to(shared)), **measure(folder)})
print(json.dumps(result, indent=1, ensure_ascii=True))
