"""Decisions about changes that contradict themselves, their dates or their signer."""

import re

from .base import today
from .catalogue import Target, forgery, refused

CHANGES = "Decisions about changes"


def worksheet(site, answer="yes", substantial="no", date=None, **answers):
    """Fills in the worksheet of the comparison, as a person does."""
    site.run("diff", "1.0", "1.1")
    file = site.folder / "diff/1.0-1.1/worksheet.yaml"
    lines, question = [], ""
    for line in file.read_text(encoding="utf-8").splitlines():
        question = line.split(":")[1].strip() if line.strip().startswith("- id:") else question
        if line == "    answer:":
            line += " " + answers.get(question.replace("-", "_"), answer)
        elif re.fullmatch(r" +reason:", line):
            line += " It is so."
        elif line.startswith("  substantial_modification:"):
            line = "  substantial_modification: " + substantial
        elif line.startswith("  date:"):
            line = "  date: " + (date or today())
        elif re.fullmatch(r"  (name|function):", line):
            line += " Cy Example" if "name" in line else " Head of Risk"
        lines.append(line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def decision(name, attack, word, key="cy", twice=False, **more):
    def make(case):
        site = case.ready()

        def ask(site):
            file = worksheet(site, **more)
            if twice:
                site.expect("diff", "sign", file, "--key", key)
                file.write_text(file.read_text(encoding="utf-8").replace("It is so.", "It is otherwise."), encoding="utf-8")
            return site.run("diff", "sign", file, "--key", key)

        return Target(site.folder, sign=ask)

    make.__name__ = name
    forgery(CHANGES, attack, sign=refused(word))(make)


decision(
    "decision_against_its_answers",
    '"Yes" to every limb of Article 3, point (23), and the decision is "no".',
    "contradict",
    pre_determined="no",
)
decision(
    "decision_before_the_records",
    "A decision is dated before the records that it is about.",
    "before|date|2020",
    date="2020-01-01",
    answer="no",
)
decision("decision_of_the_future", "A decision is dated in ten years.", "future|not come|date|2036", date="2036-01-01", answer="no")
decision("decision_in_anothers_name", "Ada signs a decision in Cy Example's name.", "name|key|certificate", key="ada", answer="no")
decision(
    "second_decision",
    "A second decision on the same change stands beside the first.",
    "supersede|already|first",
    twice=True,
    answer="no",
)


@forgery(CHANGES, "The comparison is edited after it was made, and then decided upon.", sign=refused("diff.json|digest|belong"))
def comparison_edited(case):
    site = case.ready()

    def ask(site):
        file = worksheet(site, answer="no")
        diff = site.folder / "diff/1.0-1.1/diff.json"
        diff.write_text(diff.read_text(encoding="utf-8").replace('"n":12', '"n":99'), encoding="utf-8")
        return site.run("diff", "sign", file, "--key", "cy")

    return Target(site.folder, sign=ask)
