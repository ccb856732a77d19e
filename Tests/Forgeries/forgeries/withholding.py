"""What whoever hands a bundle on leaves out, and time-stamps that are not of what they stand beside."""

import re
import shutil

from .base import PEOPLE, stamp, tool
from .bundles import bundle_forgery, lie
from .catalogue import NONE, incomplete, passes, refused
from .certificates import certificate

WITHHELD = "What is withheld"


def withheld_forgery(name, attack, names, change=None, verify=incomplete(), paper=incomplete(), arguments=()):
    """What whoever hands a bundle on leaves out, after the three persons have signed."""

    def whole(bundle, case):
        attributes = change(bundle, case) if change else None
        if attributes is not None:
            bundle.resign(case.base.signed, case.folder, **attributes)
        bundle.withhold(*names)

    bundle_forgery(name, attack, whole, verify, paper, WITHHELD, verify_arguments=arguments)


def old_date(bundle, case):
    """Signatures of the year 2020, with certificates of that time, before anything was measured."""
    bundle.manifests(Date="2020-06-01T00:00:00.000Z")
    for name, (person, role) in PEOPLE.items():
        made = certificate(case.folder, name, person, start="20200101000000Z")
        bundle.sign(role, made.key, made.file, case.folder)


def without_the_role(bundle, case):
    bundle.replace("dossier/dossier.json", '"role":"approved"', '"role":"consulted"')
    return {}


ROLES = r"ok +roles"
DATES = r"ok +dates"
withheld_forgery("dossier_withheld", "`dossier.json` is withheld.", ["dossier/dossier.json"], verify=incomplete(never=ROLES))
withheld_forgery(
    "role_hidden",
    "An approver without the role, and `dossier.json` withheld to hide it.",
    ["dossier/dossier.json"],
    without_the_role,
    verify=incomplete(never=ROLES),
)
withheld_forgery(
    "date_hidden",
    "Signatures dated before the records, and the records withheld to hide it.",
    ["runs/", "records/"],
    old_date,
    verify=refused("did not exist then|dated before", never=DATES),
    paper=refused("dated before"),
)
withheld_forgery("runs_withheld", "The records of the runs are withheld.", ["runs/"], verify=incomplete(never=DATES))
withheld_forgery("records_withheld", "The signatures on the runs are withheld.", ["records/"])
withheld_forgery(
    "checkpoint_withheld", "The checkpoint is withheld.", ["log/checkpoint-1.txt"], verify=incomplete(never="ok +checkpoints")
)
withheld_forgery("log_key_withheld", "The log's key is withheld.", ["log/origin-1.vkey"])
withheld_forgery(
    "everything_withheld",
    "Everything is withheld but the signatures.",
    ["dossier/", "runs/", "records/", "log/", "law/", "certificates/", "VERIFY.md", "verify_proofs.py"],
    verify=refused("withheld|incomplete"),
    paper=refused("withheld|incomplete|WRONG"),
)
TOLD = "the reader allowed it; the verdict still says incomplete, and names what was not checked"
withheld_forgery(
    "role_hidden_and_allowed",
    "An approver without the role, `dossier.json` withheld, and the reader says `--allow-withheld`.",
    ["dossier/dossier.json"],
    without_the_role,
    verify=passes(TOLD, says="incomplete", never=ROLES),
    paper=NONE,
    arguments=("--allow-withheld",),
)


def withheld_with_another_digest(bundle, case):
    bundle.withhold("dossier/dossier.md")
    bundle.files["META-INF/withheld.json"] = re.sub(
        rb'"sha256":"[0-9a-f]{8}', b'"sha256":"00000000', bundle.files["META-INF/withheld.json"]
    )


def withheld_that_is_here(bundle, case):
    kept = bundle.files["dossier/dossier.md"]
    bundle.withhold("dossier/dossier.md")
    bundle.files["dossier/dossier.md"] = kept


def withheld_to_allow_an_edit(bundle, case):
    lie(bundle)
    kept = bundle.files["dossier/dossier.html"]
    bundle.files["dossier/dossier.html"] = case.bundle().files["dossier/dossier.html"]
    bundle.withhold("dossier/dossier.html")
    bundle.files["dossier/dossier.html"] = kept


for _name, _attack, _change in (
    ("withheld_with_another_digest", "A file is withheld with another digest than the one signed.", withheld_with_another_digest),
    ("withheld_that_is_here", "A file is said to be withheld, and is here.", withheld_that_is_here),
    (
        "withheld_to_allow_an_edit",
        "An edited page is said to be withheld, so that its digest is not compared.",
        withheld_to_allow_an_edit,
    ),
):
    bundle_forgery(_name, _attack, _change, group=WITHHELD)

# Time-stamps

STAMPS = "Time-stamps"


STAMP = refused("WRONG.*time-?stamp")


def stamped(name, attack, change, verify=STAMP, paper=STAMP):
    bundle_forgery(name, attack, change, verify, paper, STAMPS, source=lambda base: base.stamped)


def token_noise(bundle, case):
    name = bundle.find("META-INF/timestamp-")
    bundle.files[name] = bundle.files[name][:-8] + b"\0" * 8


def token_of_another(bundle, case):
    """A token of the same authority over other bytes."""
    (case.folder / "other").write_bytes(b"other bytes\n")
    query, reply = case.folder / "q.tsq", case.folder / "r.tsr"
    tool("openssl", "ts", "-query", "-data", case.folder / "other", "-sha256", "-cert", "-out", query)
    authority = case.folder / "authority"
    shutil.copytree(case.base.stamped.folder / "authority", authority)
    stamp(authority, query, reply)
    bundle.files[bundle.find("META-INF/timestamp-")] = tool("openssl", "ts", "-reply", "-in", reply, "-token_out")


def stamp_without_its_signature(bundle, case):
    del bundle.files[bundle.signature("approved")], bundle.files[bundle.manifest("approved")]


stamped("time_stamp_damaged", "The last bytes of the token are zeros.", token_noise)
stamped("time_stamp_of_another", "The token is over other bytes.", token_of_another)
stamped(
    "signature_left_out_under_a_time_stamp",
    "The approval is left out whole, but a time-stamp covers it.",
    stamp_without_its_signature,
)
stamped(
    "time_stamp_manifest_removed",
    "The manifest of the time-stamp is removed.",
    lambda bundle, case: bundle.files.pop(bundle.find("META-INF/ASiCManifest-timestamp")) and None,
)
