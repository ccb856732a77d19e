"""Waivers and decisions in a bundle: what the dossier rests on besides runs."""

import json

from .bundles import bundle_forgery
from .catalogue import Target, forgery, incomplete, passes, refused
from .containers import sha256
from .identities import giving, resigned

GROUP = "Waivers and decisions in the bundle"


@forgery(
    GROUP,
    "Nothing is forged: a bundle with a signed waiver and a signed decision.",
    verify=passes("nothing is forged", says="a trial"),
    paper=passes("nothing is forged"),
)
def honest_with_a_waiver(case):
    return Target(bundle=case.base.waived.bundle)


OWN = refused("WRONG.*(waive|prepared)")
ABOUT = refused("WRONG.*(waiver|decision|dossier|record)")


def waived(name, attack, change, verify=ABOUT, paper=ABOUT, sign=True):
    def whole(bundle, case):
        change(bundle, case)
        if sign:
            bundle.resign(case.base.waived, case.folder)

    bundle_forgery(name, attack, whole, verify, paper, GROUP, source=lambda base: base.waived)


def without(kind):
    """A record left out of files and proofs."""

    def change(bundle, case):
        proofs = json.loads(bundle.files["log/proofs.json"])
        gone = [item["file"] for item in proofs["entries"] if item["kind"] == kind]
        assert gone, kind
        for file in gone:
            del bundle.files[file]
        proofs["entries"] = [item for item in proofs["entries"] if item["kind"] != kind]
        bundle.files["log/proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    return change


def edited(kind, old, new):
    """A record edited, and digests, proofs, log and checkpoint made anew."""

    def change(bundle, case):
        proofs = json.loads(bundle.files["log/proofs.json"])
        name = next(item["file"] for item in proofs["entries"] if item["kind"] == kind)
        was = sha256(bundle.files[name])
        bundle.replace(name, old, new)
        for file in bundle.content():
            if was.encode() in bundle.files[file]:
                bundle.replace(file, was, sha256(bundle.files[name]))
        bundle.relog(case.folder)

    return change


def withheld(kind):
    def change(bundle, case):
        proofs = json.loads(bundle.files["log/proofs.json"])
        bundle.withhold(*[item["file"] for item in proofs["entries"] if item["kind"] == kind])

    return change


waived("waiver_left_out", "The waiver that the dossier prints is not in the bundle.", without("waiver"))
waived("decision_left_out", "The decision that the dossier prints is not in the bundle.", without("change-decision"))
waived(
    "waiver_reason_edited",
    "The waiver's reason is another one, and the log remade.",
    edited("waiver", "a trial", "agreed with the authority"),
)
waived("waiver_name_edited", "The waiver is another person's, and the log remade.", edited("waiver", "Cy Example", "Bo Example"))
waived(
    "decision_edited",
    "The decision's reason is another one, and the log remade.",
    edited("change-decision", "It is so.", "It is not."),
)
waived("waiver_withheld", "The waiver is withheld.", withheld("waiver"), incomplete(), incomplete(), sign=False)
waived("decision_withheld", "The decision is withheld.", withheld("change-decision"), incomplete(), incomplete(), sign=False)


def decision_turned(bundle, case):
    """dossier.json says that the decision was the other one."""
    text = bundle.files["dossier/dossier.json"].decode()
    assert '"is_substantial":false' in text
    bundle.files["dossier/dossier.json"] = text.replace('"is_substantial":false', '"is_substantial":true').encode()


waived("decision_turned_in_the_dossier", "The dossier says that the decision was the other one.", decision_turned)


def unsigned_waiver(gate, key):
    """A waiver of the old form, without a signature, made with a text editor."""

    def change(bundle, case):
        identifier = "01900000-0000-7000-8000-000000000001"
        record = {
            "covers": [key],
            "date": "2026-11-29T12:00:00.000Z",
            "function": "Head of Risk",
            "gate": gate,
            "id": identifier,
            "model_version": "1.1",
            "name": "Cy Example",
            "reason": "we are few",
            "schema": "vitrine.waiver/1",
        }
        record["date"] = json.loads(bundle.files[bundle.find("runs/")])["ended"]
        name = "records/waiver-%s.json" % identifier
        bundle.files[name] = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        proofs = json.loads(bundle.files["log/proofs.json"])
        proofs["entries"].append(dict(proofs["entries"][-1], file=name, id=identifier, kind="waiver"))
        bundle.files["log/proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        bundle.relog(case.folder)
        words = {name: value for name, value in record.items() if name not in ("schema", "model_version")}
        words.update(record_sha256=sha256(bundle.files[name]))
        text = bundle.files["dossier/dossier.json"].decode()
        assert '"waivers":[]' in text
        bundle.files["dossier/dossier.json"] = text.replace(
            '"waivers":[]', '"waivers":[%s]' % json.dumps(words, sort_keys=True, separators=(",", ":"))
        ).encode()
        resigned(approved=("ada", "Ada Example"))(bundle, case)

    return giving("approved", "Ada Example", change)


bundle_forgery(
    "unsigned_waiver_for_oneself",
    "Who prepared approves, and a waiver that nobody signed allows it.",
    unsigned_waiver("approver-is-preparer", "Ada Example"),
    OWN,
    OWN,
    GROUP,
)
