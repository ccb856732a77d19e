"""Checks the files of an unpacked bundle of Vitrine: digests, manifests, records, proofs, roles, dates. Standard library only.

usage: python3 verify_proofs.py [FOLDER [WORK]]

The checks of the files are in verify_files.py beside it. It checks no signature: openssl does. For that it writes into the folder
WORK, if one is given, what each signature is over, as WORK/N.content, N.signature and N.key, and the list of all,
signatures.json. Exit status 0: nothing is wrong, and all was checked; 3: nothing is wrong, something was not checked; 1:
something is wrong.
"""

import base64
import datetime
import json
import os
import sys

# Behind the standard library, so that nothing beside this file can stand for a part of that.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from verify_files import DAY, Bundle, canonical, check_digests, check_meta, check_signatures, check_timestamps, find_files
from verify_files import parse, parse_canonical, plain, sha256, time

SIGNED = {"vitrine.signature", "vitrine.waiver", "vitrine.change-decision"}
ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of a key (RFC 8410)


def pem(public):
    """An Ed25519 key as openssl reads it."""
    return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(ED25519 + public).decode()


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
    schema = record["schema"]
    is_signed = schema.split("/")[0] in SIGNED and schema != "vitrine.waiver/1"
    if not {"form", "signature", "statement"} <= set(record) or schema == "vitrine.sign-off/1":
        if is_signed:
            bundle.wrong(path + " is of a kind that a person signs, and has no statement, form or signature")
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


def check_attached(bundle):
    """Every file that the dossier lists is here with its digest, no other is, and each attachment is the record's."""
    if bundle.dossier is None:
        bundle.not_checked("the dossier is withheld")
        return 0
    listed = {"dossier/" + file["file"]: file["sha256"] for file in bundle.dossier.get("files", [])}
    for path, digest in listed.items():
        if bundle.sums.get(path) != digest:
            bundle.wrong(path + " has another digest than the dossier gives, or is missing")
        elif path in bundle.withheld:
            bundle.not_checked(path + " is withheld")
    for path in bundle.sums:
        if path.startswith("dossier/files/") and path not in listed:
            bundle.wrong(path + " is not among the files that the dossier lists")
    for item in bundle.dossier["items"]:
        for element in item["elements"]:
            for declaration in element["declarations"]:
                for name in declaration.get("files", []):
                    if "dossier/" + name not in listed:
                        bundle.wrong("a statement refers to %s, which is not listed" % name)
    attachments = bundle.dossier.get("attachments", [])
    for words in attachments:
        file = "records/attachment-%s.json" % words["record"]
        if file in bundle.withheld:
            bundle.not_checked(file + " is withheld")
            continue
        record = bundle.records.get(file, {})
        same = all(record.get(key) == words.get(key) for key in ("title", "elements", "name", "function", "date", "sha256", "supersedes"))
        if not same or bundle.sums.get(file) != words["record_sha256"] or listed.get("dossier/" + words["file"]) != words["sha256"]:
            bundle.wrong("it prints an attachment that is not the record %s with its file" % file)
    return len(listed) + len(attachments)


def check_roles(bundle):
    """Who signs holds the role in the dossier, and whoever prepared neither reviews nor approves, unless that was waived."""
    states, waived = {}, {}
    for printed in bundle.dossier["sign_off"]["waivers"] if bundle.dossier else []:
        states[printed["id"]] = printed.get("state", "in-force")
    for path, record in bundle.records.items():
        if path.startswith("records/waiver-") and states.get(record["id"], "in-force") == "in-force":
            waiver = record.get("statement")
            if waiver is None and "verify_archive.py" in bundle.sums:
                continue  # One of version 0.1.0, which nobody signed: it opens nothing.
            waiver = waiver or record
            waived.setdefault(waiver["gate"], []).extend(name for name in waiver["covers"] if name != waiver["name"])
    if bundle.dossier:
        holders = {role["role"]: [person["name"] for person in role["people"]] for role in bundle.dossier["sign_off"]["roles"]}
    else:
        bundle.not_checked("the dossier is withheld, which says who holds which role")
    for signer in bundle.signers:
        name, role = signer["Name"], signer["Role"]
        if bundle.dossier and name not in holders.get(role, []):
            bundle.wrong("%s signed as '%s', a role that the dossier does not give that person" % (name, role))
        prepared = [other["Name"] for other in bundle.signers if other["Role"] == "prepared"]
        gate = {"reviewed": "reviewer-is-preparer", "approved": "approver-is-preparer"}.get(role)
        is_old = role == "reviewed" and "verify_archive.py" not in bundle.sums
        is_hidden = any(path.startswith("records/waiver-") for path in bundle.withheld)
        if is_old or is_hidden or name in waived.get(gate, []):
            bundle.excused.add((role, name))
        if gate and name in prepared and name not in waived.get(gate, []):
            if is_old:
                print("NOTE: %s has prepared and reviewed, which version 0.1.0 did not ask about" % plain(name))
            elif is_hidden:
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
        found["excused"] = (found["role"], found.get("name")) in bundle.excused
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
    ("dossier", check_dossier), ("attached files", check_attached), ("roles", check_roles), ("dates", check_dates),
    ("META-INF", check_meta),
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
