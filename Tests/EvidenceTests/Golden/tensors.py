"""Prints a checkpoint in safetensors form and the digest of its tensors as TensorsDigest defines it.

Usage: python tensors.py > tensors.json   (standard library alone: the recipe that an auditor would write)
"""

import base64
import hashlib
import json
import struct

TENSORS = {  # in the order of the file, which is not the order of the names
    "transformer.wte.weight": ("F32", [2, 3], struct.pack("<6f", 0, -0.0, 1.5, 3.25e-7, -1e30, 2)),
    "a": ("BF16", [2], b"\x80\x3f\x00\x40"),
    "h.10.x": ("F16", [1, 1], b"\x00\x3c"),
    "h.2.x": ("F32", [], struct.pack("<f", 7)),
    "ä \"quoted\"": ("F32", [0, 4], b""),
    "B": ("F32", [1], struct.pack("<f", 7)),
}

header, data = {}, b""
for name, (kind, shape, content) in TENSORS.items():
    header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
encoded = json.dumps(header).encode()
file = struct.pack("<Q", len(encoded)) + encoded + data

entries = [
    {"name": name, "type": kind, "shape": shape, "sha256": hashlib.sha256(content).hexdigest()}
    for name, (kind, shape, content) in sorted(TENSORS.items(), key=lambda item: item[0].encode())
]
canonical = json.dumps(entries, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
start = 8 + len(encoded)
print(json.dumps({
    "file": base64.b64encode(file).decode(),
    "tensors": [
        {"name": n, "type": k, "shape": s, "begin": start + header[n]["data_offsets"][0], "end": start + header[n]["data_offsets"][1]}
        for n, (k, s, _) in TENSORS.items()
    ],
    "tensors_sha256": hashlib.sha256(canonical).hexdigest(),
}, indent=1))
