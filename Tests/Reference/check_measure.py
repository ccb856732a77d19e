#!/usr/bin/env python3
"""Compares what `vitrine measure MODEL CASES.json --json` printed with a reference file, field by field.

usage:
  check_measure.py --make-cases REFERENCE.json > CASES.json
  vitrine measure MODEL CASES.json --json | check_measure.py - REFERENCE.json

Prints, per field, the largest deviation over all cases relative to max(1, |m_clean - m_corrupted|) of the case, and
where it was. Exit status: 0 if every deviation is at most 1e-4; 1 if one is larger, or a value is missing, not a finite
number or of another shape; 2 for wrong use. Needs nothing but Python's standard library.
"""

import argparse
import json
import math
import sys

LIMIT = 1e-4
EXACT = ["clean_ids", "corrupted_ids", "positive", "negative"]
NUMBERS = [
    "m_clean", "m_corrupted", "last_logits", "noising_head", "denoising_head", "noising_mlp", "denoising_mlp",
    "attribution_head", "attribution_mlp", "ig_token", "ig_inputs_head", "grad_x_input_token",
]  # fmt: skip
PLACES = ["position", "type_ids"]  # of encoders: where the decision is read, the segment of each token
CIRCUIT = ["m_circuit", "m_without", "m_empty"]


class Mismatch(Exception):
    """The two values cannot be compared: a missing field, another shape, no finite number."""


def deviation(ours, reference, where):
    """The largest absolute difference of two equally nested lists of finite numbers, and its place."""
    if isinstance(reference, list):
        if not isinstance(ours, list) or len(ours) != len(reference):
            found = f"{len(ours)} values" if isinstance(ours, list) else repr(ours)
            raise Mismatch(f"{where}: expected {len(reference)} values, found {found}")
        pairs = enumerate(zip(ours, reference))
        return max((deviation(a, b, f"{where}[{i}]") for i, (a, b) in pairs), default=(0.0, where))
    if isinstance(ours, bool) or not isinstance(ours, (int, float)) or not math.isfinite(ours):
        raise Mismatch(f"{where}: expected a finite number, found {ours!r}")
    return abs(ours - reference), where


def field(case, name, where):
    if not isinstance(case, dict) or name not in case:
        error = f" (it says: {case['error']})" if isinstance(case, dict) and "error" in case else ""
        raise Mismatch(f"{where}: no field '{name}'{error}")
    return case[name]


def same(ours, reference, where):
    if ours != reference:
        raise Mismatch(f"{where}: expected {reference!r}, found {ours!r}")


def compare_case(ours, reference, where):
    """Yields (field, deviation, place) for one case."""
    for name in EXACT:
        same(field(ours, name, where), reference[name], f"{where}.{name}")
    scale = max(1.0, abs(reference["m_clean"] - reference["m_corrupted"]))
    for name in NUMBERS:
        value, place = deviation(field(ours, name, where), reference[name], f"{where}.{name}")
        yield name, value / scale, place
    expected, found = reference.get("circuits", []), field(ours, "circuits", where)
    same(len(found) if isinstance(found, list) else found, len(expected), f"{where}: number of circuits")
    for number, (circuit, wanted) in enumerate(zip(found, expected)):
        here = f"{where}.circuits[{number}]"
        same(field(circuit, "heads", here), wanted["heads"], f"{here}.heads")
        for name in CIRCUIT:
            value, place = deviation(field(circuit, name, here), wanted[name], f"{here}.{name}")
            yield name, value / scale, place


def compare(ours, reference):
    """Prints the table; returns whether all is well."""
    if not isinstance(ours, dict):
        print("FAIL the measured file is not a JSON object with 'cases'")
        return False
    problems, worst = [], {}
    for name in ["model_type", "layers", "heads"]:
        if ours.get(name) != reference[name]:
            problems.append(f"{name}: expected {reference[name]!r}, found {ours.get(name)!r}")
    cases = ours.get("cases")
    if not isinstance(cases, list) or len(cases) != len(reference["cases"]):
        problems.append(f"cases: expected {len(reference['cases'])}, found {len(cases or [])}")
        cases = []
    for number, (case, wanted) in enumerate(zip(cases, reference["cases"])):
        try:
            for name, value, place in compare_case(case, wanted, f"cases[{number}]"):
                worst[name] = max(worst.get(name, (-1.0, "")), (value, place))
        except Mismatch as mismatch:
            problems.append(str(mismatch))
    for name, (value, place) in worst.items():
        print(f"{'ok  ' if value <= LIMIT else 'FAIL'} {name:20} {value:.2e}  {place}")
        if value > LIMIT:
            problems.append(f"{name} deviates by {value:.2e}, more than {LIMIT:.0e}, at {place}")
    for problem in problems:
        print(f"FAIL {problem}")
    largest = max((value for value, _ in worst.values()), default=math.nan)
    good = not problems and bool(worst)
    print(f"{len(cases)} cases, {len(worst)} numeric fields, largest relative deviation {largest:.2e}: ", end="")
    print("ok" if good else "FAIL")
    return good


def make_cases(reference):
    """The cases as `vitrine measure` takes them; of encoders with the types of the tokens and the decision's position."""
    return [
        {
            "clean": case["clean_ids"], "corrupted": case["corrupted_ids"],
            "positive": case["positive"], "negative": case["negative"],
            "circuits": [circuit["heads"] for circuit in case.get("circuits", [])],
            **{key: case[key] for key in PLACES if key in case},
        }
        for case in reference["cases"]
    ]  # fmt: skip


def read(path):
    try:
        if path == "-":
            return json.load(sys.stdin)
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        sys.exit(f"check_measure.py: cannot read {'standard input' if path == '-' else path} as JSON: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make-cases", metavar="REFERENCE.json", help="write the cases to standard output")
    parser.add_argument("measured", nargs="?", help="what `vitrine measure --json` printed, or - for standard input")
    parser.add_argument("reference", nargs="?", help="the reference file")
    given = parser.parse_args()
    if given.make_cases:
        json.dump(make_cases(read(given.make_cases)), sys.stdout)
        print()
        return 0
    if not given.reference:
        parser.error("name the measured file and the reference file")
    return 0 if compare(read(given.measured), read(given.reference)) else 1


if __name__ == "__main__":
    sys.exit(main())
