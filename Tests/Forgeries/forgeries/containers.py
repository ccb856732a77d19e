"""Bundles as an outsider takes them apart and puts them together: ZIP bytes, manifests, signatures, proofs."""

import base64
import binascii
import hashlib
import json
import re
import struct

from .base import tool

MIMETYPE = b"application/vnd.etsi.asic-e+zip"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ZIP


def entry(name, data, **more):
    """An entry for `archive`: method, flags, extra, central_name, mode, and so on may be given."""
    return {"name": name, "data": data, **more}


def archive(entries, comment=b"", prefix=b"", suffix=b""):
    """A ZIP file with stored entries, byte for byte as wanted."""
    body, central = bytearray(prefix), bytearray()
    for item in entries:
        name = item["name"].encode()
        packed = item.get("packed", item["data"])
        method, flags = item.get("method", 0), item.get("flags", 0)
        crc = item.get("crc", binascii.crc32(item["data"]))
        sizes = (crc, len(packed), len(item["data"]))
        local_sizes = (0, 0, 0) if flags & 8 else sizes
        extra = item.get("extra", b"")
        offset = len(body)
        body += struct.pack(
            "<IHHHHHIIIHH", 0x04034B50, item.get("needs", 10), flags, method, 0, 0x21, *local_sizes, len(name), len(extra)
        )
        body += name + extra + packed
        if flags & 8:
            body += struct.pack("<IIII", 0x08074B50, *sizes)
        other = item.get("central_name", item["name"]).encode()
        mode = item.get("mode", 0o100644)
        central += struct.pack(
            "<IHHHHHHIIIHHHHHII",
            0x02014B50,
            0x033F,
            item.get("needs", 10),
            flags,
            method,
            0,
            0x21,
            *item.get("central_sizes", sizes),
            len(other),
            0,
            0,
            0,
            0,
            mode << 16,
            offset
        )
        central += other
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(central), len(body), len(comment))
    return bytes(body + central + end + comment + suffix)


# Merkle trees (RFC 6962)


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def inner(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count):
    half = 1
    while 2 * half < count:
        half *= 2
    return half


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return inner(root(leaves[:half]), root(leaves[half:]))


def proof(leaves, place):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if place < half:
        return proof(leaves[:half], place) + [root(leaves[half:])]
    return proof(leaves[half:], place - half) + [root(leaves[:half])]


class LogKey:
    """An Ed25519 key of the forger's, and signed notes (C2SP) made with it."""

    def __init__(self, folder, origin):
        self.file, self.origin = folder / "forged-log.key", origin
        tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.file)
        public = tool("openssl", "pkey", "-in", self.file, "-pubout", "-outform", "DER")[-32:]
        self.identifier = hashlib.sha256(origin.encode() + b"\n\1" + public).digest()[:4]
        self.verifier = "%s+%s+%s" % (origin, self.identifier.hex(), base64.b64encode(b"\1" + public).decode())

    def note(self, size, root_hash):
        text = "%s\n%d\n%s\n" % (self.origin, size, base64.b64encode(root_hash).decode())
        content = self.file.with_suffix(".note")
        content.write_text(text)
        signature = tool("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", content)
        return text + "\n\u2014 %s %s\n" % (self.origin, base64.b64encode(self.identifier + signature).decode())


class Bundle:
    """The files of a bundle; after an edit, `sums`, `manifests` and `sign` carry it on as far as the forger can."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, file):
        import zipfile

        with zipfile.ZipFile(file) as source:
            return cls({name: source.read(name) for name in source.namelist()})

    def names(self):
        return ["mimetype"] + sorted(name for name in self.files if name != "mimetype")

    def entries(self):
        return [entry(name, self.files[name]) for name in self.names()]

    def write(self, file):
        file.write_bytes(archive(self.entries()))
        return str(file)

    def find(self, start, end=""):
        """The one file whose name begins and ends so."""
        found = [name for name in self.names() if name.startswith(start) and name.endswith(end)]
        assert found, (start, end)
        return found[0]

    def manifest(self, role):
        return self.find("META-INF/ASiCManifest-" + role)

    def signature(self, role):
        return self.find("META-INF/signature-" + role)

    def replace(self, name, old, new):
        """Edits a file as a text editor does."""
        old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
        assert old in self.files[name], (name, old)
        self.files[name] = self.files[name].replace(old, new)

    def content(self):
        return sorted(name for name in self.files if name not in ("mimetype", "SHA256SUMS") and not name.startswith("META-INF/"))

    def sums(self, withheld=None):
        """SHA256SUMS made anew."""
        digests = {name: sha256(self.files[name]) for name in self.content()} | (withheld or {})
        self.files["SHA256SUMS"] = "".join("%s  %s\n" % (digests[name], name) for name in sorted(digests)).encode()
        return digests

    def manifests(self, withheld=None, roles=("prepared", "reviewed", "approved"), **attributes):
        """The manifests made anew, with what is in the files now."""
        digests = {**self.sums(withheld), "SHA256SUMS": sha256(self.files["SHA256SUMS"])}
        for role in roles:
            name = self.manifest(role)
            text = self.files[name].decode()
            media = dict(re.findall(r'DataObjectReference URI="([^"]*)" MimeType="([^"]*)"', text))
            head = text[: text.index("  <asic:DataObjectReference")]
            tail = text[text.index("  <asic:ASiCManifestExtensions>") :]
            for key, value in attributes.items():
                tail = re.sub(' %s="[^"]*"' % key, ' %s="%s"' % (key, value), tail)
            middle = ""
            for path in sorted(digests):
                kind = media.get(path) or {"json": "application/json", "md": "text/markdown", "html": "text/html"}.get(
                    path.split(".")[-1], "application/octet-stream"
                )
                middle += (
                    '  <asic:DataObjectReference URI="%s" MimeType="%s">\n'
                    '    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\n'
                    "    <ds:DigestValue>%s</ds:DigestValue>\n  </asic:DataObjectReference>\n"
                ) % (path, kind, base64.b64encode(bytes.fromhex(digests[path])).decode())
            self.files[name] = (head + middle + tail).encode()

    def sign(self, role, key, certificate, folder, *options):
        """Signs a manifest with openssl."""
        content, made = folder / (role + ".xml"), folder / (role + ".p7s")
        content.write_bytes(self.files[self.manifest(role)])
        options = options or ("-cades",)
        tool(
            "openssl",
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-in",
            content,
            "-signer",
            certificate,
            "-inkey",
            key,
            "-out",
            made,
            *options
        )
        self.files[self.signature(role)] = made.read_bytes()

    def sign_all(self, site, folder, roles=("prepared", "reviewed", "approved")):
        """The three persons sign what is there now: they were deceived, or are in it."""
        for name, role in (("ada", "prepared"), ("bo", "reviewed"), ("cy", "approved")):
            if role in roles:
                self.sign(role, site.key(name), site.certificate(name), folder)

    def resign(self, site, folder, withheld=None, **attributes):
        self.manifests(withheld, **attributes)
        self.sign_all(site, folder)

    def withhold(self, *names):
        """Leaves files out, as whoever hands a bundle on may do: names of files, or folders."""
        gone = [
            name for name in self.content() if any(name == part or part.endswith("/") and name.startswith(part) for part in names)
        ]
        assert gone, names
        files = [{"file": name, "sha256": sha256(self.files.pop(name))} for name in gone]
        document = {"files": files, "schema": "vitrine.withheld/1"}
        self.files["META-INF/withheld.json"] = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        return {item["file"]: item["sha256"] for item in files}

    def relog(self, folder, checkpoint=True):
        """Puts all records into a log of the forger's own, with its proofs, key and checkpoint."""
        proofs = json.loads(self.files["log/proofs.json"])
        key = LogKey(folder, proofs["heads"][0]["origin"])
        leaves = [leaf(b"{}")] + [leaf(self.files[item["file"]]) for item in proofs["entries"]]
        for place, item in enumerate(proofs["entries"], 1):
            item["position"], item["head"] = place, 0
            item["proof"] = [value.hex() for value in proof(leaves, place)]
            item["sha256"] = sha256(self.files[item["file"]])
        head = dict(proofs["heads"][0], root_sha256=root(leaves).hex(), size=len(leaves))
        proofs["heads"] = [head]
        self.files["log/checkpoint-1.txt"] = key.note(len(leaves), root(leaves)).encode()
        self.files["log/origin-1.vkey"] = (key.verifier + "\n").encode()
        if not checkpoint:
            del head["checkpoint"], self.files["log/checkpoint-1.txt"], self.files["log/origin-1.vkey"]
        self.files["log/proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
