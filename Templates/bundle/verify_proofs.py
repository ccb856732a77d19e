"""Checks the files of an unpacked bundle of Vitrine: digests, manifests, records, proofs. Standard library only.

usage: python3 verify_proofs.py [FOLDER]

It does not check signatures: VERIFY.md does that with openssl. Exit status 0 if nothing is wrong, 1 otherwise.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import sys
from xml.etree import ElementTree

ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGN_OFF = "{urn:vitrine:sign-off:1}SignOff"

problems = []


def wrong(text):
    problems.append(text)
    print("WRONG: " + text)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).digest()


def present():
    """Every file below this folder, as a path with slashes."""
    found = set()
    for folder, folders, names in os.walk("."):
        for name in names + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
            if os.path.islink(path):
                wrong(path + " is a link")
            found.add(path)
    return found


def check_sums(files, withheld):
    """SHA256SUMS against the files, both ways; gives the digests by path."""
    sums = {}
    for line in read("SHA256SUMS").decode().splitlines():
        match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)", line)
        if not match or match[2] in sums:
            wrong("SHA256SUMS holds the line " + repr(line))
            continue
        sums[match[2]] = match[1]
    for path, digest in sums.items():
        if path in files:
            if sha256(read(path)).hex() != digest:
                wrong(path + " is not what SHA256SUMS names")
        elif path not in withheld:
            wrong(path + " is missing")
        elif withheld[path] != digest:
            wrong(path + " is withheld with another digest than the one signed")
    for path in sorted(files):
        if path not in sums and path not in ("mimetype", "SHA256SUMS") and not path.startswith("META-INF/"):
            wrong(path + " is here, and SHA256SUMS does not name it")
    for path in withheld:
        if path in files or path not in sums:
            wrong(path + " is said to be withheld")
    return sums


def check_manifest(path, files, sums, withheld):
    """A manifest against the files, and that it leaves out none that SHA256SUMS names."""
    root = ElementTree.fromstring(read(path))
    listed = set()
    for reference in root.iter(ASIC + "DataObjectReference"):
        uri = reference.get("URI")
        listed.add(uri)
        if reference.find(DSIG + "DigestMethod").get("Algorithm") != SHA256:
            wrong(path + " gives no SHA-256 of " + uri)
        digest = base64.b64decode(reference.find(DSIG + "DigestValue").text, validate=True)
        if uri in withheld:
            if digest.hex() != withheld[uri]:
                wrong(path + " names the withheld " + uri + " with another digest")
        elif uri not in files or sha256(read(uri)) != digest:
            wrong(path + " names " + uri + ", which is missing or has other bytes")
    for name in sorted(set(sums) | {"SHA256SUMS"}):
        if name not in listed:
            wrong(path + " does not name " + name)
    signature = root.find(ASIC + "SigReference").get("URI")
    if signature not in files:
        wrong(path + " is signed by " + signature + ", which is missing")
    return signature


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


def check_proofs(files, sums, withheld):
    """Every record against its digest, its proof and its log's checkpoint."""
    proofs = json.loads(read("log/proofs.json"))
    for entry in proofs["entries"]:
        path = entry["file"]
        if sums.get(path) != entry["sha256"]:
            wrong("log/proofs.json gives another digest of " + path)
        if path in withheld:
            print(path + " is withheld: neither the record nor its proof was checked")
            continue
        record = read(path)
        document = json.loads(record)
        if document["id"] != entry["id"] or document["schema"].split("/")[0] != "vitrine." + entry["kind"]:
            wrong(path + " is another record than log/proofs.json says")
        head = proofs["heads"][entry["head"]]
        proof = [bytes.fromhex(value) for value in entry["proof"]]
        root = root_of(sha256(b"\0" + record), entry["position"], head["size"], proof)
        if root is None or root.hex() != head["root_sha256"]:
            wrong("the proof of " + path + " does not lead to the root of its log")
    for head in proofs["heads"]:
        if "checkpoint" not in head:
            print("the log " + head["origin"] + " has no checkpoint here: its root is the bundle's word only")
            continue
        origin, size, root = read(head["checkpoint"]).decode().split("\n")[:3]
        if (origin, size, base64.b64decode(root).hex()) != (head["origin"], str(head["size"]), head["root_sha256"]):
            wrong(head["checkpoint"] + " says another log, size or root")
    recorded = {entry["file"] for entry in proofs["entries"]}
    for path in sums:
        if path.startswith(("runs/", "records/")) and path not in recorded:
            wrong(path + " has no proof")
    return len(proofs["entries"])


def check_signers(files, manifests):
    """Who signs holds the role in the dossier, and not before the newest record or after today (clocks may differ by a day)."""
    def time(text):
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")

    roles = {}
    if "dossier/dossier.json" in files:
        for role in json.loads(read("dossier/dossier.json"))["sign_off"]["roles"]:
            roles[role["role"]] = [person["name"] for person in role["people"]]
    newest = datetime.datetime.min
    for path in files:
        if path.startswith(("runs/", "records/")):
            record = json.loads(read(path))
            made = record.get("ended") or record.get("date") or record.get("statement", {}).get("date")
            newest = max(newest, time(made)) if made else newest
    day = datetime.timedelta(days=1)
    for path in manifests:
        for signer in ElementTree.fromstring(read(path)).iter(SIGN_OFF):
            name, role, date = signer.get("Name"), signer.get("Role"), time(signer.get("Date"))
            if role in roles and name not in roles[role]:
                wrong("%s: the dossier does not give %s the role '%s'" % (path, name, role))
            if newest - date > day:
                wrong("%s is dated before a record that it names" % path)
            if date - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) > day:
                wrong("%s is dated in the future" % path)


def main():
    if len(sys.argv) > 1:
        os.chdir(sys.argv[1])
    files = present()
    withheld = {}
    if "META-INF/withheld.json" in files:
        withheld = {file["file"]: file["sha256"] for file in json.loads(read("META-INF/withheld.json"))["files"]}
    if read("mimetype") != b"application/vnd.etsi.asic-e+zip":
        wrong("mimetype is not that of ASiC-E")
    sums = check_sums(files, withheld)
    manifests = sorted(path for path in files if path.startswith("META-INF/ASiCManifest") and path.endswith(".xml"))
    accounted = set(manifests) | {"META-INF/withheld.json"}
    for path in manifests:
        accounted.add(check_manifest(path, files, sums, withheld))
    if not any(path.endswith(".p7s") for path in accounted):
        wrong("there is no signature")
    for path in sorted(files):
        if path.startswith("META-INF/") and path not in accounted:
            wrong(path + " is here, and nothing accounts for it")
    records = check_proofs(files, sums, withheld)
    check_signers(files, manifests)
    if problems:
        print("%d problems" % len(problems))
        return 1
    print("%d files, %d manifests, %d records: nothing is wrong" % (len(sums) - len(withheld), len(manifests), records))
    if withheld:
        print("withheld, not checked: " + ", ".join(sorted(withheld)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
