"""Writes a project whose every text tries to act on the page: hostile_project.py FOLDER

No model is needed: a dossier can be built before any run. The marker MARK stands in each text, so that a check can count it.
"""

import pathlib
import sys

MARK = "HOSTILEMARK"
SCRIPT = f"<script>document.title='{MARK}'</script>"
TEXTS = [
    SCRIPT,
    f"<img src=x onerror=alert('{MARK}')> {MARK}",
    f"[{MARK}](javascript:alert(1)) ![{MARK}](http://192.0.2.1/x.png)",
    f"{{{{body}}}} {{{{{{style}}}}}} {{% raw %}} ${{{MARK}}}",
    f"\u202e{MARK}\u2066 end",
    f"</style></title></svg></main> {MARK} | cell | <!-- {MARK} -->",
    f"<a href='http://192.0.2.1/'>{MARK}</a> http://192.0.2.1/{MARK}",
    f"```\n{MARK}\n# heading\n- item\n> quote",
]


def quoted(text):
    """A YAML double-quoted scalar."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + out.replace("\u202e", "\\u202e").replace("\u2066", "\\u2066") + '"'


def main(folder):
    folder = pathlib.Path(folder)
    (folder / "documentation").mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "model" / "config.json").write_text("{}")
    pairs = "\n".join(
        f"      - {{name: {quoted(str(number) + text)}, clean: {quoted('a ' + text)}, counterfactual: {quoted('b ' + text)}}}"
        for number, text in enumerate(TEXTS)
    )
    (folder / "vitrine.yaml").write_text(
        f"""system:
  name: {quoted("System " + TEXTS[0])}
  provider: {quoted("Provider " + TEXTS[1])}
  intended_purpose: {quoted("Purpose " + " ".join(TEXTS))}
  risk_class: {quoted("Class " + TEXTS[5])}
people:
  - {{name: {quoted("Ada " + TEXTS[2])}, function: {quoted("Function " + TEXTS[3])}, roles: [prepared]}}
models:
  1.0: {{folder: model}}
  1.1: {{folder: model, supersedes: 1.0, changes: {quoted("Changes " + TEXTS[4])}}}
prompts:
  answers: {{positive: [{quoted(" yes " + TEXTS[0])}], negative: [" no"]}}
behaviours:
  - id: hostile
    question: {quoted("Question " + TEXTS[0] + " " + TEXTS[6])}
    labels: {{clean: {quoted("clean " + TEXTS[5])}, counterfactual: {quoted("other " + TEXTS[3])}}}
    pairs:
{pairs}
""",
        encoding="utf-8",
    )
    front = f"""---
item: {{item}}
responsible: {quoted("Grace " + TEXTS[0])}
function: {quoted("Head " + TEXTS[4])}
date: 2026-11-01
status: final
---
"""
    documentation = folder / "documentation"
    body = "\n\n".join(TEXTS[:-1]) + "\n\n" + TEXTS[-1] + "\n"
    # The name of a file is a text of the provider, too.
    (documentation / f"1-d <b>&{MARK}.md").write_text(front.replace("{item}", "1(d)") + body, encoding="utf-8")
    # A megabyte in one word, a megabyte of marks, and a megabyte of tables.
    long = "x" * 1_000_000
    (documentation / "1-e.md").write_text(front.replace("{item}", "1(e)") + f"{MARK} {long}\n", encoding="utf-8")
    (documentation / "1-g.md").write_text(
        front.replace("{item}", "1(g)") + f"{MARK}\n\n" + "*_[<" * 50_000 + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
