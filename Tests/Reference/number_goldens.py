"""Makes numbers.json: expected values of a regression's errors, from scikit-learn and scipy.

usage: number_goldens.py
"""

import json
import pathlib

import numpy
from scipy import stats
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

HERE = pathlib.Path(__file__).resolve().parent

DEFINITIONS = {
    "errors": "scikit-learn: mean_absolute_error, root_mean_squared_error, r2_score (null where all labels are the same); meanError is numpy's "
    "mean of number - label.",
    "differences": "The group's mean |number - label| less the reference's, with p and 95 % interval of Welch's test (scipy ttest_ind, "
    "equal_var=False), p adjusted by Holm over the groups of the file (by hand: sorted, times the number left, running maximum).",
}


def errors(rows):
    numbers = numpy.array([row["number"] for row in rows])
    labels = numpy.array([row["label"] for row in rows])
    return {
        "n": len(rows),
        "meanAbsoluteError": float(mean_absolute_error(labels, numbers)),
        "rootMeanSquareError": float(root_mean_squared_error(labels, numbers)),
        "determination": None if len(set(labels.tolist())) == 1 else float(r2_score(labels, numbers)),
        "meanError": float(numpy.mean(numbers - labels)),
    }


def differences(rows, reference):
    def sizes(group):
        return [abs(row["number"] - row["label"]) for row in rows if row["group"] == group]

    found = []
    for group in sorted({row["group"] for row in rows} - {reference}):
        test = stats.ttest_ind(sizes(group), sizes(reference), equal_var=False)
        interval = test.confidence_interval(0.95)
        found.append(
            {
                "group": group, "difference": float(numpy.mean(sizes(group)) - numpy.mean(sizes(reference))),
                "low": float(interval.low), "high": float(interval.high), "p": float(test.pvalue),
            }
        )
    largest = 0.0
    for place, row in enumerate(sorted(found, key=lambda row: row["p"])):
        largest = max(largest, min(1.0, row["p"] * (len(found) - place)))
        row["adjustedP"] = largest
    return found


def case(name, seed, spread, reference="a", constant=False):
    generator = numpy.random.default_rng(seed)
    rows = []
    for group, (count, noise, shift) in spread.items():
        labels = numpy.round(generator.normal(50, 12, count), 1)
        if constant:
            labels[:] = 50
        for label in labels:
            rows.append(
                {
                    "group": group, "label": float(label),
                    "number": float(numpy.round(label + shift + generator.normal(0, noise), 3)),
                }
            )
    groups = {group: errors([row for row in rows if row["group"] == group]) for group in spread}
    return {
        "name": name, "reference": reference, "rows": rows, "all": errors(rows), "groups": groups,
        "differences": differences(rows, reference),
    }


def main():
    cases = [
        case("one group farther", 1, {"a": (120, 4, 0), "b": (90, 9, 0), "c": (60, 4, 0.5)}),
        case("shifted", 2, {"a": (80, 3, 0), "b": (25, 3, 6)}),
        case("no difference, few records", 3, {"a": (40, 5, 0), "b": (8, 5, 0)}),
        case("worse than the mean", 4, {"a": (50, 40, 10), "b": (50, 30, -10)}),
        case("constant labels", 5, {"a": (20, 2, 0), "b": (20, 2, 1)}, constant=True),
    ]
    (HERE / "numbers.json").write_text(json.dumps({"definitions": DEFINITIONS, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
