"""Makes values.json: expected values of the tests of differences, from scipy and statsmodels.

usage: generate.py

Tango's score test has no form in these libraries: it is computed here from its definition, the likelihood of the paired
table maximised numerically under each hypothetical difference, not from the closed form that the program uses.
"""

import json
import pathlib

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

RANDOM = np.random.Generator(np.random.PCG64(20261125))


def paired():
    cases = []
    for n, shift, margin in [(5, 0.3, 0.5), (12, 0.0, 0.1), (40, 0.05, 0.1), (200, 0.094, 0.1), (200, 0.01, 0.05)]:
        before = RANDOM.normal(0, 1, n)
        after = before + shift + RANDOM.normal(0, 0.1, n)
        test = stats.ttest_rel(after, before)
        interval = test.confidence_interval(0.95)
        cases.append({
            "before": before.tolist(), "after": after.tolist(), "margin": margin, "p": float(test.pvalue),
            "low": float(interval.low), "high": float(interval.high),
            "equivalence": float(ttost_paired(after, before, -margin, margin)[0]),
        })
    return cases


def independent():
    cases = []
    for a, b, shift, spread in [(8, 13, 0.5, 2.0), (100, 100, 0.0, 1.0), (30, 60, 0.2, 0.5)]:
        first, second = RANDOM.normal(0, 1, a), RANDOM.normal(shift, spread, b)
        test = stats.ttest_ind(second, first, equal_var=False)
        interval = test.confidence_interval(0.95)
        cases.append({
            "first": first.tolist(), "second": second.tolist(), "margin": 0.6, "p": float(test.pvalue),
            "low": float(interval.low), "high": float(interval.high),
            "equivalence": float(ttost_ind(second, first, -0.6, 0.6, usevar="unequal")[0]),
        })
    return cases


def tango_score(b, c, n, delta):
    """(b - c - n delta) over its standard error, the cell probability being the maximum-likelihood one under delta."""
    def loss(q):  # q is the probability of "second only" less delta, that is of "first only"
        p12, p21, rest = q + delta, q, 1 - 2 * q - delta
        terms = [(b, p12), (c, p21), (n - b - c, rest)]
        return -sum(k * np.log(max(p, 1e-300)) for k, p in terms if k > 0)
    low, high = max(0.0, -delta), (1 - delta) / 2
    grid = np.linspace(low, high, 2001)
    best = grid[np.argmin([loss(q) for q in grid])]
    step = grid[1] - grid[0]
    q = optimize.minimize_scalar(
        loss, bounds=(max(low, best - step), min(high, best + step)), method="bounded", options={"xatol": 1e-14}).x
    if min(loss(low), loss(high)) < loss(q):
        q = low if loss(low) < loss(high) else high
    return (b - c - n * delta) / np.sqrt(n * (2 * q + delta - delta**2))


def paired_shares():
    cases = []
    for n, before_only, after_only, margin in [
        (200, 9, 3, 0.05), (200, 0, 0, 0.05), (200, 11, 6, 0.05), (50, 20, 3, 0.1), (30, 0, 4, 0.2), (1000, 60, 55, 0.05),
    ]:
        b, c = after_only, before_only
        test = mcnemar([[0, before_only], [after_only, n - before_only - after_only]], exact=True)
        z = stats.norm.ppf(0.975)
        point = (b - c) / n
        ends = [
            optimize.brentq(lambda d: tango_score(b, c, n, d) - z, -0.999, point - 1e-9),
            optimize.brentq(lambda d: tango_score(b, c, n, d) + z, point + 1e-9, 0.999),
        ]
        equivalence = max(stats.norm.sf(tango_score(b, c, n, -margin)), stats.norm.cdf(tango_score(b, c, n, margin)))
        cases.append({
            "n": n, "onlyBefore": before_only, "onlyAfter": after_only, "margin": margin, "p": float(test.pvalue),
            "low": float(ends[0]), "high": float(ends[1]), "equivalence": float(equivalence),
        })
    return cases


def independent_shares():
    cases = []
    for k1, n1, k2, n2 in [(9, 100, 3, 100), (0, 20, 5, 25), (50, 60, 20, 70), (3, 10, 3, 10)]:
        p = stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
        low, high = confint_proportions_2indep(k2, n2, k1, n1, method="newcomb", compare="diff")
        cases.append({"before": [k1, n1], "after": [k2, n2], "p": float(p), "low": float(low), "high": float(high)})
    return cases


def power():
    return [
        {"shift": shift, "level": level, "n": n,
         "power": float(TTestPower().power(shift / np.sqrt(n), n, level, alternative="two-sided"))}
        for shift, level, n in [(2.8, 0.05, 200), (1.0, 0.05, 10), (3.5, 0.05 / 14, 200), (0.0, 0.05, 30), (4.0, 0.01, 6)]
    ]


def families():
    cases = []
    for size in (3, 14):
        p = RANDOM.uniform(0, 1, size) ** 3
        cases.append({
            "p": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist(),
            "benjaminiHochberg": multipletests(p, method="fdr_bh")[1].tolist(),
        })
    return cases


values = {
    "paired": paired(), "independent": independent(), "pairedShares": paired_shares(),
    "independentShares": independent_shares(), "power": power(), "families": families(),
}
path = pathlib.Path(__file__).resolve().parent / "values.json"
path.write_text(json.dumps(values, indent=1) + "\n")
