"""Makes groups.json: expected values of the comparison between groups, from statsmodels and scipy.

usage: group_goldens.py
"""

import json
import math
import pathlib

from scipy import optimize, special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, samplesize_proportions_2indep_onetail

HERE = pathlib.Path(__file__).resolve().parent

DEFINITIONS = {
    "newcombe": "Newcombe 1998, method 10: statsmodels confint_proportions_2indep(method='newcomb', compare='diff'); "
    "count/n is the group, countReference/nReference the reference, the difference is group - reference.",
    "ratio": "Miettinen and Nurminen 1985: their test inverted with scipy (the likelihood maximised numerically), and equal to "
    "statsmodels confint_proportions_2indep(method='score', compare='ratio', correction=True) where no count is 0 or n; "
    "null for an end: there is none; null for both: every ratio fits.",
    "independent": "Records of the group: statsmodels samplesize_proportions_2indep_onetail(alternative='two-sided'), "
    "rounded up; ratio is records of the reference for each.",
    "paired": "Records by Connor 1987, and the exact power there of McNemar's test |b - c| > z sqrt(b + c), by summing the "
    "binomial distribution of b given b + c over that of b + c (scipy).",
    "planted": "Fisher's exact test (scipy) adjusted by Holm (statsmodels) over the groups of a measure, Newcombe's interval; a loss "
    "is settled by the test at 0.05, else likely if the interval leaves out that there is none, else open. Rows: settled and likely "
    "first, the larger difference before the smaller; each row by its worst measure: of positive and right decisions, and of the other two "
    "where only they show a loss.",
}

COUNTS = [
    (14, 24, 58, 66), (9, 24, 54, 66), (56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (1, 5, 40, 50), (4, 5, 2500, 5000),
    (5, 56, 0, 29), (0, 10, 4, 20), (10, 10, 17, 20), (480, 1000, 2600, 5000), (3, 9, 120, 191), (0, 5, 0, 7), (5, 5, 0, 7),
]


def intervals():
    for count, n, reference, n_reference in COUNTS:
        low, high = confint_proportions_2indep(count, n, reference, n_reference, method="newcomb", compare="diff")
        yield {
            "count": count, "n": n, "countReference": reference, "nReference": n_reference,
            "low": float(low), "high": float(high), "ratio": ratio(count, n, reference, n_reference),
        }


def score(count, n, reference, n_reference, hypothesis):
    """Miettinen and Nurminen's statistic, the shares under the hypothesis found by maximising the likelihood numerically."""

    def loss(p):
        shares = ((count, n, p * hypothesis), (reference, n_reference, p))
        return -sum(special.xlogy(k, q) + special.xlog1py(m - k, -q) for k, m, q in shares)

    p = optimize.minimize_scalar(
        loss, bounds=(0, min(1, 1 / hypothesis)), method="bounded", options={"xatol": 1e-14}).x
    q, total = p * hypothesis, n + n_reference
    variance = (q * (1 - q) / n + hypothesis**2 * p * (1 - p) / n_reference) * total / (total - 1)
    return (count / n - hypothesis * reference / n_reference) / math.sqrt(variance)


def ratio(count, n, reference, n_reference):
    """The score interval of the ratio by inverting the test; held against statsmodels where that has a root for both ends."""
    if count + reference == 0:
        return None
    z = stats.norm.ppf(0.975)
    value = (count / n) / (reference / n_reference) if reference else math.inf
    far = 1e6

    def end(inside, outside, sign):
        return optimize.brentq(
            lambda t: score(count, n, reference, n_reference, math.exp(t)) - sign * z, math.log(inside), math.log(outside),
            xtol=1e-13)

    low = 0.0 if count == 0 else math.exp(end(min(value, far) if reference else far, 1 / far, 1))
    high = None if reference == 0 else math.exp(end(max(value, 1 / far), far, -1))
    if 0 < count < n and 0 < reference < n_reference:
        peer = confint_proportions_2indep(count, n, reference, n_reference, method="score", compare="ratio", correction=True)
        assert abs(peer[0] - low) < 1e-6 and abs(peer[1] - high) < 1e-5, (peer, low, high)
    return [low, high]


def independent():
    for share, reference, ratio_, power in [
        (0.5, 0.75, 1, 0.9), (14 / 24, 58 / 66, 66 / 24, 0.8), (0.1, 0.15, 1, 0.8), (0.4, 0.45, 20, 0.8), (0.9, 0.2, 0.5, 0.8),
        (0.0, 0.1, 3, 0.8),
    ]:
        n = samplesize_proportions_2indep_onetail(
            share - reference, reference, power, ratio=ratio_, alpha=0.05, value=0, alternative="two-sided")
        yield {"share": share, "reference": reference, "ratio": ratio_, "power": power, "n": math.ceil(float(n))}


def exact_power(n, discordant, difference):
    """The chance that McNemar's test finds the difference at 0.05 with n records."""
    z = stats.norm.ppf(0.975)
    share = (discordant + difference) / 2 / discordant
    total = 0.0
    for k in range(1, n + 1):
        weight = stats.binom.pmf(k, n, discordant)
        if weight < 1e-12:
            continue
        b = range(k + 1)
        found = [i for i in b if abs(2 * i - k) > z * math.sqrt(k)]
        total += weight * sum(stats.binom.pmf(found, k, share))
    return float(total)


def paired():
    alpha, beta = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    for discordant, difference in [(0.3, 0.1), (0.375, 0.2), (0.2, 0.05), (0.5, 0.25), (0.15, 0.1)]:
        n = (alpha * math.sqrt(discordant) + beta * math.sqrt(discordant - difference**2)) ** 2 / difference**2
        n = math.ceil(n)
        yield {"discordant": discordant, "difference": difference, "n": n, "power": exact_power(n, discordant, difference)}


# Planted data: cells of (groups, records, records with a positive label, of these decided positively, of the others decided
# positively). Twenty kinds: harm small or large, groups of 5 to 5,000, reversed by an intersection, in one measure only, or none.
def cell(groups, n, labels, true, false):
    return {"groups": groups, "n": n, "labels": labels, "true": true, "false": false}


def one(name, n, rate, base=0.6, right=0.9):
    """A group of which a share is decided positively, with as many right decisions as that allows near a share."""
    labels = round(n * base)
    positive = round(n * rate)
    true = min(labels, round(positive * right))
    return cell({"g": name}, n, labels, true, min(n - labels, positive - true))


def simpson():
    """In both departments women are decided positively more often, over all less often."""
    return [
        cell({"d": "easy", "g": "man"}, 800, 480, 450, 50), cell({"d": "easy", "g": "woman"}, 100, 60, 58, 12),
        cell({"d": "hard", "g": "man"}, 200, 120, 30, 10), cell({"d": "hard", "g": "woman"}, 900, 540, 200, 70),
    ]


def hidden():
    """No group of one grouping is behind, and two of the combinations are."""
    return [
        cell({"d": "old", "g": "man"}, 300, 180, 160, 50), cell({"d": "old", "g": "woman"}, 300, 180, 80, 10),
        cell({"d": "young", "g": "man"}, 300, 180, 80, 10), cell({"d": "young", "g": "woman"}, 300, 180, 160, 50),
    ]


def many(n, harmed, rate):
    return [one("ref", 2000, 0.7)] + [
        one(f"g{i:02}", n + i, rate if i == harmed else 0.7 + 0.001 * i) for i in range(30)]


REF = {"g": "ref"}
KINDS = [
    ("5 records, large harm", REF, [], "positive", [one("ref", 500, 0.8), one("a", 5, 0.0)]),
    ("5 records, small harm", REF, [], "positive", [one("ref", 500, 0.8), one("a", 5, 0.6)]),
    ("10 records, large harm", REF, [], "positive", [one("ref", 500, 0.8), one("a", 10, 0.3)]),
    ("24 records, large harm", REF, [], "positive", [one("ref", 66, 0.88), one("a", 24, 0.58)]),
    ("24 records, small harm", REF, [], "positive", [one("ref", 66, 0.8), one("a", 24, 0.75)]),
    ("100 records, large harm", REF, [], "positive", [one("ref", 300, 0.7), one("a", 100, 0.4)]),
    ("100 records, small harm", REF, [], "positive", [one("ref", 300, 0.7), one("a", 100, 0.67)]),
    ("1000 records, small harm", REF, [], "positive", [one("ref", 1000, 0.7), one("a", 1000, 0.66)]),
    ("5000 records, small harm", REF, [], "positive", [one("ref", 5000, 0.7), one("a", 5000, 0.67)]),
    ("5000 records, no harm", REF, [], "positive", [one("ref", 5000, 0.7), one("a", 5000, 0.701)]),
    ("small settled beside large in few records", REF, [], "positive",
     [one("ref", 5000, 0.7), one("a", 5000, 0.66), one("b", 5, 0.2), one("c", 24, 0.25)]),
    ("two groups harmed, the larger group less", REF, [], "positive",
     [one("ref", 1000, 0.8), one("a", 900, 0.7), one("b", 300, 0.5), one("c", 500, 0.85)]),
    ("thirty groups, none harmed", REF, [], "positive", many(40, None, 0.7)),
    ("thirty groups, one harmed", REF, [], "positive", many(40, 17, 0.2)),
    ("reversed within departments", {"d": "easy", "g": "man"}, [["d", "g"]], "positive", simpson()),
    ("harm of combinations only", {"d": "old", "g": "man"}, [["d", "g"]], "positive", hidden()),
    ("wrong decisions only", REF, [], "positive",
     [cell({"g": "ref"}, 400, 240, 216, 24), cell({"g": "a"}, 200, 120, 72, 48)]),
    ("the positive answer is the worse one", REF, [], "negative",
     [one("ref", 500, 0.1, base=0.1), one("a", 200, 0.3, base=0.1, right=0.3), one("b", 50, 0.02, base=0.1)]),
    ("no reference is declared", {}, [], "positive", [one("a", 200, 0.5), one("b", 300, 0.8), one("c", 400, 0.78)]),
    ("a reference of 5 records", REF, [], "positive", [one("ref", 5, 1.0), one("a", 400, 0.5), one("b", 5, 0.8)]),
]

WORSE = {
    "positive": {"positive-rate": -1, "accuracy": -1, "true-positive-rate": -1},
    "negative": {"positive-rate": 1, "accuracy": -1, "false-positive-rate": 1},
}
MEASURES = ["positive-rate", "accuracy", "true-positive-rate", "false-positive-rate"]


def counts(cells):
    """Count and n by measure."""
    def total(key):
        return sum(c[key] for c in cells)

    n, labels, true, false = (total(k) for k in ("n", "labels", "true", "false"))
    return {
        "positive-rate": (true + false, n), "accuracy": (true + n - labels - false, n), "true-positive-rate": (true, labels),
        "false-positive-rate": (false, n - labels),
    }


def planted():
    for name, references, intersections, favourable, cells in KINDS:
        groupings = sorted(cells[0]["groups"])
        rows = []
        for columns in [[g] for g in groupings] + intersections:
            values = sorted({tuple(c["groups"][g] for g in columns) for c in cells})
            declared = [references.get(g) for g in columns]
            reference = None if None in declared else tuple(declared)
            for value in values:
                if value == reference:
                    continue
                own = [c for c in cells if tuple(c["groups"][g] for g in columns) == value]
                rest = [
                    c for c in cells
                    if (tuple(c["groups"][g] for g in columns) == reference if reference else
                        tuple(c["groups"][g] for g in columns) != value)]
                rows.append((columns, value, counts(own), counts(rest)))
        compared = {}
        for measure in MEASURES:
            places = [i for i, row in enumerate(rows) if row[2][measure][1] and row[3][measure][1]]
            tests = []
            for i in places:
                (k, n), (r, m) = rows[i][2][measure], rows[i][3][measure]
                tests.append(float(stats.fisher_exact([[k, n - k], [r, m - r]])[1]))
            adjusted = multipletests(tests, method="holm")[1] if tests else []
            for i, p in zip(places, adjusted):
                (k, n), (r, m) = rows[i][2][measure], rows[i][3][measure]
                low, high = confint_proportions_2indep(k, n, r, m, method="newcomb", compare="diff")
                sign = WORSE[favourable].get(measure)
                difference = k / n - r / m
                loss = None
                if sign is not None:
                    least = low if sign > 0 else -high
                    loss = ("none" if difference * sign <= 0 else "settled" if p <= 0.05 else "likely" if least > 0 else "open")
                compared.setdefault(i, []).append(
                    {"measure": measure, "difference": difference, "adjustedP": float(p), "loss": loss})

        def order(entry):
            size = abs(entry["difference"])
            return (entry["loss"] not in ("settled", "likely"), size if entry["loss"] == "none" else -size)

        def rank(entry):
            shown = 0 if entry["loss"] in ("settled", "likely") else 2 if entry["loss"] == "open" else 4
            size = abs(entry["difference"])
            return (shown + (entry["measure"] not in MEASURES[:2]), size if entry["loss"] == "none" else -size)

        expected = []
        for i, row in enumerate(rows):
            worst = min((e for e in compared[i] if e["loss"] is not None), key=rank)
            expected.append({"groupings": row[0], "group": list(row[1]), **worst})
        expected.sort(key=order)
        yield {
            "name": name, "references": references, "intersections": intersections, "favourable": favourable,
            "groupings": groupings, "cells": cells, "expected": expected,
        }


def main():
    value = {
        "definitions": DEFINITIONS, "intervals": list(intervals()), "independent": list(independent()),
        "paired": list(paired()), "planted": list(planted()),
    }
    (HERE / "groups.json").write_text(json.dumps(value, indent=1) + "\n")


main()
