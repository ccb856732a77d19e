"""Words, frames and styles that say what was not measured, and what travels into a bundle that must not."""

import os
import re
import shutil

from .base import REPOSITORY, tool
from .catalogue import Target, forgery, kept_out, refused

WORDS = "Words, frames and styles"
TRAVELS = "What must not travel"
TEMPLATES = REPOSITORY / "Templates"
FRAME = r"frame|dossier\.html\.mustache|template"
STYLE = r"style\.css|style"
TEXT = r"dossier\.yaml|text/en|words|missing"


def looks(name, attack, change, word):
    """The project's own templates/, made by a function of that folder."""

    def make(case):
        site = case.ready()
        folder = site.folder / "templates"
        folder.mkdir()
        change(folder)

        def ask(site):
            status, text = site.run("dossier", "build", "--model", "1.1")
            if status != 0:
                return status, text
            return site.run("sign", "--model", "1.1", "--role", "prepared", "--key", "ada")

        return Target(site.folder, sign=ask)

    make.__name__ = name
    forgery(WORDS, attack, sign=refused(word))(make)


def frame(*pairs):
    def change(folder):
        text = (TEMPLATES / "dossier" / "dossier.html.mustache").read_text()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        (folder / "dossier.html.mustache").write_text(text)

    return change


def style(added):
    def change(folder):
        (folder / "style.css").write_text((TEMPLATES / "dossier" / "style.css").read_text() + "\n" + added + "\n")

    return change


def text(file, *pairs):
    def change(folder):
        shutil.copytree(TEMPLATES / "text" / "en", folder / "text" / "en")
        target = folder / "text" / "en" / file
        content = target.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in content, old
            content = content.replace(old, new)
        target.write_text(content, encoding="utf-8")

    return change


BODY = "{{{body}}}"
looks(
    "missing_called_complete",
    'The project\'s own words call what is missing "complete".',
    text("dossier.yaml", ("\n  missing: missing\n", "\n  missing: complete\n")),
    TEXT,
)
looks(
    "gaps_called_none",
    "The project's own words say that nothing is missing where something is.",
    text("page.yaml", ("  missing: Missing.", "  missing: Complete.")),
    TEXT + r"|page\.yaml",
)
looks(
    "body_in_a_comment",
    "The frame hides the body in a comment and says that all requirements are met.",
    frame((BODY, "<!-- {{{body}}} --><p>ALL REQUIREMENTS ARE MET</p>")),
    FRAME,
)
looks(
    "words_beside_the_body",
    "The frame adds a sentence beside the body.",
    frame((BODY, BODY + "<p>ALL REQUIREMENTS ARE MET</p>")),
    FRAME,
)
looks(
    "body_in_a_template",
    "The frame puts the body into `<template>`, which no browser shows.",
    frame((BODY, "<template>{{{body}}}</template>")),
    FRAME,
)
looks(
    "body_hidden", "The frame puts the body into an element that is `hidden`.", frame((BODY, "<div hidden>{{{body}}}</div>")), FRAME
)
looks(
    "body_in_details",
    "The frame folds the body away.",
    frame((BODY, "<details><summary>Complete</summary>{{{body}}}</details>")),
    FRAME,
)
looks("body_in_a_text_area", "The frame puts the body into a text field.", frame((BODY, "<textarea>{{{body}}}</textarea>")), FRAME)
looks(
    "body_in_an_attribute", "The frame puts the body into an attribute.", frame((BODY, '<p title="{{{body}}}">complete</p>')), FRAME
)
looks("body_twice", "The frame prints the body twice.", frame((BODY, BODY + BODY)), FRAME)
looks(
    "script_in_the_frame",
    "The frame holds a script that changes the page.",
    frame(("</body>", "<script>document.title='complete'</script></body>")),
    FRAME,
)
looks(
    "handler_in_the_frame",
    "The frame holds an event handler.",
    frame(("<body>", "<body onload=\"document.title='complete'\">")),
    FRAME,
)
looks(
    "policy_removed",
    "The frame lacks the content security policy.",
    frame(
        (
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n",
            "",
        )
    ),
    FRAME,
)
looks(
    "policy_weakened",
    "The frame's content security policy allows scripts.",
    frame(("default-src 'none'", "default-src *; script-src 'unsafe-inline'")),
    FRAME,
)
looks(
    "frame_refreshes",
    "The frame sends the reader elsewhere.",
    frame(("<title>", '<meta http-equiv="refresh" content="0; url=https://example.org/">\n<title>')),
    FRAME,
)
looks(
    "frame_has_a_base",
    "The frame gives links another base.",
    frame(("<title>", '<base href="https://example.org/">\n<title>')),
    FRAME,
)
looks(
    "frame_loads_an_image",
    "The frame loads an image from elsewhere.",
    frame((BODY, BODY + '<img src="https://example.org/seal.png" alt="">')),
    FRAME,
)
looks("frame_title_says_more", "The page's title says more.", frame(("<title>{{title}}", "<title>{{title}}, certified")), FRAME)
looks("style_hides", "The style sheet hides what is missing.", style(".missing, .gap, .state-missing { display: none }"), STYLE)
looks(
    "style_hides_by_another_name",
    "The style sheet hides the body by an escaped `display`.",
    style("main { \\64 isplay: none }"),
    STYLE,
)
looks(
    "style_moves_away", "The style sheet moves the body out of sight.", style("main { position: absolute; left: -100rem }"), STYLE
)
looks("style_paints_white", "The style sheet writes white on white.", style("main { color: #fff; background: #fff }"), STYLE)
looks("style_says", "The style sheet adds words.", style("main::before { content: 'All requirements are met.' }"), STYLE)
looks("style_without_size", "The style sheet gives the body no size.", style("main { font-size: 0 }"), STYLE)
looks(
    "style_closes_its_element",
    "The style sheet ends its element and goes on in HTML.",
    style("</style><h1>All requirements are met</h1><style>"),
    STYLE,
)


@forgery(WORDS, "A label holds live HTML behind a combining mark that follows a backtick.", sign=kept_out())
def label_of_live_html(case):
    """Labels stand between backticks in Markdown, where only the end of the code span is to be kept from passing by."""
    site = case.ready()
    file = site.folder / "vitrine.yaml"
    label = '"a`\u0301<img src=x onerror=alert(1)>"'
    labels = "    labels: {clean: %s, counterfactual: man}\nevaluation:" % label
    file.write_text(file.read_text().replace("evaluation:", labels, 1), encoding="utf-8")

    def ask(site):
        site.measure()
        site.sign_runs()
        site.expect("dossier", "build", "--model", "1.1")
        return site.run("sign", "--model", "1.1", "--role", "prepared", "--key", "ada")

    def pages(folder):
        return [page for page in folder.rglob("*.md") if live_html(page.read_text(encoding="utf-8"))]

    return Target(site.folder, sign=ask, smuggled=pages)


def live_html(markdown):
    """Whether a tag stands there that is neither escaped nor within a code span of its line (CommonMark 6.1)."""
    for line in markdown.splitlines():
        if re.search(r"(?<!\\)<(img|script)[ >]", re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line)):
            return True
    return False


# What must not travel


def travels(name, attack, place, smuggled, word="", build=False):
    """Something is put into the project, and must be in nothing that is signed."""

    def make(case):
        site = case.ready()
        needle = place(site, case)
        return Target(site.folder, smuggled=needle or smuggled, build=build)

    make.__name__ = name
    forgery(TRAVELS, attack, sign=kept_out(word))(make)


def write(path, content):
    def place(site, case):
        (site.folder / path).write_bytes(content(site) if callable(content) else content)

    return place


def pem(site):
    return site.key("ada").read_bytes()


PRIVATE = b"PRIVATE KEY-----"
travels(
    "key_behind_a_certificate",
    "A certificate and its private key stand in one file in `keys/`.",
    write("keys/both.crt", lambda site: site.certificate("ada").read_bytes() + pem(site)),
    PRIVATE,
)
travels(
    "key_before_a_certificate",
    "A private key and its certificate stand in one file in `keys/`.",
    write("keys/ada.crt", lambda site: pem(site) + site.certificate("ada").read_bytes()),
    PRIVATE,
)
travels("key_in_keys", "A private key lies in `keys/`.", write("keys/ada.key", pem), PRIVATE)
travels("key_in_the_dossier", "A private key lies in `dossier/1.1/`.", write("dossier/1.1/ada.key", pem), PRIVATE)
travels(
    "stray_file",
    "A file of nobody's lies in `dossier/1.1/`.",
    write("dossier/1.1/notes.txt", b"confidential notes on the applicants"),
    b"confidential notes",
)
travels(
    "stray_page",
    "A page of the forger's lies in `dossier/1.1/`.",
    write("dossier/1.1/approval.html", b"<p>Approved by the authority.</p>"),
    b"Approved by the authority",
)


def key_as_der(site, case):
    data = tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", site.key("ada"), "-outform", "DER")
    (site.folder / "keys/ada-old.crt").write_bytes(data)
    return data[-60:]


def key_as_pkcs12(site, case):
    file = site.folder / "keys/ada-old.crt"
    tool(
        "openssl", "pkcs12", "-export", "-inkey", site.key("ada"), "-in", site.certificate("ada"), "-out", file, "-passout", "pass:"
    )
    return file.read_bytes()[-40:]


def key_in_a_statement(site, case):
    file = site.folder / "documentation/2-h.md"
    file.write_text(file.read_text().replace("Written for a trial.", "```\n" + pem(site).decode() + "```\n"))


def link_out(site, case):
    secret = case.folder / "secret.txt"
    secret.write_text("what stands outside of the project")
    os.symlink(secret, site.folder / "dossier/1.1/linked.txt")


def link_as_certificate(site, case):
    secret = case.folder / "secret.pem"
    shutil.copy(site.key("ada"), secret)
    os.symlink(secret, site.folder / "keys/linked.crt")


travels("key_in_binary", "A private key in binary form is called a certificate.", key_as_der, b"")
travels("key_in_pkcs12", "A PKCS#12 file with a private key is called a certificate.", key_as_pkcs12, b"")
travels("key_in_a_statement", "A private key stands in a statement's text.", key_in_a_statement, PRIVATE, build=True)
travels("link_out_of_the_project", "A link in `dossier/1.1/` leads out of the project.", link_out, b"what stands outside")
travels("link_to_a_key", "A link in `keys/` leads to a private key.", link_as_certificate, PRIVATE)
