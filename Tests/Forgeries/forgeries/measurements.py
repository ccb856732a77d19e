"""What was measured is not what stands there now: runs of another system, other weights, another plan."""

import shutil
import sqlite3

from .base import tool
from .catalogue import NONE, Target, forgery, kept_out, passes, refused

GROUP = "Runs that are not of this system, these weights, this plan"
NO_PLAN = "`runs verify` holds a store against itself and the model folders, not against the plan in `vitrine.yaml`; `sign` does"
WHOLE = "a store is whole whatever it is about; only a checkpoint that somebody else keeps shows that it is another one"
OTHER = r"not of this system|other system|another system|of the system|'Another system'|not cited|missing"
PLAN = r"stale-runs|another plan|other plan|not of the plan|present plan"
WEIGHTS = r"other files than the folder|weights|root digest|model folder|other model|not those"


def edit(file, *pairs):
    """What a text editor does."""
    text = file.read_text()
    for old, new in pairs:
        assert old in text, (file, old)
        text = text.replace(old, new)
    file.write_text(text)


def plan(name, attack, *pairs, file="vitrine.yaml", expected=PLAN):
    """A forgery that edits the plan after measuring."""

    def make(case):
        site = case.ready()
        edit(site.folder / file, *pairs)
        return Target(site.folder)

    make.__name__ = name
    forgery(GROUP, attack, sign=refused(expected), runs=passes(NO_PLAN))(make)


def bring(site, other):
    """Copies the store of another project in, with `cp`."""
    for file in site.folder.glob("evidence.sqlite*"):
        file.unlink()
    for file in other.folder.glob("evidence.sqlite*"):
        shutil.copy(file, site.folder)
    shutil.rmtree(site.folder / "checkpoints")


@forgery(GROUP, "The store of another project is copied in.", sign=refused(OTHER), runs=passes(WHOLE))
def another_systems_store(case):
    site = case.ready()
    bring(site, case.base.another_system)
    return Target(site.folder)


@forgery(
    GROUP,
    "The store of another project is copied in, and somebody kept a checkpoint of the right one.",
    runs=refused(r"WRONG.*checkpoint|no log|checkpoint.*(log|store)"),
)
def another_systems_store_from_outside(case):
    site = case.ready()
    bring(site, case.base.another_system)
    return Target(site.folder, runs_arguments=("--checkpoint", case.base.outside_checkpoint))


@forgery(GROUP, "The store of another project is merged in with `vitrine store merge`; its runs are newer.", sign=kept_out())
def another_systems_store_merged(case):
    site = case.ready()
    site.expect("store", "merge", case.base.another_system.folder / "evidence.sqlite")
    connection = sqlite3.connect(case.base.another_system.folder / "evidence.sqlite")
    document = connection.execute("SELECT document FROM entries WHERE kind = 'run' ORDER BY sequence DESC LIMIT 1").fetchone()[0]
    connection.close()
    return Target(site.folder, smuggled=document[:200])


@forgery(GROUP, "The system gets the name of another one, whose runs stay.", sign=refused(OTHER), runs=passes(NO_PLAN))
def system_renamed(case):
    site = case.ready()
    edit(site.folder / "vitrine.yaml", ("name: Credit screening", "name: Recruitment"))
    return Target(site.folder)


@forgery(
    GROUP,
    "Version 1.0's weights are copied over version 1.1's after measuring.",
    sign=refused(WEIGHTS),
    runs=refused("WRONG.*models|model 1.1"),
)
def weights_swapped(case):
    site = case.ready()
    shutil.copy(site.folder / "models/v1.0/model.safetensors", site.folder / "models/v1.1/model.safetensors")
    return Target(site.folder)


@forgery(
    GROUP, "One byte of the weights is changed after measuring.", sign=refused(WEIGHTS), runs=refused("WRONG.*models|model 1.1")
)
def weights_one_byte(case):
    site = case.ready()
    with open(site.folder / "models/v1.1/model.safetensors", "r+b") as file:
        file.seek(-5, 2)
        byte = file.read(1)
        file.seek(-5, 2)
        file.write(bytes([byte[0] ^ 1]))
    return Target(site.folder)


@forgery(
    GROUP,
    "Two words of the tokenizer are exchanged after measuring.",
    sign=refused("tokenizer|" + WEIGHTS),
    runs=refused("WRONG.*models|model 1.1"),
)
def tokenizer_swapped(case):
    site = case.ready()
    file = site.folder / "models/v1.1/tokenizer.json"
    text = file.read_text(encoding="utf-8")
    for old, new in (("approve", "\0"), ("decline", "approve"), ("\0", "decline")):
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return Target(site.folder)


@forgery(
    GROUP,
    "A number of config.json is changed after measuring.",
    sign=refused("config|" + WEIGHTS),
    runs=refused("WRONG.*models|model 1.1"),
)
def config_edited(case):
    site = case.ready()
    edit(site.folder / "models/v1.1/config.json", ('"layer_norm_epsilon": 1e-05', '"layer_norm_epsilon": 1e-01'))
    return Target(site.folder)


@forgery(
    GROUP,
    "The folders of the two versions are exchanged in vitrine.yaml.",
    sign=refused(WEIGHTS),
    runs=refused("WRONG.*models|model 1.1"),
)
def folders_exchanged(case):
    site = case.ready()
    edit(site.folder / "vitrine.yaml", ("models/v1.0", "\0"), ("models/v1.1", "models/v1.0"), ("\0", "models/v1.1"))
    return Target(site.folder)


plan("threshold_changed", "The threshold of the evaluation is changed after evaluating.", ("threshold: 0", "threshold: 2"))
plan("groups_changed", "The groups of the evaluation are changed after evaluating.", ("groups: [sex]", "groups: [age]"))
plan("label_turned", "The label's positive value is turned round after evaluating.", ("positive: approve}", "positive: decline}"))
plan("prompts_changed", "The words of the prompts are changed after measuring.", ("Loan application:", "Application for a loan:"))
plan(
    "behaviour_turned",
    "The behaviour is turned round after measuring.",
    ("clean: male, counterfactual: female", "clean: female, counterfactual: male"),
)
plan(
    "another_behaviour",
    "The behaviour asks about another attribute after measuring, under the same name.",
    ("field: sex, clean: male, counterfactual: female", "field: age, clean: mature, counterfactual: young"),
)
plan(
    "answers_turned",
    "The two answers are exchanged after measuring.",
    ('positive: [" approve"], negative: [" decline"]', 'positive: [" decline"], negative: [" approve"]'),
)
plan(
    "records_filtered", "Records are left out by a filter after measuring.", ("  data: data", "  where: {sex: male}\n  data: data")
)
plan(
    "fewer_samples",
    "Fewer resamples stand in the plan than were asked for, or more.",
    ("bootstrap_resamples: 100", "bootstrap_resamples: 5000"),
)


@forgery(GROUP, "A label in the data file is changed after evaluating.", sign=refused(PLAN), runs=passes(NO_PLAN))
def label_in_the_data(case):
    site = case.ready()
    file = site.folder / "data/records.csv"
    head, line, rest = file.read_text().split("\n", 2)
    line = line.replace("approve", "\0").replace("decline", "approve").replace("\0", "decline")
    file.write_text("\n".join([head, line, rest]))
    return Target(site.folder)


@forgery(GROUP, "A record is removed from the data file after evaluating, with `sed`.", sign=refused(PLAN), runs=passes(NO_PLAN))
def record_removed_from_the_data(case):
    site = case.ready()
    tool("sed", "-i", "3d", site.folder / "data/records.csv")
    return Target(site.folder)


NOT_HERE = "what is not here cannot be held against anything; it is printed as not held against the model, and never as checked"


@forgery(
    GROUP,
    "The model folders are removed, so that nothing can be held against them.",
    sign=passes(NOT_HERE, says="not held against"),
    runs=passes(NOT_HERE, says="model"),
)
def models_removed(case):
    site = case.ready()
    shutil.rmtree(site.folder / "models")
    return Target(site.folder)


@forgery(
    GROUP,
    "Every run is of version 1.0; version 1.1 only names its folder again.",
    sign=refused(WEIGHTS + "|missing|unsigned"),
    runs=NONE,
)
def version_never_measured(case):
    site = case.ready()
    edit(site.folder / "vitrine.yaml", ("  1.1: {folder: models/v1.1", "  1.2: {folder: models/v1.0"))
    return Target(site.folder, version="1.2")


def evaluated_anew(site):
    """Evaluates and signs what came out; gives a piece of the record that is in no other."""
    known = set(site.runs())
    site.expect("evaluate", "--model", "1.1")
    made = [run for run in site.runs() if run not in known]
    assert len(made) == 1, made
    site.expect("runs", "sign", made[0], "--meaning", "performed", "--key", "ada")
    connection = sqlite3.connect(site.folder / "evidence.sqlite")
    document = connection.execute("SELECT document FROM entries WHERE id = ?", made).fetchone()[0]
    connection.close()
    return document[:200]


@forgery(GROUP, "The labels are doctored, the evaluation is made and signed, and the labels are put back.", sign=kept_out())
def evaluated_on_doctored_data(case):
    site = case.ready()
    file = site.folder / "data/records.csv"
    kept = file.read_text()
    file.write_text(kept.replace("decline,test", "approve,test"))
    piece = evaluated_anew(site)
    file.write_text(kept)
    return Target(site.folder, smuggled=piece)


@forgery(GROUP, "Other weights are put there, the evaluation is made and signed, and the weights are put back.", sign=kept_out())
def evaluated_on_other_weights(case):
    site = case.ready()
    file, kept = site.folder / "models/v1.1/model.safetensors", case.folder / "kept"
    shutil.copy(file, kept)
    shutil.copy(site.folder / "models/v1.0/model.safetensors", file)
    piece = evaluated_anew(site)
    shutil.copy(kept, file)
    return Target(site.folder, smuggled=piece)


@forgery(GROUP, "The threshold is moved, the evaluation is made and signed, and the threshold is put back.", sign=kept_out())
def evaluated_at_another_threshold(case):
    site = case.ready()
    edit(site.folder / "vitrine.yaml", ("threshold: 0", "threshold: -3"))
    piece = evaluated_anew(site)
    edit(site.folder / "vitrine.yaml", ("threshold: -3", "threshold: 0"))
    return Target(site.folder, smuggled=piece)


plan("seed_changed", "Another seed stands in the plan.", ("bootstrap_resamples: 100", "bootstrap_resamples: 100\n  seed: 99"))
plan(
    "text_put_before",
    "A text is put before every prompt after measuring.",
    ("  data: data", '  prepend: ["<|endoftext|>"]\n  data: data'),
)
plan(
    "methods_changed",
    "The plan names a method that was never run.",
    ("methods: [exact-patching]", "methods: [exact-patching, token-attribution]"),
)
