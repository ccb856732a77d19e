"""Checks the files of an unpacked bundle of Vitrine: digests, manifests, records, proofs, roles, dates. Standard library only.

usage: python3 verify_proofs.py [FOLDER [WORK]]

It checks no signature: openssl does. For that it writes into the folder WORK, if one is given, what each signature is over, as
WORK/N.content, N.signature and N.key, and the list of all, signatures.json. A check is `ok`, `WRONG`, or `not checked` where a
file is withheld that it needs. Exit status 0: nothing is wrong, and all was checked; 3: nothing is wrong, something was not
checked; 1: something is wrong.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import sys

PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
MEDIA_TYPES = {
    "html": "text/html", "md": "text/markdown", "json": "application/json", "yaml": "application/yaml",
    "py": "text/x-python", "svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf",
    "crt": "application/x-pem-file", "pem": "application/x-pem-file", "txt": "text/plain", "vkey": "text/plain",
}
NEEDED = {"SHA256SUMS", "log/proofs.json", "VERIFY.md", "verify_archive.py", "verify_proofs.py", "verify_signatures.py"}
ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of a key (RFC 8410)
STAMP = "META-INF/ASiCManifest-timestamp-%d.xml"
DAY = datetime.timedelta(days=1)


class Bundle:
    """What is known of the files, and what was found."""

    def __init__(self):
        self.files, self.sums, self.withheld, self.accounted = set(), {}, {}, set()
        self.signers, self.signatures, self.records, self.heads, self.dossier = [], [], {}, [], None
        self.is_wrong, self.check, self.unchecked, self.states = False, "", {}, []

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


def pem(public):
    """An Ed25519 key as openssl reads it."""
    return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(ED25519 + public).decode()


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


# Records.


def root_of(leaf, index, size, proof):
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2); None if the proof has the wrong length."""
    if not 0 <= index < size:
        return None
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place % 2 == 1 or place == last:
            value = sha256(b"\1" + sibling + value)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            value = sha256(b"\1" + value + sibling)
        place, last = place >> 1, last >> 1
    return value if last == 0 else None


def check_records(bundle):
    """Every record against its digest, its proof and its log's root; every signature of a person in a record is noted."""
    proofs = parse_canonical(bundle.read("log/proofs.json"))
    if proofs["schema"] != "vitrine.proofs/1":
        bundle.wrong("log/proofs.json is of another format")
    bundle.heads, listed = proofs["heads"], set()
    for entry in proofs["entries"]:
        path, kind = entry["file"], entry["kind"]
        listed.add(path)
        if path != ("runs/%s.json" if kind == "run" else "records/" + kind + "-%s.json") % entry["id"]:
            bundle.wrong(path + " is called otherwise than its record")
        if bundle.sums.get(path) != entry["sha256"]:
            bundle.wrong("log/proofs.json gives another digest of " + path)
        if path in bundle.withheld:
            bundle.not_checked(path + " is withheld, so neither the record nor its proof can be")
            continue
        data = bundle.read(path)
        record = bundle.records[path] = parse_canonical(data)
        if record["id"] != entry["id"] or record["schema"].split("/")[0] != "vitrine." + kind:
            bundle.wrong(path + " is another record than log/proofs.json says")
        head = bundle.heads[int(entry["head"])]
        proof = [bytes.fromhex(value) for value in entry["proof"]]
        root = root_of(sha256(b"\0" + data), int(entry["position"]), int(head["size"]), proof)
        if root is None or root.hex() != head["root_sha256"]:
            bundle.wrong("the proof of " + path + " does not lead to the root of its log")
        check_person(bundle, path, record)
    for path in bundle.sums:
        if path.startswith(("runs/", "records/")) and path not in listed:
            bundle.wrong(path + " has no proof")
    return len(bundle.records)


def check_person(bundle, path, record):
    """A record that a person signed: what was signed is its statement, in canonical form."""
    if not {"form", "signature", "statement"} <= set(record) or record["schema"] == "vitrine.sign-off/1":
        return
    statement = record["statement"]
    run = statement.get("run")
    if run and record["schema"].startswith("vitrine.signature/"):
        if record["run"] != run or bundle.sums.get("runs/%s.json" % run) != statement["record_sha256"]:
            bundle.wrong(path + " is on another run, or on another record of the run than the one here")
    signature, key = base64.b64decode(record["signature"], validate=True), record.get("public_key")
    if base64.b64encode(signature).decode() != record["signature"]:
        bundle.wrong(path + " holds a signature that is not written as base64 is")
    if record["form"] == "ed25519":
        der = base64.b64decode("".join(line for line in key.split("\n") if not line.startswith("-----")), validate=True)
        if der[:12] != ED25519 or len(der) != 44:
            bundle.wrong(path + " holds no Ed25519 key")
        key = pem(der[12:])
    bundle.signatures.append(
        {"kind": record["form"], "file": path, "content": canonical(statement).encode(), "role": "person",
         "signature": signature, "key": key, "name": statement["name"], "date": statement["date"]})


def check_checkpoints(bundle):
    """The signed states of the logs that the proofs lead to (c2sp.org/tlog-checkpoint); openssl checks their signatures."""
    number = 0
    for head in bundle.heads:
        note, key = head.get("checkpoint"), head.get("key")
        if not note or not key:
            bundle.not_checked("no checkpoint covers the records of the log %s" % head["origin"])
            continue
        if note in bundle.withheld or key in bundle.withheld:
            bundle.not_checked("%s or %s is withheld" % (note, key))
            continue
        number += 1
        text, line = bundle.read(note).split(b"\n\n")
        origin, size, root = text.decode().split("\n")
        if (origin, size, base64.b64decode(root, validate=True).hex()) != (head["origin"], head["size"], head["root_sha256"]):
            bundle.wrong(note + " says another log, size or root")
        name, number_of_key, public = bundle.read(key).decode().removesuffix("\n").split("+", 2)
        public = base64.b64decode(public, validate=True)
        mark, signer, signature = line.decode().removesuffix("\n").split(" ")
        signature = base64.b64decode(signature, validate=True)
        identifier = sha256(name.encode() + b"\n" + public)[:4]
        if (mark, signer, name, number_of_key) != ("\u2014", origin, origin, identifier.hex()) or signature[:4] != identifier:
            bundle.wrong("%s is not signed by %s, and by nobody else" % (note, key))
        print("the log %s had %s entries; its key is %s" % tuple(plain(x) for x in (origin, size, bundle.read(key).decode().strip())))
        bundle.signatures.append(
            {"kind": "ed25519", "file": note, "content": text + b"\n", "signature": signature[4:], "key": pem(public[1:]), "role": "log"})
    return number


# What the dossier says.


def check_dossier(bundle):
    """Every run, waiver and decision that the dossier names is here, with the digest and the words that it gives."""
    path = "dossier/dossier.json"
    if path in bundle.withheld:
        bundle.not_checked(path + " is withheld")
        return 0
    dossier = bundle.dossier = parse(bundle.read(path))
    for run in dossier["runs"]:
        if bundle.sums.get("runs/%s.json" % run["id"]) != run["record_sha256"]:
            bundle.wrong("it cites run %s with another digest than the record here, or the record is missing" % run["id"])
    printed = [("waiver", waiver["id"], waiver) for waiver in dossier["sign_off"]["waivers"]]
    printed += [("change-decision", change["record"], change) for change in dossier.get("change_history", [])]
    for kind, identifier, words in printed:
        file = "records/%s-%s.json" % (kind, identifier)
        if file in bundle.withheld:
            bundle.not_checked(file + " is withheld")
        elif file not in bundle.records:
            if kind == "waiver" or "verify_archive.py" in bundle.sums:
                bundle.wrong("it prints %s, which is not here" % file)
            else:
                bundle.not_checked("version 0.1.0 did not put %s into bundles" % file)
        else:
            record = bundle.records[file]
            told = record.get("statement", record)
            if any(told[key] != value for key, value in words.items() if key in told) or "reason" not in told:
                bundle.wrong("it prints something else than " + file)
    waivers = {identifier for kind, identifier, _ in printed if kind == "waiver"}
    for file in bundle.sums:
        if file.startswith("records/waiver-") and file[len("records/waiver-") : -len(".json")] not in waivers:
            bundle.wrong("it does not print " + file)
    titles = {signer["title"] for signer in bundle.signers}
    if titles - {(dossier["system"]["name"], dossier["model"]["version"])}:
        bundle.wrong("the signatures are about another system or model version")
    return 1 + len(dossier["runs"]) + len(printed)


def check_roles(bundle):
    """Who signs holds the role in the dossier, and whoever prepared neither reviews nor approves, unless that was waived."""
    waived = []
    for path, record in bundle.records.items():
        waiver = record.get("statement", record)
        if path.startswith("records/waiver-") and "is-preparer" in waiver["gate"]:
            waived += waiver["covers"]
    if bundle.dossier:
        holders = {role["role"]: [person["name"] for person in role["people"]] for role in bundle.dossier["sign_off"]["roles"]}
    else:
        bundle.not_checked("the dossier is withheld, which says who holds which role")
    for signer in bundle.signers:
        name, role = signer["Name"], signer["Role"]
        if bundle.dossier and role in holders and name not in holders[role]:
            bundle.wrong("%s signed as '%s', a role that the dossier does not give that person" % (name, role))
        prepared = [other["Name"] for other in bundle.signers if other["Role"] == "prepared"]
        if role in ("reviewed", "approved") and name in prepared and name not in waived:
            if any(path.startswith("records/waiver-") for path in bundle.withheld):
                bundle.not_checked("%s has prepared and %s, and a waiver is withheld" % (name, role))
            else:
                bundle.wrong("%s has prepared and %s" % (name, role))
    return len(bundle.signers) if bundle.dossier else 0


def check_dates(bundle):
    """Nobody signed before what is signed was made, or after today (clocks may differ by a day)."""
    newest, now = [], datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    for path, record in bundle.records.items():
        made = record.get("ended") or record.get("date") or record.get("statement", {}).get("date")
        newest += [(time(made), path)] if made else []
    hidden = [path for path in bundle.withheld if path.startswith(("runs/", "records/"))]
    for path in hidden:
        # An identifier is a UUID of version 7: it begins with the milliseconds at which it was given (RFC 9562).
        milliseconds = int(path.removesuffix(".json")[-36:].replace("-", "")[:12], 16)
        newest.append((datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds), path))
    if hidden:
        bundle.not_checked("%d records are withheld, and with them when they were made" % len(hidden))
    for signer in bundle.signers:
        date = time(signer["Date"])
        for made, path in newest:
            if made - date > DAY:
                bundle.wrong("%s is dated before %s, which it signs" % (signer["file"], path))
        if date - now > DAY:
            bundle.wrong("%s is dated in the future" % signer["file"])
    return 0 if hidden else len(bundle.signers)


def check_meta(bundle):
    """No file in META-INF that is no signature, manifest, time-stamp or list of what is withheld."""
    meta = [path for path in sorted(bundle.files) if path.startswith("META-INF/")]
    for path in meta:
        if path not in bundle.accounted:
            bundle.wrong(path + " is here, and nothing accounts for it")
    return len(meta)


def write_signatures(bundle, work):
    """What openssl is to check."""
    listed = []
    for number, found in enumerate(bundle.signatures):
        for part in ("content", "signature", "key"):
            data = found.pop(part, None)
            if data is not None:
                with open(os.path.join(work, "%d.%s" % (number, part)), "wb") as file:
                    file.write(data if isinstance(data, bytes) else data.encode())
        date = found.get("date")
        seconds = (time(date) - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1) if date else 0
        owner = "person" if found["role"] == "person" else "other"
        listed.append("%d %s %s %d %s" % (number, found["kind"], owner, seconds, found["file"]))
        if found["kind"] not in ("cms", "ed25519", "timestamp"):
            bundle.wrong("%s is signed in the unknown form '%s'" % (found["file"], found["kind"]))
    with open(os.path.join(work, "signatures.json"), "w") as file:
        json.dump(bundle.signatures, file)
    with open(os.path.join(work, "signatures"), "w") as file:
        file.writelines(line + "\n" for line in listed)


CHECKS = [
    ("files", find_files), ("digests", check_digests), ("manifests", check_signatures),
    ("time-stamps' manifests", check_timestamps), ("records and proofs", check_records), ("checkpoints", check_checkpoints),
    ("dossier", check_dossier), ("roles", check_roles), ("dates", check_dates), ("META-INF", check_meta),
]


def main(folder=".", work=None):
    bundle = Bundle()
    work = os.path.abspath(work) if work else None
    os.chdir(folder)
    for bundle.check, function in CHECKS:
        try:
            number = function(bundle)
        except Exception as error:  # whatever a forged file leads to is an answer, never a traceback
            bundle.wrong("%s: %s" % (type(error).__name__, error))
        else:
            bundle.conclude(bundle.check, number)
    if work and not bundle.is_wrong:
        bundle.check = "signatures"
        write_signatures(bundle, work)
    return 1 if bundle.is_wrong else 3 if bundle.unchecked else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]))
    except Exception as error:
        print("WRONG: %s" % plain(repr(error)))
        sys.exit(1)
