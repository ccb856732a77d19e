"""The store replaced whole, set back or made anew, and runs that were exported from it."""

import re
import shutil

from .catalogue import Target, forgery, passes, refused
from .containers import Bundle
from .stores import GROUP

CUT = "what is left of a log that was cut after its last checkpoint, or set back to an older copy, is whole; only a checkpoint that somebody else keeps shows what is gone"


def older(case):
    """The store as it was before it was signed: what was appended since is gone."""
    site = case.signed()
    for file in site.folder.glob("evidence.sqlite*"):
        file.unlink()
    for file in case.base.ready.folder.glob("evidence.sqlite*"):
        shutil.copy(file, site.folder)
    shutil.rmtree(site.folder / "checkpoints")
    shutil.copytree(case.base.ready.folder / "checkpoints", site.folder / "checkpoints")
    return site


@forgery(GROUP, "The store is replaced by an older copy of itself.", runs=passes(CUT))
def older_copy(case):
    return Target(older(case).folder)


@forgery(
    GROUP,
    "The store is replaced by an older copy of itself, and somebody kept a checkpoint.",
    runs=refused("WRONG.*checkpoint|cut off|shorter|fewer"),
)
def older_copy_from_outside(case):
    return Target(older(case).folder, runs_arguments=("--checkpoint", case.base.outside_checkpoint))


@forgery(
    GROUP,
    "The store is replaced by an older copy, and the newer checkpoints are left in `checkpoints/`.",
    runs=refused("WRONG.*checkpoint|cut off"),
)
def older_copy_beside_newer_checkpoints(case):
    site = older(case)
    shutil.rmtree(site.folder / "checkpoints")
    shutil.copytree(case.base.signed.folder / "checkpoints", site.folder / "checkpoints")
    return Target(site.folder)


REMADE = "a store that was wholly made anew, with new keys under the old names, is whole in itself; a checkpoint, a key or a certificate from outside shows that it is another one"


@forgery(
    GROUP,
    "Store, keys and runs are wholly made anew from other data.",
    sign=passes(REMADE),
    verify=passes(REMADE, says="identity of the signer not established"),
    runs=passes(REMADE, says="not established"),
    paper=passes(REMADE),
)
def wholly_remade(case):
    site = case.copy(case.base.remade)
    return Target(site.folder, case.base.remade.bundle)


@forgery(GROUP, "The same, and somebody kept a checkpoint of the real one.", runs=refused("WRONG.*(checkpoint|log)|no log"))
def wholly_remade_against_a_checkpoint(case):
    return Target(case.base.remade.folder, runs_arguments=("--checkpoint", case.base.outside_checkpoint))


@forgery(GROUP, "The same, and somebody has the real verifier key of the log.", verify=refused("key"), runs=refused("key"))
def wholly_remade_against_the_key(case):
    given = ("--key", case.base.outside_key)
    return Target(case.base.remade.folder, case.base.remade.bundle, verify_arguments=given, runs_arguments=given)


@forgery(
    GROUP,
    "The same, and somebody has the real certificates of the persons.",
    verify=refused("not established"),
    runs=refused("not established"),
)
def wholly_remade_against_the_certificates(case):
    given = [part for name in ("ada", "bo", "cy") for part in ("--trust", case.base.signed.certificate(name))]
    return Target(case.base.remade.folder, case.base.remade.bundle, verify_arguments=given, runs_arguments=given)


@forgery(GROUP, "The verifier key of another log is given for the log's own.", verify=refused("key"), runs=refused("key"))
def key_of_another_log(case):

    other = case.folder / "other.vkey"
    other.write_bytes(Bundle.read(case.base.another_system.folder / "other.asice").files["log/origin-1.vkey"])
    return Target(case.signed().folder, case.base.signed.bundle, verify_arguments=("--key", other), runs_arguments=("--key", other))


EXPORT = "Exported runs"


def exported(case, change):
    site = case.signed()
    evaluation = [line for line in site.runs()][0]
    site.expect("runs", "export", evaluation, "-o", site.folder / "run.json")
    text = (site.folder / "run.json").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    (case.folder / "run.json").write_text(changed, encoding="utf-8")
    return Target(runs_arguments=("--file", case.folder / "run.json"))


@forgery(EXPORT, "A number in an exported run is edited.", runs=refused("WRONG"))
def export_edited(case):
    return exported(case, lambda text: text.replace('\\"status\\":\\"finished\\"', '\\"status\\":\\"refused\\"', 1))


@forgery(EXPORT, "The digest in an exported run is edited.", runs=refused("WRONG"))
def export_digest_edited(case):

    return exported(case, lambda text: re.sub('"sha256":"[0-9a-f]{8}', '"sha256":"00000000', text, count=1))


@forgery(EXPORT, "The proof in an exported run is edited.", runs=refused("WRONG"))
def export_proof_edited(case):

    return exported(case, lambda text: re.sub(r'"proof":\["[0-9a-f]{8}', '"proof":["00000000', text, count=1))


@forgery(EXPORT, "An honest exported run, and the verifier key of another log.", runs=refused("key"))
def export_against_another_key(case):

    site = case.signed()
    site.expect("runs", "export", site.runs()[0], "-o", site.folder / "run.json")
    other = case.folder / "other.vkey"
    other.write_bytes(Bundle.read(case.base.another_system.folder / "other.asice").files["log/origin-1.vkey"])
    return Target(runs_arguments=("--file", site.folder / "run.json", "--key", other))
