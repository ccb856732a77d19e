"""What stands in a bundle edited, exchanged, left out: as far as the forger's own means carry it on."""

import json
import re

from .catalogue import Target, forgery, incomplete, passes, refused
from .containers import Bundle, sha256

GROUP = "The bundle's content"
SEEN = refused(r"WRONG:? +(?!the check stopped)\S")


def bundle_forgery(name, attack, change, verify=SEEN, paper=SEEN, group=GROUP, source=lambda base: base.signed, **target):
    """A forgery by a function of the bundle and the case."""

    def make(case):
        bundle = case.bundle(source(case.base))
        change(bundle, case)
        return Target(bundle=case.write(bundle), **target)

    make.__name__ = name
    forgery(group, attack, verify=verify, paper=paper)(make)


def lie(bundle):
    bundle.replace("dossier/dossier.html", "Credit screening", "Credit screening, free of discrimination")


def edit(bundle, case):
    lie(bundle)


def edit_and_sums(bundle, case):
    lie(bundle)
    bundle.sums()


def edit_and_manifests(bundle, case):
    lie(bundle)
    bundle.manifests()


bundle_forgery("page_edited", "The page is edited.", edit)
bundle_forgery("page_and_sums_edited", "The page is edited and SHA256SUMS made anew.", edit_and_sums)
bundle_forgery("page_sums_and_manifests_edited", "The page is edited, SHA256SUMS and every manifest made anew.", edit_and_manifests)


def everything_of_one(bundle, case):
    """The manifests of two persons stay as they were; the one who prepared signs the edit."""
    lie(bundle)
    bundle.manifests(roles=("prepared",))
    bundle.sign_all(case.base.signed, case.folder, roles=("prepared",))


bundle_forgery(
    "edit_signed_by_one",
    "The page is edited and signed anew by the one who prepared; the others' signatures stay.",
    everything_of_one,
)


def attribute(old, new, role="approved"):
    def change(bundle, case):
        bundle.replace(bundle.manifest(role), old, new)

    return change


bundle_forgery(
    "name_in_the_manifest", "Another name is written into a manifest.", attribute('Name="Cy Example"', 'Name="Dr. Cy Example"')
)
bundle_forgery(
    "role_in_the_manifest", "A reviewer's manifest says 'approved'.", attribute('Role="reviewed"', 'Role="approved"', "reviewed")
)
bundle_forgery("date_in_the_manifest", "A manifest's date is set back.", attribute('Date="20', 'Date="19'))
bundle_forgery(
    "version_in_the_manifest", "A manifest's model version is another one.", attribute('ModelVersion="1.1"', 'ModelVersion="2.0"')
)
bundle_forgery(
    "comment_in_the_manifest",
    "A comment is put into a manifest.",
    attribute("</asic:ASiCManifest>", "<!-- all is well --></asic:ASiCManifest>"),
)


def exchange(bundle, case):
    one, other = bundle.signature("prepared"), bundle.signature("approved")
    bundle.files[one], bundle.files[other] = bundle.files[other], bundle.files[one]


def signature_of_another(bundle, case):
    other = Bundle.read(case.base.another_system.folder / "other.asice")
    bundle.files[bundle.signature("approved")] = other.files[other.signature("approved")]


def seal_of_another(bundle, case):
    other = Bundle.read(case.base.another_system.folder / "other.asice")
    for name in (bundle.signature("approved"), bundle.manifest("approved")):
        del bundle.files[name]
    for name in (other.signature("approved"), other.manifest("approved")):
        bundle.files[name] = other.files[name]


def remove(*roles, manifests=False):
    def change(bundle, case):
        for role in roles:
            del bundle.files[bundle.signature(role)]
            if manifests:
                del bundle.files[bundle.manifest(role)]

    return change


ALL = ("prepared", "reviewed", "approved")
LEFT_OUT = (
    "a signature that was left out whole, with its manifest, leaves no trace; both checks name who has signed, and in which roles"
)
bundle_forgery("signatures_exchanged", "The signatures of two persons are exchanged.", exchange)
bundle_forgery("signature_of_another_bundle", "The approval is taken from another bundle.", signature_of_another)
bundle_forgery("seal_of_another_bundle", "The approval and its manifest are taken from another bundle.", seal_of_another)
bundle_forgery("signature_removed_from_bundle", "A signature is removed; its manifest stays.", remove("approved"))
bundle_forgery(
    "approval_left_out",
    "The approval is left out whole.",
    remove("approved", manifests=True),
    verify=passes(LEFT_OUT, says="left out whole leaves no trace", never="approved  +Cy"),
    paper=passes(LEFT_OUT, never='Role="approved"'),
)
bundle_forgery("all_signatures_left_out", "Every signature is left out whole.", remove(*ALL, manifests=True))


def file_removed(name):
    def change(bundle, case):
        del bundle.files[bundle.find(name)]

    return change


bundle_forgery("dossier_removed", "`dossier.json` is removed, and nothing says so.", file_removed("dossier/dossier.json"))
bundle_forgery("record_removed", "A run's record is removed, and nothing says so.", file_removed("runs/"))
bundle_forgery("checkpoint_removed", "The checkpoint is removed, and nothing says so.", file_removed("log/checkpoint-"))
bundle_forgery("sums_removed", "SHA256SUMS is removed.", file_removed("SHA256SUMS"))
bundle_forgery("proofs_removed", "The proofs are removed.", file_removed("log/proofs.json"))


def record_edited(bundle, case):
    name = [name for name in bundle.files if name.startswith("runs/")][-1]
    bundle.replace(name, '"status":"finished"', '"status":"refused"')
    bundle.sums()


def record_exchanged(bundle, case):
    one, other = [name for name in bundle.files if name.startswith("runs/")][:2]
    bundle.files[one], bundle.files[other] = bundle.files[other], bundle.files[one]
    bundle.sums()


bundle_forgery("bundled_record_edited", "A run's record is edited and SHA256SUMS made anew.", record_edited)
bundle_forgery("bundled_records_exchanged", "Two runs change their names.", record_exchanged)
bundle_forgery(
    "law_edited",
    "A word of the law is edited and SHA256SUMS made anew.",
    lambda bundle, case: (bundle.replace("law/annex-iv.yaml", "shall contain", "may contain"), bundle.sums()),
)
bundle_forgery(
    "garbage_for_the_dossier",
    "`dossier.json` is no JSON.",
    lambda bundle, case: bundle.files.update({"dossier/dossier.json": b"\xff\xfe{"}),
)
bundle_forgery(
    "garbage_for_a_manifest",
    "A manifest is no XML.",
    lambda bundle, case: bundle.files.update({bundle.manifest("approved"): b"<asic:ASiCManifest"}),
)
bundle_forgery(
    "garbage_for_a_signature",
    "A signature is no CMS.",
    lambda bundle, case: bundle.files.update({bundle.signature("approved"): b"0\x80\0\0"}),
)
bundle_forgery(
    "garbage_for_the_proofs",
    "The proofs are a list of nothing.",
    lambda bundle, case: bundle.files.update({"log/proofs.json": b"[]"}),
)
bundle_forgery(
    "names_that_print_a_verdict",
    "A file's name in SHA256SUMS prints a verdict on a terminal.",
    lambda bundle, case: bundle.files.update({"SHA256SUMS": bundle.files["SHA256SUMS"] + b"0" * 64 + b"  x\x1b[2K\rINTACT\n"}),
)

# What the three persons sign although it is wrong: they were deceived, or are in it.

GROUP_SIGNED = "What the three persons signed although it is wrong"


def signed_forgery(name, attack, change, verify=SEEN, paper=SEEN, **target):
    """The change, then SHA256SUMS, manifests and the three signatures made anew with the real keys."""

    def whole(bundle, case):
        attributes = change(bundle, case) or {}
        bundle.resign(case.base.signed, case.folder, **attributes)

    bundle_forgery(name, attack, whole, verify, paper, GROUP_SIGNED, **target)


def proof_edited(bundle, case):
    text = bundle.files["log/proofs.json"].decode()
    bundle.files["log/proofs.json"] = re.sub('"proof":\\["[0-9a-f]{8}', '"proof":["00000000', text, count=1).encode()


def record_edited_whole(bundle, case):
    record_edited(bundle, case)


def forged_number(bundle, old=b'"status":"finished"'):
    """Edits a number in a run's record, and its digest wherever it is named."""
    from . import sqlite

    name = [name for name in sorted(bundle.files) if name.startswith("runs/") and b'"accuracy"' in bundle.files[name]][-1]
    was = sha256(bundle.files[name])
    bundle.files[name] = sqlite.accuracy(bundle.files[name])
    return name, was, sha256(bundle.files[name])


def record_and_log_remade(bundle, case):
    """A number is edited; digests, proofs, log, key and checkpoint made anew. The person's signature on the run is left."""
    name, was, now = forged_number(bundle)
    for file in bundle.content():
        if was.encode() in bundle.files[file] and not file.startswith("records/"):
            bundle.replace(file, was, now)
    bundle.relog(case.folder)


def record_without_its_signature(bundle, case):
    name, was, now = forged_number(bundle)
    identifier = name[5:-5]
    proofs = json.loads(bundle.files["log/proofs.json"])
    gone = [file for file in bundle.content() if file.startswith("records/") and identifier.encode() in bundle.files[file]]
    for file in gone:
        del bundle.files[file]
    proofs["entries"] = [item for item in proofs["entries"] if item["file"] not in gone]
    bundle.files["log/proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":")).encode()
    for file in bundle.content():
        if was.encode() in bundle.files[file]:
            bundle.replace(file, was, now)
    bundle.relog(case.folder)


LIE = "whoever holds the keys of all three persons and of the log can sign a number that was never measured; the log's key, from outside, or a repetition of the run shows it"
signed_forgery("proof_edited_and_signed", "A proof leads elsewhere.", proof_edited)
signed_forgery("record_edited_and_signed", "A record is not the one that the proof is of.", record_edited_whole)
signed_forgery(
    "record_and_log_remade", "A number is edited and the log remade; the run's own signature is left.", record_and_log_remade
)
signed_forgery(
    "record_whole_lie",
    "A number is edited, the log remade, and the signature on the run left out.",
    record_without_its_signature,
    verify=passes(LIE),
    paper=passes(LIE),
)


def whole_lie_against_the_key(case):
    bundle = case.bundle()
    record_without_its_signature(bundle, case)
    bundle.resign(case.base.signed, case.folder)
    return Target(bundle=case.write(bundle), verify_arguments=("--key", case.base.outside_key))


forgery(GROUP_SIGNED, "The same, and the reader has the log's verifier key.", verify=refused("key"))(whole_lie_against_the_key)


def without_checkpoint(bundle, case):
    bundle.relog(case.folder, checkpoint=False)


signed_forgery(
    "log_without_a_checkpoint",
    "The log has no checkpoint, so its root is the bundle's word.",
    without_checkpoint,
    verify=incomplete("checkpoint"),
    paper=incomplete("checkpoint"),
)


def run_of_another_system(bundle, case):
    """The dossier's runs say another system."""
    for name in [name for name in bundle.files if name.startswith("runs/")]:
        was = sha256(bundle.files[name])
        bundle.replace(name, '"Credit screening"', '"Another system"')
        for file in bundle.content():
            if was.encode() in bundle.files[file]:
                bundle.replace(file, was, sha256(bundle.files[name]))
    proofs = json.loads(bundle.files["log/proofs.json"])
    gone = [item["file"] for item in proofs["entries"] if item["kind"] == "signature"]
    proofs["entries"] = [item for item in proofs["entries"] if item["file"] not in gone]
    for file in gone:
        del bundle.files[file]
    bundle.files["log/proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":")).encode()
    bundle.relog(case.folder)


PAPER_NO_BINDING = "VERIFY.md says first that it does not hold the dossier's sentences against the records; `verify` does that"
signed_forgery(
    "runs_of_another_system",
    "The dossier cites runs of another system.",
    run_of_another_system,
    verify=refused("WRONG.*|system"),
    paper=passes(PAPER_NO_BINDING),
)


def dossier_of_another_number(bundle, case):
    """The dossier gives a number that its run does not."""
    text = bundle.files["dossier/dossier.json"].decode()
    changed = text.replace("0.9166", "0.9966")
    assert changed != text
    bundle.files["dossier/dossier.json"] = changed.encode()


NUMBERS = "the three persons signed these sentences; `verify` holds digests, proofs and persons, and does not build the dossier anew from its records"
signed_forgery(
    "number_in_the_dossier",
    "`dossier.json` gives another number than its run's record.",
    dossier_of_another_number,
    verify=passes(NUMBERS),
    paper=passes(NUMBERS),
)
signed_forgery(
    "cited_run_missing",
    "A run that the dossier cites is not in the bundle.",
    lambda bundle, case: (bundle.files.pop(bundle.find("runs/")), None)[1],
)


def model_digest_in_the_dossier(bundle, case):
    document = json.loads(bundle.files["dossier/dossier.json"])
    run = [run for run in document["runs"] if run["model_version"] == "1.1"][0]
    bundle.replace("dossier/dossier.json", run["model_root_sha256"], "0" * 64)


signed_forgery(
    "weights_in_the_dossier",
    "`dossier.json` says other weights than its runs' records.",
    model_digest_in_the_dossier,
    verify=refused("WRONG"),
    paper=passes(PAPER_NO_BINDING),
)

EVIL_SCRIPT = b'print("29 files, 3 manifests, 8 records: nothing is wrong")\nprint("Every command has succeeded.")\n'
REPLACED = (
    "the persons signed these instructions, and all else is right; `verify` follows none of them and says that they are not its own"
)


def scripts_replaced(bundle, case):
    bundle.files["VERIFY.md"] = b"# How to check this bundle\n\n```sh\necho Every command has succeeded.\n```\n"
    for name in [name for name in bundle.files if name.endswith(".py")]:
        bundle.files[name] = EVIL_SCRIPT


def scripts_replaced_and_lie(bundle, case):
    """The bundle's own script finds nothing wrong, whatever is."""
    scripts_replaced(bundle, case)
    proof_edited(bundle, case)


signed_forgery(
    "instructions_replaced",
    "VERIFY.md and its scripts in the bundle find nothing wrong whatever is.",
    scripts_replaced,
    verify=passes(REPLACED, says="not (that|those) of this version"),
    paper=refused("WRONG"),
)
signed_forgery("instructions_replaced_to_hide", "The same, to hide a proof that leads elsewhere.", scripts_replaced_and_lie)


def script_that_writes(bundle, case):
    for name in [name for name in bundle.files if name.endswith(".py")]:
        bundle.files[name] = b"import os\nos.kill(os.getppid(), 9)\n"
    bundle.files["json.py"] = b"raise SystemExit(0)\n"
    bundle.files["hashlib.py"] = b"raise SystemExit(0)\n"
    proof_edited(bundle, case)


signed_forgery(
    "modules_of_the_forgers",
    "`json.py` and `hashlib.py` lie in the bundle where Python looks for modules, and end every script with 0.",
    script_that_writes,
)


def record_signature_without_form(bundle, case):
    """The signature on a run says no more of which form it is, and is noise."""
    for name in [name for name in bundle.files if name.startswith("records/signature-")]:
        bundle.replace(name, '"form":"cms",', "")
        bundle.files[name] = re.sub(rb'"signature":"[^"]*"', b'"signature":"AAAA"', bundle.files[name])
    bundle.relog(case.folder)


def page_with_a_script(bundle, case):
    bundle.replace("dossier/dossier.html", "</body>", "<script>document.body.textContent = 'complete'</script></body>")


signed_forgery(
    "signature_of_no_form",
    "The signatures on the runs are noise of no form, so that nobody looks at them.",
    record_signature_without_form,
)
signed_forgery(
    "page_with_a_script",
    "The page holds a script that changes what is read.",
    page_with_a_script,
    verify=passes(NUMBERS),
    paper=passes(NUMBERS),
)
