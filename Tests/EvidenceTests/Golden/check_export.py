"""Checks a file of `vitrine runs export` without Vitrine: Python's standard library for digests, JSON and the Merkle proofs, the
`openssl` program for signatures. An auditor may read it in five minutes and write another.

Usage: python check_export.py FILE [VERIFIER-KEY]   exit status 0 if everything holds, 1 with a reason if not
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def fail(reason: str):
    print(f"WRONG: {reason}")
    sys.exit(1)


def demand(condition: bool, reason: str):
    if not condition:
        fail(reason)


def root_from_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """RFC 6962 section 2.1.1, read backwards: at each level the sibling is on the left, on the right, or missing."""
    proof = list(proof)

    def climb(index: int, size: int) -> bytes:
        if size == 1:
            return leaf
        k = 1
        while 2 * k < size:
            k *= 2
        sibling = proof.pop()
        if index < k:
            return sha256(b"\1" + climb(index, k) + sibling)
        return sha256(b"\1" + sibling + climb(index - k, size - k))

    root = climb(index, size)
    demand(not proof, "a proof is too long")
    return root


def openssl(*arguments: str, files: dict[str, bytes]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (pathlib.Path(folder) / name).write_bytes(data)
        done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True)
        return done.returncode == 0


def ed25519(public_key_der: bytes, signature: bytes, message: bytes) -> bool:
    return openssl(
        "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "message", "-sigfile", "signature",
        files={"key": public_key_der, "signature": signature, "message": message})


def check_checkpoint(head: dict, trusted: str | None):
    text, _, signatures = head["checkpoint"].rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    demand((origin, int(size), base64.b64decode(root).hex()) == (head["origin"], head["size"], head["root_sha256"]),
           "the checkpoint signs another tree")
    demand(trusted is None or head["key"] == trusted, "the checkpoint was signed by another key than the one given")
    name, key_id, key = head["key"].split("+", 2)
    key = base64.b64decode(key)
    demand(key[0] == 1 and sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "the verifier key is malformed")
    # An Ed25519 key as SubjectPublicKeyInfo (RFC 8410) is these 12 bytes and the key.
    der = bytes.fromhex("302a300506032b6570032100") + key[1:]
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if (dash, signer, blob[:4].hex()) == ("—", name, key_id):
            demand(ed25519(der, blob[4:], text.encode()), "the signature of the checkpoint does not hold")
            return
    fail("the checkpoint is not signed by its key")


def check_signature(record: dict, run: dict):
    statement = json.dumps(record["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    demand(record["statement"]["run"] == run["id"], "a signature is on another run")
    demand(record["statement"]["record_sha256"] == run["sha256"], "a signature is on another record")
    signature = base64.b64decode(record["signature"])
    if record["form"] == "ed25519":
        lines = record["public_key"].strip().splitlines()
        demand(ed25519(base64.b64decode("".join(lines[1:-1])), signature, statement), "an Ed25519 signature does not hold")
    else:
        demand(openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "statement", "-noverify",
            files={"signature": signature, "statement": statement}), "a CMS signature does not hold")


def main(path: str, trusted: str | None):
    export = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    run = export["entries"][0]
    for head in export["heads"]:
        if "checkpoint" in head:
            check_checkpoint(head, trusted)
        else:
            print(f"not signed: the tree of {head['size']} entries of {head['origin']}")
    for entry in export["entries"]:
        document = entry["document"].encode()
        demand(sha256(document).hex() == entry["sha256"], f"the digest of {entry['id']}")
        value = json.loads(document)
        demand(value["id"] == entry["id"], f"the identifier of {entry['id']}")
        head = export["heads"][entry["head"]]
        proof = [bytes.fromhex(h) for h in entry["proof"]]
        demand(root_from_proof(sha256(b"\0" + document), entry["position"], head["size"], proof).hex() == head["root_sha256"],
               f"the proof of {entry['id']}")
        if entry["kind"] == "signature":
            check_signature(value, run)
        print(f"ok: {entry['kind']} {entry['id']}, leaf {entry['position']} of {head['size']}")


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
