"""What a forgery is, what each check is expected to say of it, and the table of all of them."""

import dataclasses
import re

CHECKS = ("sign", "verify", "runs verify", "VERIFY.md")


@dataclasses.dataclass(frozen=True)
class Expected:
    """What one check must say.

    kind: "refused" (exit 1 or 65, and the output has a word that names the fault), "incomplete" (exit 1, and the output says so),
    "passes" (exit 0 because the check cannot see it), "kept out" (refused, or what was smuggled in is in nothing that is signed),
    "none" (the check has nothing to look at).
    word: what the output must hold, a regular expression. never: what it must not hold. why: why it passes.
    """

    kind: str
    word: str = ""
    why: str = ""
    never: str = ""


def refused(word, never=""):
    return Expected("refused", word=word, never=never)


def incomplete(word="", never=""):
    return Expected("incomplete", word=word, never=never)


def passes(why, says="", never=""):
    return Expected("passes", word=says, why=why, never=never)


def kept_out(word=""):
    return Expected("kept out", word=word)


NONE = Expected("none")


@dataclasses.dataclass
class Target:
    """What a forgery leaves for the checks to look at.

    sign: how signing is asked for, if not by building the dossier and signing as prepared. smuggled: bytes that may stand in nothing that
    is signed, or a function of the folder with the frozen content that gives the files where something stands.
    """

    project: str = ""
    bundle: str = ""
    version: str = "1.1"
    build: bool = True
    sign: object = None
    verify_arguments: tuple = ()
    runs_arguments: tuple = ()
    smuggled: object = b""


@dataclasses.dataclass(frozen=True)
class Forgery:
    name: str
    group: str
    attack: str
    make: object
    expected: dict


FORGERIES = []


def forgery(group, attack, sign=NONE, verify=NONE, runs=NONE, paper=NONE):
    """Registers a function that makes a forgery. paper is VERIFY.md."""

    def register(make):
        name = make.__name__.replace("_", "-")
        assert not any(other.name == name for other in FORGERIES), name
        expected = dict(zip(CHECKS, (sign, verify, runs, paper)))
        assert any(value.kind != "none" for value in expected.values()), name
        FORGERIES.append(Forgery(name, group, attack, make, expected))
        return make

    return register


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a check said."""

    status: int
    text: str

    def problem(self, expected):
        """What is not as expected; None if all is."""
        if self.status not in (0, 1, 64, 65, 74):
            return "ended with %d, which is no answer" % self.status
        if re.search(r"Traceback \(most recent call last\)|Fatal error|Illegal instruction", self.text):
            return "broke down instead of answering"
        if re.search("[\x00-\x08\x0b-\x1f\x7f]", self.text):
            return "prints a control character"
        if expected.never and re.search(expected.never, self.text, re.MULTILINE):
            return "says /%s/, which was not so" % expected.never
        if expected.kind == "passes" and self.status != 0:
            return "was expected to pass (%s) and ended with %d" % (expected.why, self.status)
        if expected.kind in ("refused", "kept out") and self.status not in (1, 65):
            return "PASSED (exit 0)" if self.status == 0 else "ended with %d instead of 1 or 65" % self.status
        if expected.kind == "incomplete" and (self.status != 1 or not re.search("incomplete", self.text, re.IGNORECASE)):
            return "PASSED (exit 0)" if self.status == 0 else "ended with %d and does not say 'incomplete'" % self.status
        # What the program prints as one item is searched as one line, however it was broken for the terminal.
        said = self.text + "\n" + re.sub(r"\n {4}(?=\S)", " ", self.text)
        if expected.word and not re.search(expected.word, said, re.IGNORECASE | re.MULTILINE):
            return "does not name the fault: nothing like /%s/" % expected.word
        return None


def table():
    """The table of docs/threat-model.md."""
    lines, reasons = [], []

    def cell(expected):
        if expected.kind == "none":
            return "–"
        if expected.kind != "passes":
            return expected.kind
        if expected.why not in reasons:
            reasons.append(expected.why)
        return "passes (%d)" % (reasons.index(expected.why) + 1)

    groups = list(dict.fromkeys(entry.group for entry in FORGERIES))
    for group in groups:
        lines += [
            "### " + group,
            "",
            "| attack | " + " | ".join("`%s`" % check if check != "VERIFY.md" else check for check in CHECKS) + " |",
        ]
        lines += ["|---|" + "---|" * len(CHECKS)]
        for entry in FORGERIES:
            if entry.group == group:
                cells = [cell(entry.expected[check]) for check in CHECKS]
                lines.append("| " + " | ".join([entry.attack + " `" + entry.name + "`"] + cells) + " |")
        lines.append("")
    lines += ["### Why a check passes what it passes", ""]
    lines += ["%d. %s." % (number, reason[0].upper() + reason[1:]) for number, reason in enumerate(reasons, 1)]
    return "\n".join(lines) + "\n"
