"""The first half of what verify_proofs.py does: the files of an unpacked bundle, against SHA256SUMS and against each manifest.

Standard library only. A check is `ok`, `WRONG`, or `not checked` where a file is withheld that it needs.
"""

import base64
import datetime
import hashlib
import json
import os
import re

PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
MEDIA_TYPES = {
    "html": "text/html", "md": "text/markdown", "json": "application/json", "yaml": "application/yaml",
    "py": "text/x-python", "svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "csv": "text/csv", "ics": "text/calendar",
    "crt": "application/x-pem-file", "pem": "application/x-pem-file", "txt": "text/plain", "vkey": "text/plain",
}
NEEDED = {"SHA256SUMS", "log/proofs.json", "VERIFY.md"} | {
    "verify_%s.py" % name for name in ("archive", "files", "proofs", "signatures")}
STAMP = "META-INF/ASiCManifest-timestamp-%d.xml"
DAY = datetime.timedelta(days=1)


class Bundle:
    """What is known of the files, and what was found."""

    def __init__(self):
        self.files, self.sums, self.withheld, self.accounted = set(), {}, {}, set()
        self.signers, self.signatures, self.records, self.heads, self.dossier = [], [], {}, [], None
        self.is_wrong, self.check, self.unchecked, self.states, self.excused = False, "", {}, [], set()

    def wrong(self, text):
        self.is_wrong = True
        self.states.append((self.check, "WRONG"))
        print("WRONG: %s: %s" % (self.check, plain(text)))

    def not_checked(self, text):
        self.unchecked.setdefault(self.check, []).append(text)

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def conclude(self, name, number):
        """The state of a check, in one line."""
        if (name, "WRONG") in self.states:
            return
        reasons = self.unchecked.get(name, [])
        if reasons:
            print("not checked: %s: %d in order, but %s" % (name, number, plain("; ".join(reasons))))
        else:
            print("ok: %s: %d" % (name, number))


def plain(text):
    """A text that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "\\u{%X}" % ord(c) for c in str(text))


def sha256(data):
    return hashlib.sha256(data).digest()


def time(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text):
        raise ValueError("'%s' is no time" % text)
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


# JSON: no key twice, and the one form of RFC 8785 (numbers are taken as they are written).


class Number(str):
    """A number as it is written."""


def pairs(items):
    value = dict(items)
    if len(value) < len(items):
        raise ValueError("a key is given twice")
    return value


def no_constant(text):
    raise ValueError("'%s' is no JSON" % text)


def parse(data):
    return json.loads(
        data.decode(), object_pairs_hook=pairs, parse_int=Number, parse_float=Number, parse_constant=no_constant)


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(json.dumps(key, ensure_ascii=False) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def parse_canonical(data):
    value = parse(data)
    if canonical(value).encode() != data:
        raise ValueError("it is not in canonical form (RFC 8785)")
    return value


# Files.


def find_files(bundle):
    for folder, folders, names in os.walk("."):
        for name in names + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
            if os.path.islink(path) or not os.path.isfile(path):
                bundle.wrong(path + " is no plain file")
            else:
                bundle.files.add(path)
    return len(bundle.files)


def check_digests(bundle):
    """SHA256SUMS against the files, both ways, and what is said to be withheld."""
    if bundle.read("mimetype") != b"application/vnd.etsi.asic-e+zip":
        bundle.wrong("mimetype is not that of ASiC-E")
    last = ""
    for line in bundle.read("SHA256SUMS").decode("ascii").removesuffix("\n").split("\n"):
        digest, gap, path = line[:64], line[64:66], line[66:]
        if not re.fullmatch("[0-9a-f]{64}", digest) or gap != "  " or not PATH.fullmatch(path) or path <= last:
            raise ValueError("SHA256SUMS holds the line %r, or is not in order" % line)
        bundle.sums[path], last = digest, path
    if "META-INF/withheld.json" in bundle.files:
        read_withheld(bundle)
    for path, digest in bundle.sums.items():
        if path in bundle.files:
            if sha256(bundle.read(path)).hex() != digest:
                bundle.wrong(path + " is not what SHA256SUMS names")
        elif path not in bundle.withheld:
            bundle.wrong(path + " is missing, and not withheld")
    for path in sorted(bundle.files):
        if path not in bundle.sums and path not in ("mimetype", "SHA256SUMS") and not path.startswith("META-INF/"):
            bundle.wrong(path + " is here, and SHA256SUMS does not name it")
    if bundle.withheld:
        bundle.not_checked("%d files are withheld" % len(bundle.withheld))
    return len(set(bundle.sums) - set(bundle.withheld))


def read_withheld(bundle):
    value = parse_canonical(bundle.read("META-INF/withheld.json"))
    bundle.accounted.add("META-INF/withheld.json")
    paths = [file["file"] for file in value["files"]]
    if value["schema"] != "vitrine.withheld/1" or not paths or paths != sorted(set(paths)):
        bundle.wrong("META-INF/withheld.json has not the form that Vitrine writes")
    for file in value["files"]:
        path = file["file"]
        bundle.withheld[path] = file["sha256"]
        print("withheld: %s  %s" % (plain(file["sha256"]), plain(path)))
        if path in bundle.files or path in NEEDED or bundle.sums.get(path) != file["sha256"]:
            bundle.wrong(path + " is said to be withheld, and it is here, cannot be withheld or has another digest")


# Manifests.


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def unescaped(text):
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def render(signature, media_type, references, attributes):
    """The bytes of a manifest (ETSI EN 319 162-1, annex A.4) in the one form that Vitrine writes."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" '
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n  <asic:SigReference URI="%s" MimeType="%s"/>\n'
        % (escaped(signature), media_type))
    for path, kind, digest in references:
        text += (
            '  <asic:DataObjectReference URI="%s" MimeType="%s">\n    <ds:DigestMethod Algorithm='
            '"http://www.w3.org/2001/04/xmlenc#sha256"/>\n    <ds:DigestValue>%s</ds:DigestValue>\n'
            "  </asic:DataObjectReference>\n"
            % (escaped(path), kind, base64.b64encode(bytes.fromhex(digest)).decode()))
    if attributes:
        text += (
            '  <asic:ASiCManifestExtensions>\n    <asic:Extension Critical="false">\n      <vitrine:SignOff '
            'xmlns:vitrine="urn:vitrine:sign-off:1"%s/>\n    </asic:Extension>\n  </asic:ASiCManifestExtensions>\n'
            % "".join(' %s="%s"' % (name, escaped(value)) for name, value in attributes))
    return (text + "</asic:ASiCManifest>\n").encode()


def references(bundle):
    """What every manifest lists: SHA256SUMS and every file that it names."""
    digests = dict(bundle.sums, SHA256SUMS=sha256(bundle.read("SHA256SUMS")).hex())
    return [
        (path, "text/plain" if path == "SHA256SUMS" else media_type(path), digest)
        for path, digest in sorted(digests.items())]


def media_type(path):
    return MEDIA_TYPES.get(path.split(".")[-1], "application/octet-stream")


def check_signatures(bundle):
    """Each signer's manifest: exactly the one that names every file of the content, the person, the role and the date."""
    expected = references(bundle)
    paths = [path for path in sorted(bundle.files) if re.fullmatch(r"META-INF/ASiCManifest-.*\.xml", path)]
    paths = [path for path in paths if not path.startswith("META-INF/ASiCManifest-timestamp-")]
    for path in paths:
        data = bundle.read(path)
        bundle.accounted.add(path)
        found = re.search('<vitrine:SignOff xmlns:vitrine="urn:vitrine:sign-off:1"(.*)/>\n', data.decode())
        attributes = [(name, unescaped(text)) for name, text in re.findall(' ([A-Za-z]+)="([^"]*)"', found[1] if found else "")]
        label = path[len("META-INF/ASiCManifest-") : -len(".xml")]
        signature = "META-INF/signature-%s.p7s" % label
        if data != render(signature, "application/pkcs7-signature", expected, attributes):
            bundle.wrong(path + " does not name every file of the content with the digest that it has here, and nothing else")
            continue
        signer = dict(attributes)
        names = [name for name, _ in attributes if name != "ModelVersion"]
        if names != ["About", "Title", "Role", "Name", "Function", "Date"] or signer["About"] != "dossier":
            bundle.wrong(path + " says something else about who signs what")
            continue
        if not re.fullmatch(re.escape(signer["Role"]) + "-[a-z0-9-]+", label) or not re.fullmatch("[a-z0-9-]+", label):
            bundle.wrong(path + " is called otherwise than its role")
        time(signer["Date"])
        print("signed as %s by %s, %s, %s" % tuple(plain(signer[key]) for key in ("Role", "Name", "Function", "Date")))
        signer.update(file=signature, title=(signer["Title"], signer.get("ModelVersion")))
        bundle.signers.append(signer)
        if signer["title"] != bundle.signers[0]["title"]:
            bundle.wrong(path + " is about another system or model version than the others")
        give(bundle, "cms", signature, data, signer)
    if not paths:
        bundle.wrong("nobody has signed")
    return len(paths)


def give(bundle, kind, path, content, signer):
    """Notes a signature for openssl."""
    if path not in bundle.files:
        return bundle.wrong(path + " is missing")
    bundle.accounted.add(path)
    bundle.signatures.append(
        {"kind": kind, "file": path, "content": content, "signature": bundle.read(path), "role": signer.get("Role"),
         "name": signer.get("Name"), "date": signer.get("Date"), "covers": signer.get("covers")})


def check_timestamps(bundle):
    """Each time-stamp's manifest: the content, and signatures as they are here."""
    expected = references(bundle)
    number = 0
    while STAMP % (number + 1) in bundle.files:
        number += 1
        path, token = STAMP % number, "META-INF/timestamp-%d.tst" % number
        data = bundle.read(path)
        bundle.accounted.add(path)
        listed = re.findall('<asic:DataObjectReference URI="([^"]*)" MimeType="([^"]*)">', data.decode())[len(expected) :]
        seals = []
        for seal, kind in listed:
            if not seal.startswith("META-INF/") or seal not in bundle.files:
                bundle.wrong("%s lists %s, which is not here" % (path, seal))
            else:
                seals.append((seal, kind, sha256(bundle.read(seal)).hex()))
        if data != render(token, "application/vnd.etsi.timestamp-token", expected + seals, []):
            bundle.wrong(path + " is not over this content and these signatures")
        give(bundle, "timestamp", token, data, {"covers": [seal for seal, _, _ in seals]})
    return number


def check_meta(bundle):
    """No file in META-INF that is no signature, manifest, time-stamp or list of what is withheld."""
    meta = [path for path in sorted(bundle.files) if path.startswith("META-INF/")]
    for path in meta:
        if path not in bundle.accounted:
            bundle.wrong(path + " is here, and nothing accounts for it")
    return len(meta)
