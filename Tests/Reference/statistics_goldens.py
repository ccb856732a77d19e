"""Makes statistics.json: expected values of the statistics, from statsmodels, scikit-learn, scipy, numpy and C.

usage: statistics_goldens.py          (needs a C compiler, `cc`, for the random sequences)

Definitions that libraries leave open are stated in the file itself, under "definitions".
"""

import functools
import json
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy import optimize, special, stats
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

HERE = pathlib.Path(__file__).resolve().parent
RANDOM = np.random.Generator(np.random.PCG64(20261123))

DEFINITIONS = {
    "wilson": "Wilson score interval without continuity correction, two-sided.",
    "areaUnderCurve": "P(score of a positive > score of a negative) + P(equal) / 2.",
    "expectedCalibrationError": "10 equal-width bins; bin = min(9, floor(10 p)); sum over bins of "
    "n_bin/n * |mean p - share of positive labels|; empty bins count nothing.",
    "quantiles": "numpy's 'linear' (Hyndman and Fan's type 7): h = (n - 1) q, linear between floor(h) and the next.",
    "bootstrap": "Percentile interval: the (1 - c)/2 and 1 - (1 - c)/2 quantiles ('linear') of each resample's mean. "
    "With a seed: resample after resample, n indices each, drawn as in 'indices'.",
    "splitMix64": "Steele, Lea, Flood 2014, as in Vigna's public-domain C; outputs as hexadecimal strings.",
    "indices": "SplitMix64 reduced to 0..<below as in Lemire 2019 (ACM TOMACS 29(1)), algorithm 5: high half of the "
    "128-bit product, rejecting low halves under 2^64 mod below.",
    "null": "The statistic is undefined there.",
    "signFlips": "scipy.stats.permutation_test over all sign flips ('samples'); two-sided: of |mean|, 'greater'.",
    "labels": "scipy.stats.permutation_test over all assignments of the labels ('independent'), difference of means; "
    "two-sided: of |difference|, 'greater'. p counts the observed assignment.",
    "assignments": "Least total cost, by scipy.optimize.linear_sum_assignment.",
    "bootstrapT": "Draws as in 'seededBootstrap'. t* = (resample's ratio - ratio) / resample's standard error, with "
    "standard error sqrt(sum of (x - ratio y)^2 / (n (n - 1))) / |mean of y|; interval ratio - (upper, lower quantile "
    "of t*) * standard error. 'expanded': quantiles of the resamples' ratios at norm.cdf(-sqrt(n / (n - 1)) t.ppf(0.975, "
    "n - 1)) and its complement. 'student': ratio -+ t.ppf(0.975, n - 1) * standard error.",
    "areas": "numpy.trapezoid over the shares of f and of |1 - f|.",
}

# Vigna's splitmix64.c, in the public domain (CC0), and algorithm 5 of Lemire 2019.
# usage: sequence SEED COUNT [BELOW]
SEQUENCE = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static uint64_t x;
static uint64_t next(void) {
  uint64_t z = (x += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
static uint64_t below(uint64_t s) {
  __uint128_t m = (__uint128_t)next() * s;
  if ((uint64_t)m < s) {
    uint64_t t = -s % s;
    while ((uint64_t)m < t) m = (__uint128_t)next() * s;
  }
  return m >> 64;
}
int main(int argc, char **argv) {
  x = strtoull(argv[1], 0, 10);
  for (int i = 0; i < atoi(argv[2]); i++)
    printf("%llu\n", (unsigned long long)(argc > 3 ? below(strtoull(argv[3], 0, 10)) : next()));
  return 0;
}
"""


@functools.cache
def sequence(seed, count, below=None):
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "sequence.c"), pathlib.Path(folder, "sequence")
        source.write_text(SEQUENCE)
        subprocess.run(["cc", "-O1", "-o", program, source], check=True)
        arguments = [str(value) for value in (seed, count, below) if value is not None]
        return [int(line) for line in subprocess.check_output([program, *arguments], text=True).split()]


def wilson():
    counts = [(0, 1), (1, 1), (0, 5), (5, 5), (1, 2), (1, 10), (3, 7), (9, 10), (0, 200), (1, 200), (100, 200), (161, 200),
              (199, 200), (200, 200), (17, 53), (118, 147), (500, 1000), (1, 100000), (99999, 100000)]  # fmt: skip
    rows = []
    for count, n in counts:
        for confidence in (0.90, 0.95, 0.99):
            low, high = proportion_confint(count, n, alpha=1 - confidence, method="wilson")
            exact = stats.binomtest(count, n).proportion_ci(confidence, method="wilson")
            assert abs(low - exact.low) < 1e-12 and abs(high - exact.high) < 1e-12, (count, n, confidence)
            rows.append({"count": count, "n": n, "confidence": confidence, "low": float(low), "high": float(high)})
    return rows


def area_under_curve():
    sets = [([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), ([1, 2, 3, 4], [0, 0, 1, 1]), ([4, 3, 2, 1], [0, 0, 1, 1]),
            ([1, 1, 1, 1], [0, 1, 0, 1]), ([-1, -1, 0, 0, 2, 2], [0, 1, 0, 1, 1, 0])]  # fmt: skip
    for n, levels in [(30, 4), (60, 1000), (200, 25)]:
        labels = (RANDOM.random(n) < 0.6).astype(int)
        scores = np.round((RANDOM.standard_normal(n) + labels) * levels / 6) * 6 / levels
        sets.append((scores.tolist(), labels.tolist()))
    rows = []
    for scores, labels in sets:
        value = float(roc_auc_score(labels, scores))
        positive = [s for s, label in zip(scores, labels, strict=True) if label]
        negative = [s for s, label in zip(scores, labels, strict=True) if not label]
        wins = sum((a > b) + 0.5 * (a == b) for a in positive for b in negative)
        assert abs(value - wins / (len(positive) * len(negative))) < 1e-12
        rows.append({"scores": scores, "labels": labels, "value": value})
    rows.append({"scores": [0.2, 0.7], "labels": [1, 1], "value": None})
    rows.append({"scores": [0.2, 0.7], "labels": [0, 0], "value": None})
    return rows


def calibration():
    """Brier score, calibration in the large, and the expected calibration error with its bins."""
    sets = [([0.0, 1.0, 0.5, 0.95, 0.05], [0, 1, 1, 1, 1]), ([0.0, 0.0], [0, 1]), ([1.0, 1.0, 1.0], [1, 1, 0])]
    for n in (17, 60, 200):
        p = special.expit(1.5 * RANDOM.standard_normal(n) + 0.4)
        sets.append((p.tolist(), (RANDOM.random(n) < p**1.3).astype(int).tolist()))
    rows = []
    for probabilities, labels in sets:
        p, y = np.array(probabilities), np.array(labels, float)
        bins, error = [], 0.0
        index = np.minimum(9, np.floor(10 * p)).astype(int)
        for b in range(10):
            inside = index == b
            n = int(inside.sum())
            mean, share = (float(p[inside].mean()), float(y[inside].mean())) if n else (None, None)
            error += n / len(p) * abs(mean - share) if n else 0.0
            bins.append({"n": n, "predicted": mean, "observed": share})
        brier = float(np.mean((p - y) ** 2))
        if 0 < y.sum() < len(y):
            assert abs(brier - brier_score_loss(labels, p)) < 1e-12
        rows.append({"probabilities": probabilities, "labels": labels, "brier": brier,
                     "calibrationInTheLarge": float(p.mean() - y.mean()), "expectedCalibrationError": error,
                     "bins": bins})  # fmt: skip
    return rows


def correlation():
    sets = [([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]), ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]), ([1, 2, 2, 3], [1, 1, 2, 2]),
            ([1, 1, 1, 2], [3, 1, 2, 2]), ([0, 0, 1, 1, 2, 2], [5, 5, 5, 1, 1, 9]),
            ([1e8 + 1, 1e8 + 2, 1e8 + 4], [1e8, 1e8 + 3, 1e8 + 2])]  # fmt: skip
    x = RANDOM.standard_normal(40)
    sets.append((x.tolist(), (x + RANDOM.standard_normal(40)).tolist()))
    sets.append((np.round(x, 1).tolist(), np.round(np.exp(x), 0).tolist()))
    rows = [
        {
            "x": a,
            "y": b,
            "pearson": float(stats.pearsonr(a, b).statistic),
            "spearman": float(stats.spearmanr(a, b).statistic),
        }
        for a, b in sets
    ]
    for a, b in [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [4, 4, 4]), ([1], [2]), ([], [])]:
        rows.append({"x": a, "y": b, "pearson": None, "spearman": None})
    return rows


def quantiles():
    rows = []
    points = [0, 0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995, 1]
    for values in [[3.0], [1.0, 2.0], [5.0, 1.0, 3.0], [2.0, 2.0, 2.0, 7.0], RANDOM.standard_normal(25).tolist(),
                   RANDOM.standard_normal(100).tolist()]:  # fmt: skip
        expected = np.quantile(values, points, method="linear").tolist()
        rows.append({"values": values, "q": points, "expected": expected})
    return rows


def bootstrap():
    rows = []
    for n, resamples in [(1, 8), (5, 40), (12, 101), (40, 60)]:
        values = np.round(RANDOM.standard_normal(n) * 3, 4)
        indices = RANDOM.integers(0, n, size=(resamples, n))
        means = values[indices].mean(axis=1)
        intervals = []
        for confidence in (0.90, 0.95, 0.99):
            low, high = np.quantile(means, [(1 - confidence) / 2, 1 - (1 - confidence) / 2], method="linear")
            intervals.append({"confidence": confidence, "low": float(low), "high": float(high)})
        rows.append({"values": values.tolist(), "resamples": indices.tolist(), "mean": float(values.mean()),
                     "intervals": intervals})  # fmt: skip
    return rows


def seeded_bootstrap():
    rows = []
    for n, resamples, seed in [(7, 200, 1), (40, 500, 42)]:
        values = np.round(RANDOM.standard_normal(n) * 3, 4)
        means = values[np.array(sequence(seed, n * resamples, n)).reshape(resamples, n)].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975], method="linear")
        rows.append({"values": values.tolist(), "resamples": resamples, "seed": seed, "confidence": 0.95,
                     "mean": float(values.mean()), "low": float(low), "high": float(high)})  # fmt: skip
    return rows


def split_mix():
    seeds = (0, 1, 42, 2**63, 2**64 - 1)
    return [{"seed": f"0x{s:016x}", "outputs": [f"0x{out:016x}" for out in sequence(s, 10)]} for s in seeds]


def indices():
    rows = []
    for seed, below in [(1, 1), (1, 2), (42, 10), (0, 200), (42, 1000), (7, 2**64 // 3 + 1), (7, 2**63 - 1)]:
        rows.append({"seed": seed, "below": str(below), "outputs": [str(out) for out in sequence(seed, 20, below)]})
    return rows


def normal_quantiles():
    points = [1e-12, 1e-6, 0.0005, 0.005, 0.01, 0.025, 0.02425, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.97575,
              0.975, 0.99, 0.995, 0.9995, 0.999999]  # fmt: skip
    return [{"p": p, "z": float(stats.norm.ppf(p))} for p in points]


def student_t():
    points = [0.0005, 0.005, 0.025, 0.05, 0.2, 0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.9995, 0.9999999]
    degrees = [1, 2, 3, 4, 5, 9, 10, 19, 30, 49, 100, 199, 998, 999, 1000, 1001, 5000, 100000]
    return [{"degrees": d, "p": p, "t": float(stats.t.ppf(p, d))} for d in degrees for p in points]


def exact_permutation(samples, statistic, kind):
    def p(alternative):
        turned = (lambda *s, axis: np.abs(statistic(*s, axis=axis))) if alternative == "two-sided" else statistic
        way = "greater" if alternative == "two-sided" else alternative
        result = stats.permutation_test(samples, turned, permutation_type=kind, n_resamples=np.inf, alternative=way)
        return float(result.pvalue)

    return {"twoSided": p("two-sided"), "greater": p("greater"), "less": p("less")}


def sign_flips():
    sets = [[1.0, 2.0], [0.5, -0.25, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, -2.0, 3.0], [1.0, 2.0, 3.0, -6.0]]
    sets += [np.round(RANDOM.standard_normal(n) + 0.4, digits).tolist() for n, digits in [(6, 1), (8, 4), (11, 4), (13, 2)]]
    return [{"effects": x, **exact_permutation((np.array(x),), np.mean, "samples")} for x in sets]


def labels():
    sets = [([1.0, 4.0], [2.0, 3.0]), ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ([1.0, 1.0, 2.0], [1.0, 2.0, 2.0, 2.0])]
    for a, b, digits in [(3, 5, 3), (6, 6, 1), (4, 9, 4)]:
        sets.append((np.round(RANDOM.standard_normal(a) + 0.8, digits).tolist(),
                     np.round(RANDOM.standard_normal(b), digits).tolist()))  # fmt: skip

    def difference(a, b, axis):
        return np.mean(a, axis=axis) - np.mean(b, axis=axis)

    return [
        {"a": a, "b": b, **exact_permutation((np.array(a), np.array(b)), difference, "independent")} for a, b in sets
    ]


def adjusted():
    sets = [[0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [0.0, 1.0, 0.2], [0.001] * 4 + [0.9],
            np.round(RANDOM.random(16) ** 3, 3).tolist(), (RANDOM.random(144) ** 2).tolist()]  # fmt: skip
    rows = []
    for p in sets:
        hochberg = multipletests(p, method="fdr_bh")[1]
        assert np.allclose(hochberg, stats.false_discovery_control(p, method="bh"), atol=1e-15)
        rows.append({"p": p, "benjaminiHochberg": hochberg.tolist(), "holm": multipletests(p, method="holm")[1].tolist()})
    return rows


def assignments():
    shapes = [(1, 1), (1, 4), (3, 1), (2, 2), (3, 3), (5, 5), (4, 7), (7, 4), (12, 12), (20, 13), (16, 40)]
    rows = []
    for shape in shapes:
        for costs in (RANDOM.standard_normal(shape), RANDOM.integers(-3, 4, shape).astype(float)):
            i, j = optimize.linear_sum_assignment(costs)
            rows.append({"costs": costs.tolist(), "least": float(costs[i, j].sum())})
    return rows


def wasserstein():
    rows = []
    for k in (1, 2, 3, 5, 10):
        a, b = np.round(RANDOM.random(k) * 11) / 11, np.round(RANDOM.random(k) * 5) / 5
        rows.append({"a": a.tolist(), "b": b.tolist(), "distance": float(stats.wasserstein_distance(a, b))})
    return rows


def bootstrap_t():
    rows = []
    for n, resamples, seed, kind in [(5, 400, 3, "mean"), (12, 999, 5, "mean"), (40, 500, 42, "mean"),
                                     (10, 800, 8, "ratio"), (25, 600, 9, "ratio")]:  # fmt: skip
        x = np.round(RANDOM.lognormal(0, 0.8, n), 4)
        y = np.ones(n) if kind == "mean" else np.round(3 + RANDOM.standard_normal(n), 4)
        indices = np.array(sequence(seed, n * resamples, n)).reshape(resamples, n)

        def ratio_and_error(x, y, n=n):
            ratio = x.mean(-1) / y.mean(-1)
            squares = (x - np.expand_dims(ratio, -1) * y) ** 2
            return ratio, np.sqrt(squares.sum(-1) / (n * (n - 1))) / np.abs(y.mean(-1))

        ratio, error = ratio_and_error(x, y)
        ratios, errors = ratio_and_error(x[indices], y[indices])
        kept = errors > 1e-6 * error
        lower, upper = np.quantile(((ratios - ratio) / np.where(kept, errors, 1))[kept], [0.025, 0.975])
        t = stats.t.ppf(0.975, n - 1)
        tail = stats.norm.cdf(-np.sqrt(n / (n - 1)) * t)
        expanded = np.quantile(ratios, [tail, 1 - tail])
        rows.append({"kind": kind, "x": x.tolist(), "y": y.tolist(), "resamples": resamples, "seed": seed,
                     "value": float(ratio), "low": float(ratio - upper * error), "high": float(ratio - lower * error),
                     "expandedLow": float(expanded[0]), "expandedHigh": float(expanded[1]),
                     "studentLow": float(ratio - t * error), "studentHigh": float(ratio + t * error)})  # fmt: skip
    return rows


def areas():
    shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
    rows = []
    for f in (np.ones(10), np.zeros(10), np.linspace(0, 1, 10), RANDOM.standard_normal(10) + 1):
        f[-1] = 1  # the whole model's, by definition
        rows.append({"faithfulness": f.tolist(), "under": float(np.trapezoid(f, shares)),
                     "fromOne": float(np.trapezoid(np.abs(1 - f), shares))})  # fmt: skip
    return rows


def main():
    sections = {
        "wilson": wilson(), "areaUnderCurve": area_under_curve(), "calibration": calibration(),
        "correlation": correlation(), "quantiles": quantiles(), "bootstrap": bootstrap(),
        "seededBootstrap": seeded_bootstrap(), "splitMix64": split_mix(), "indices": indices(), "normalQuantiles": normal_quantiles(),
        "studentT": student_t(), "signFlips": sign_flips(), "labels": labels(), "adjusted": adjusted(),
        "assignments": assignments(), "wasserstein": wasserstein(), "bootstrapT": bootstrap_t(), "areas": areas(),
    }  # fmt: skip
    parts = ['"definitions": ' + json.dumps(DEFINITIONS, indent=1)]
    for name, rows in sections.items():
        parts.append(f'"{name}": [\n' + ",\n".join("  " + json.dumps(row, allow_nan=False) for row in rows) + "\n]")
    path = HERE / "statistics.json"
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"wrote {path.name}: {path.stat().st_size} bytes, {', '.join(f'{k} {len(v)}' for k, v in sections.items())}")


if __name__ == "__main__":
    main()
