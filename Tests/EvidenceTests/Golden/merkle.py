"""Prints Merkle trees with all their proofs, made straight from the definitions of RFC 6962 section 2.1 by recursion over the
leaves, for MerkleTreeTests.

Usage: python merkle.py > merkle.json   (standard library alone)
"""

import hashlib
import json


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def head(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    k = split(len(leaves))
    return sha256(b"\1" + head(leaves[:k]) + head(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return path(m, leaves[:k]) + [head(leaves[k:])]
    return path(m - k, leaves[k:]) + [head(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [head(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], whole) + [head(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [head(leaves[:k])]


SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 17]
leaves = [f"leaf {index}".encode() for index in range(max(SIZES))]
print(json.dumps([
    {
        "size": n,
        "root": head(leaves[:n]).hex(),
        "inclusion": [[h.hex() for h in path(m, leaves[:n])] for m in range(n)],
        "consistency": [[h.hex() for h in subproof(m, leaves[:n], True)] for m in range(1, n + 1)],
    }
    for n in SIZES
], indent=0))
