"""Persons who sign what they may not: waivers of nobody, roles of others, decisions that contradict themselves."""

import re
import shutil

from .catalogue import Target, forgery, refused

WAIVERS = "Waivers"
ROLES = "Roles"
GATE = r"\[missing-items\]|missing-items"


def gap(case):
    """A project of which one element is missing."""
    site = case.ready()
    (site.folder / "documentation" / "2-h.md").unlink()
    return site


def keys_of(site):
    """The names of what is missing, as a waiver gives them."""
    import json

    status = json.loads(site.expect("dossier", "status", "--model", "1.1", "--json"))
    return [
        "%s %s" % (item["id"], element["id"])
        for item in status[0]["items"]
        for element in item["elements"]
        if element["state"] == "missing"
    ]


def waived(*arguments, make=gap, then=("--role", "prepared", "--key", "ada"), about=True):
    """Waives a gate in some way, builds, signs: gives what signing says, or the waiver's refusal."""

    def build(case):
        site = make(case)

        def ask(site):
            extra = []
            if about and site.has("sign", "--about"):
                extra = [part for key in keys_of(site) for part in ("--about", key)]
            first = site.run("sign", "--model", "1.1", "--waive", "missing-items", "--reason", "a trial", *arguments, *extra)
            site.run("dossier", "build", "--model", "1.1")
            second = site.run("sign", "--model", "1.1", *then)
            return second if first[0] == 0 or second[0] == 0 else (second[0], first[1] + second[1])

        return Target(site.folder, sign=ask)

    return build


def waiver_forgery(name, attack, make, word=GATE):
    make.__name__ = name
    forgery(WAIVERS, attack, sign=refused(word))(make)


def many_gaps(case):
    site = case.ready()
    for file in (site.folder / "documentation").glob("*.md"):
        file.unlink()
    return site


waiver_forgery("waiver_without_a_key", "A gap is waived in somebody's name, without a key.", waived("--as", "Cy Example"))
waiver_forgery(
    "waiver_with_anothers_key",
    "Ada waives a gap in Cy Example's name, with her own key.",
    waived("--as", "Cy Example", "--key", "ada"),
)
waiver_forgery(
    "waiver_of_a_stranger",
    "Somebody waives who is not among the project's people.",
    waived("--as", "Mallory Example", "--key", "cy"),
)
waiver_forgery(
    "waiver_of_everything",
    "One waiver without names covers every missing element.",
    waived("--as", "Cy Example", "--key", "cy", make=many_gaps, about=False),
)
waiver_forgery(
    "waiver_of_all", "One waiver says `--about all`.", waived("--key", "cy", "--about", "all", make=many_gaps, about=False)
)
waiver_forgery(
    "waiver_with_a_wild_card", "One waiver says `--about '*'`.", waived("--key", "cy", "--about", "*", make=many_gaps, about=False)
)
waiver_forgery("waiver_of_another_gap", "A gap is waived, and then another one opens.", lambda case: later_gap(case))


def later_gap(case):
    target = waived("--as", "Cy Example", "--key", "cy")(case)
    inner = target.sign

    def ask(site):
        inner_status, _ = inner(site)
        shutil.rmtree(site.folder / "bundles", ignore_errors=True)
        (site.folder / "documentation" / "9.md").unlink()
        site.run("dossier", "build", "--model", "1.1")
        return site.run("sign", "--model", "1.1", "--role", "reviewed", "--key", "bo")

    target.sign = ask
    return target


def edited_waiver(case):
    """The waiver's record in the store is edited to cover another gap."""
    from . import sqlite

    site = gap(case)
    extra = ["--about", keys_of(site)[0]] if site.has("sign", "--about") else []
    site.expect(
        "sign", "--model", "1.1", "--waive", "missing-items", "--reason", "a trial", "--as", "Cy Example", "--key", "cy", *extra
    )
    (site.folder / "documentation" / "9.md").unlink()

    def widen(connection):
        sequence, document = connection.execute("SELECT sequence, document FROM entries WHERE kind = 'waiver'").fetchone()
        sqlite.put(connection, sequence, document.replace(b'"2(h) ', b'"9 plan","2(h) '))
        sqlite.regrow(connection)

    sqlite.edit(site, widen)
    return Target(site.folder)


edited_waiver.__name__ = "waiver_edited"
forgery(
    WAIVERS,
    "The record of a waiver is edited with SQL so that it covers more.",
    sign=refused("runs-not-verified|missing-items"),
    runs=refused("WRONG"),
)(edited_waiver)


@forgery(WAIVERS, "Who prepares and approves waives for herself that this may not be.", sign=refused("approver-is-preparer|prepar"))
def waiver_for_oneself(case):
    site = with_people(case, "roles: [prepared]", "roles: [prepared, approved]")

    def ask(site):
        about = ["--about", "Ada Example"] if site.has("sign", "--about") else []
        arguments = ("--waive", "approver-is-preparer", "--reason", "we are few", "--as", "Ada Example", "--key", "ada")
        first = site.run("sign", "--model", "1.1", *arguments, *about)
        site.run("dossier", "build", "--model", "1.1")
        site.run("sign", "--model", "1.1", *PREPARED)
        status, text = site.run("sign", "--model", "1.1", "--role", "approved", "--key", "ada")
        return status, first[1] + text

    return Target(site.folder, sign=ask)


# Roles


def with_people(case, old, new):
    site = case.ready()
    file = site.folder / "vitrine.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return site


def signs(*steps, build=False):
    """Steps of signing; the last one is the answer, the earlier ones must go well."""

    def ask(site):
        if build:
            site.expect("dossier", "build", "--model", "1.1")
        for step in steps[:-1]:
            site.expect("sign", "--model", "1.1", *step)
        return site.run("sign", "--model", "1.1", *steps[-1])

    return ask


PREPARED = ("--role", "prepared", "--key", "ada")


@forgery(ROLES, "Who prepared approves; vitrine.yaml gives her both roles.", sign=refused("approver-is-preparer|prepar"))
def approver_is_preparer(case):
    site = with_people(case, "roles: [prepared]", "roles: [prepared, approved]")
    return Target(site.folder, sign=signs(PREPARED, ("--role", "approved", "--key", "ada"), build=True))


@forgery(ROLES, "Who approved prepares; the other way round.", sign=refused("approver-is-preparer|prepar"))
def preparer_is_approver(case):
    site = with_people(case, "roles: [prepared]", "roles: [prepared, approved]")
    return Target(site.folder, sign=signs(("--role", "approved", "--key", "ada"), PREPARED, build=True))


@forgery(ROLES, "Who prepared reviews; vitrine.yaml gives her both roles.", sign=refused("reviewer-is-preparer|prepar"))
def reviewer_is_preparer(case):
    site = with_people(case, "roles: [prepared]", "roles: [prepared, reviewed]")
    return Target(site.folder, sign=signs(PREPARED, ("--role", "reviewed", "--key", "ada"), build=True))


@forgery(
    ROLES,
    "One key signs as Ada Example, who prepared, and as Bo Example, who reviews.",
    sign=refused("prepar|key|certificate|name"),
)
def one_key_of_two_persons(case):
    site = case.ready()
    return Target(site.folder, sign=signs(PREPARED, ("--role", "reviewed", "--key", "ada", "--name", "Bo Example")))


@forgery(
    ROLES,
    "One key signs as Ada Example, who prepared, and, in a new certificate, as Cy Example, who approves.",
    sign=refused("prepar|key"),
)
def one_key_in_a_new_certificate(case):
    from .base import tool

    site = case.ready()
    file = case.folder / "cy.pem"
    tool("openssl", "req", "-x509", "-new", "-key", site.key("ada"), "-subj", "/CN=Cy Example", "-days", "30", "-out", file)
    return Target(
        site.folder,
        sign=signs(PREPARED, ("--role", "approved", "--name", "Cy Example", "--key-file", site.key("ada"), "--certificate", file)),
    )


@forgery(ROLES, "One key reviews as Bo Example and, in a new certificate, approves as Cy Example.", sign=refused("key"))
def one_key_reviews_and_approves(case):
    from .base import tool

    site = case.ready()
    file = case.folder / "cy.pem"
    tool("openssl", "req", "-x509", "-new", "-key", site.key("bo"), "-subj", "/CN=Cy Example", "-days", "30", "-out", file)
    return Target(
        site.folder,
        sign=signs(
            ("--role", "reviewed", "--key", "bo"),
            ("--role", "approved", "--name", "Cy Example", "--key-file", site.key("bo"), "--certificate", file),
        ),
    )


@forgery(ROLES, "Somebody approves who does not hold the role.", sign=refused("role-not-held"))
def role_not_held(case):
    return Target(case.ready().folder, sign=signs(("--role", "approved", "--key", "bo")))


@forgery(ROLES, "Somebody approves who is not among the project's people.", sign=refused("role-not-held"))
def stranger(case):
    site = case.ready()
    return Target(
        site.folder, sign=signs(("--role", "approved", "--key", "bo", "--name", "Mallory Example", "--function", "Auditor"))
    )


@forgery(ROLES, "A run is measured anew and signed by nobody.", sign=refused("runs-unsigned"))
def unsigned_run(case):
    site = case.ready()
    site.expect("evaluate", "--model", "1.1")
    return Target(site.folder)


@forgery(ROLES, "The dossier's page is edited after the build.", sign=refused("dossier-changed"))
def page_edited_before_signing(case):
    site = case.ready()
    page = site.folder / "dossier/1.1/dossier.html"
    page.write_text(
        page.read_text(encoding="utf-8").replace("Written for a trial.", "Certified by the authority."), encoding="utf-8"
    )
    return Target(site.folder, build=False)


@forgery(ROLES, "A statement is edited after the build.", sign=refused("dossier-changed"))
def statement_edited_before_signing(case):
    site = case.ready()
    file = site.folder / "documentation/2-h.md"
    file.write_text(file.read_text().replace("Written for a trial.", "Something else."))
    return Target(site.folder, build=False)


@forgery(
    ROLES,
    "The frozen content is edited after the first signature, before the second.",
    sign=refused("content|changed|bundles|damaged"),
)
def content_edited_between_signatures(case):
    site = case.ready()

    def ask(site):
        site.expect("sign", "--model", "1.1", *PREPARED)
        page = site.folder / "bundles/credit-screening-1.1/dossier/dossier.html"
        page.write_text(page.read_text(encoding="utf-8").replace("Written for a trial.", "Certified."), encoding="utf-8")
        site.run("sign", "--model", "1.1", "--role", "reviewed", "--key", "bo")
        site.run("sign", "--model", "1.1", "--role", "approved", "--key", "cy")
        status, text = site.run("bundle", "--model", "1.1")
        if status != 0 or b"Certified." in site.bundle.read_bytes():
            return status, text
        return 1, "the content was made anew: the edit is in nothing that was signed; changed"

    return Target(site.folder, sign=ask)


@forgery(
    ROLES, "What `--prepare` wrote is edited before it is signed elsewhere.", sign=refused("not of this content|content|changed")
)
def prepared_manifest_edited(case):
    from .base import tool

    site = case.ready()

    def ask(site):
        content = case.folder / "a.xml"
        site.expect("sign", "--model", "1.1", "--role", "approved", "--name", "Cy Example", "--prepare", content)
        content.write_text(re.sub("(<ds:DigestValue>)....", r"\1AAAA", content.read_text(), count=1))
        tool(
            "openssl",
            "cms",
            "-sign",
            "-binary",
            "-cades",
            "-outform",
            "DER",
            "-in",
            content,
            "-signer",
            site.certificate("cy"),
            "-inkey",
            site.key("cy"),
            "-out",
            case.folder / "a.xml.p7s",
        )
        return site.run("sign", "--model", "1.1", "--attach", case.folder / "a.xml.p7s")

    return Target(site.folder, sign=ask)
