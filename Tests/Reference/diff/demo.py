"""Makes demo.json: the credit-screening demo's decision values in both versions, and what scipy and statsmodels say of them.

usage: demo.py STORE      STORE is the evidence.sqlite that ./demo leaves in demo-output/credit-screening

Only values are kept, not prompts: names stand for them. For 'sex' the exact effects of all nodes are kept as well.
"""

import json
import pathlib
import sqlite3
import sys

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

store = sqlite3.connect(sys.argv[1])
runs = {}
for (document,) in store.execute("SELECT document FROM entries WHERE kind = 'run' ORDER BY sequence"):
    record = json.loads(document)
    runs[record["model_version"], record.get("behaviour")] = record


def exact_mcnemar(before, after):
    only_before, only_after = int((before & ~after).sum()), int((~before & after).sum())
    return only_before, only_after, float(mcnemar([[0, only_before], [only_after, 0]], exact=True).pvalue)


behaviours = []
for (version, name), record in runs.items():
    if version != "1.0" or name is None:
        continue
    sides = [runs[v, name]["analysis"] for v in ("1.0", "1.1")]
    values = [[[p["m_clean"], p["m_counterfactual"]] for p in side["pairs"]] for side in sides]
    effects = [np.array(v)[:, 1] - np.array(v)[:, 0] for v in values]
    flips = [(np.array(v)[:, 1] > 0) != (np.array(v)[:, 0] > 0) for v in values]
    test = stats.ttest_rel(effects[1], effects[0])
    interval = test.confidence_interval(0.95)
    only_before, only_after, p = exact_mcnemar(*flips)
    entry = {
        "id": name, "names": [p["name"] for p in sides[0]["pairs"]], "before": values[0], "after": values[1],
        "expected": {
            "before": float(effects[0].mean()), "after": float(effects[1].mean()),
            "difference": float((effects[1] - effects[0]).mean()), "low": float(interval.low),
            "high": float(interval.high), "p": float(test.pvalue), "flips": [int(flips[0].sum()), int(flips[1].sum())],
            "onlyBefore": only_before, "onlyAfter": only_after, "mcnemar": p,
        },
    }
    if name == "sex":
        noising = [[p.get("noising") for p in side["pairs"]] for side in sides]
        both = [i for i, (a, b) in enumerate(zip(*noising)) if a and b]
        d = np.array([noising[1][i] for i in both]) - np.array([noising[0][i] for i in both])
        entry["layers"], entry["heads"] = sides[0]["layers"], sides[0]["heads_per_layer"]
        entry["nodes"] = sides[0]["nodes"]
        entry["noisingBefore"], entry["noisingAfter"] = noising
        entry["circuits"] = [side["circuit"]["heads"] for side in sides]
        entry["expected"]["nodes"] = {
            node: {"difference": float(d[:, i].mean()), "p": float(stats.ttest_1samp(d[:, i], 0).pvalue)}
            for i, node in enumerate(sides[0]["nodes"])
        }
        entry["expected"]["n"] = len(both)
    behaviours.append(entry)

plan = runs["1.0", None]["evaluation_plan"]
labels = np.array([e["positive"] for e in plan["examples"]])
scores = [np.array([s["m"] for s in runs[v, None]["evaluation"]["scores"]]) for v in ("1.0", "1.1")]
right = [(s > 0) == labels for s in scores]
groups = {"all": np.ones(len(labels), bool)}
for grouping in plan["groupings"]:
    for group in sorted({e["groups"][grouping] for e in plan["examples"]}):
        groups[f"{grouping}.{group}"] = np.array([e["groups"][grouping] == group for e in plan["examples"]])
expected = {}
for name, member in groups.items():
    only_before, only_after, p = exact_mcnemar(right[0][member], right[1][member])
    expected[name] = {
        "n": int(member.sum()), "right": [int(right[0][member].sum()), int(right[1][member].sum())],
        "onlyBefore": only_before, "onlyAfter": only_after, "mcnemar": p,
    }
evaluation = {
    "names": [e["name"] for e in plan["examples"]], "positive": labels.tolist(), "groupings": plan["groupings"],
    "groups": [e["groups"] for e in plan["examples"]], "before": scores[0].tolist(), "after": scores[1].tolist(),
    "expected": expected,
}
path = pathlib.Path(__file__).resolve().parent / "demo.json"
path.write_text(json.dumps({"behaviours": behaviours, "evaluation": evaluation}, separators=(",", ":")) + "\n")
