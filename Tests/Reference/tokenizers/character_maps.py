"""Character maps of SentencePiece (`precompiled_charsmap`): a double-array trie in the form of Darts-clone, built here from a table.

A map is the trie's length in bytes, the trie as little-endian 32-bit units, and the replacements as UTF-8, each with a zero byte after it.
"""

import base64
import struct


def trie(keys):
    """The units of a trie that gives each key (bytes without zero) its value."""
    root = {}
    for key, value in keys.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = value
    units, taken, bases = {}, {0}, {0}

    def place(node, position, label):
        # The lowest base of no other node where all that follow this one find a free unit; the base itself is the leaf's.
        children = sorted(byte for byte in node if byte is not None)
        wanted = [0] + children if None in node else children
        base = 1
        while base in bases or any(base ^ byte in taken for byte in wanted):
            base += 1
        bases.add(base)
        taken.update(base ^ byte for byte in wanted)
        offset = position ^ base
        assert offset < 1 << 21
        units[position] = label | (1 << 8 if None in node else 0) | offset << 10
        if None in node:
            units[base] = node[None] | 1 << 31
        for byte in children:
            place(node[byte], base ^ byte, byte)

    place(root, 0, 0)
    # No byte leads outside.
    size = (max(max(units), max(taken)) | 255) + 1
    return [units.get(i, 0) for i in range(size)]


def precompiled(table):
    """The bytes of the map that replaces each key of the table by its value."""
    places, replacements = {}, bytearray()
    for text in table.values():
        if text not in places:
            places[text] = len(replacements)
            replacements += text.encode() + b"\0"
    units = trie({key.encode(): places[text] for key, text in table.items()})
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(replacements)


def normalizer(table):
    """The step of a tokenizer.json."""
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(precompiled(table)).decode()}
