"""Tests of the benchmark scripts that need neither the engine nor the peers.

usage: python3 -m unittest discover -s Benchmarks/peers
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import encoder_prompts  # noqa: E402
import encoder_rows  # noqa: E402
import make_tokenizer  # noqa: E402
import prompts  # noqa: E402
import rows  # noqa: E402


def script(name):
    """A script without the suffix .py as a module."""
    loader = SourceFileLoader(name.replace("-", "_"), str(HERE.parent / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


cost_table = script("cost-table")


def bpe(word, merges):
    """Byte-pair encoding of one word by its definition: the merge of the lowest rank first, until none applies."""
    rank = {tuple(pair): number for number, pair in enumerate(merges)}
    parts = list(word)
    while len(parts) > 1:
        best = min(range(len(parts) - 1), key=lambda i: rank.get((parts[i], parts[i + 1]), len(merges)))
        if (parts[best], parts[best + 1]) not in rank:
            break
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts


class MadeUpTokenizer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = make_tokenizer.tokenizer()
        cls.vocabulary, cls.merges = cls.file["model"]["vocab"], cls.file["model"]["merges"]

    def test_has_gpt2s_size_and_its_last_token(self):
        self.assertEqual(len(self.vocabulary), 50257)
        self.assertEqual(self.vocabulary["<|endoftext|>"], 50256)
        self.assertEqual(sorted(self.vocabulary.values()), list(range(50257)))

    def test_writes_bytes_as_gpt2_does(self):
        letters = make_tokenizer.byte_letters()
        self.assertEqual(len(set(letters.values())), 256)
        # Published with GPT-2: a space is written G with a dot above, a newline C with a dot above.
        self.assertEqual((letters[0x20], letters[0x0A], letters[0x41]), ("\u0120", "\u010a", "A"))

    def test_every_merge_joins_tokens_to_a_token(self):
        for left, right in self.merges:
            self.assertIn(left, self.vocabulary)
            self.assertIn(right, self.vocabulary)
            self.assertIn(left + right, self.vocabulary)

    def test_byte_pair_encoding_makes_one_token_of_each_word_of_the_prompts(self):
        for text in (prompts.CLEAN, prompts.COUNTERFACTUAL):
            for number, word in enumerate(text.replace(",", "").split()):
                spelled = word if number == 0 else "\u0120" + word
                self.assertEqual(bpe(spelled, self.merges), [spelled])

    def test_the_prompt_has_15_tokens_and_the_pair_differs_in_the_names_only(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "tokenizer.json").write_text(json.dumps(self.file))
            pair = prompts.pair(folder)
        clean, other = pair["clean_ids"], pair["counterfactual_ids"]
        self.assertEqual((len(clean), len(other)), (15, 15))
        mary, john = pair["positive"], pair["negative"]
        self.assertEqual(other, [{mary: john, john: mary}.get(token, token) for token in clean])
        self.assertEqual((clean.count(mary), clean.count(john)), (1, 2))

    def test_a_word_that_is_no_token_is_refused(self):
        with self.assertRaises(prompts.NotOneToken):
            prompts.lookup(self.vocabulary, " Mary and Xerxes")


class Requirements(unittest.TestCase):
    def time(self, seconds):
        return {"median_s": seconds, "min_s": seconds, "max_s": seconds}

    def test_a_ratio_is_their_time_by_ours(self):
        self.assertTrue(rows.faster("", self.time(1), self.time(4), 4).met)
        self.assertFalse(rows.faster("", self.time(1), self.time(3.99), 4).met)
        self.assertEqual(rows.faster("", self.time(2), self.time(1)).ratio, "2.0× slower")
        self.assertIsNone(rows.faster("", self.time(2), self.time(1)).met)

    def test_bounds_are_those_of_the_requirements(self):
        self.assertTrue(rows.exact(self.time(1.5), self.time(1), True).met)
        self.assertFalse(rows.exact(self.time(1.51), self.time(1), True).met)
        scored = {"edge_attribution": self.time(1.5), "attribution_patching": self.time(1),
                  "edge_attribution_ig5": self.time(1.51), "passes_ig5": self.time(1)}  # fmt: skip
        self.assertEqual([row.met for row in rows.edges(scored, True)], [True, False])
        self.assertEqual([row.met for row in rows.edges(scored, False)], [None, None])
        self.assertEqual(rows.edges({"attribution_patching": self.time(1)}, True), [])
        self.assertTrue(rows.roofline({"forward": self.time(1.25), "roofline_forward_s": 1.0}, True).met)
        self.assertFalse(rows.roofline({"forward": self.time(1.26), "roofline_forward_s": 1.0}, True).met)
        self.assertFalse(rows.memory({"peak_rss_gb": 1.0}, {"peak_rss_gb": 2.9}, True).met)
        self.assertFalse(rows.roofline({"forward": self.time(1)}, True).met, "a bound that was not measured is not met")


class EncoderPrompts(unittest.TestCase):
    def test_a_pair_has_the_length_asked_for_and_differs_in_words_at_each_eighth_position(self):
        for tokens in encoder_prompts.LENGTHS:
            pair = encoder_prompts.pair(tokens)
            clean, other = pair["clean_ids"], pair["counterfactual_ids"]
            self.assertEqual((len(clean), len(other)), (tokens, tokens))
            self.assertEqual((clean[0], clean[-1], other[0], other[-1]), (101, 102, 101, 102))
            self.assertTrue(all(id in encoder_prompts.WORDS for id in [*clean[1:-1], *other[1:-1]]))
            changed = [place for place in range(tokens) if clean[place] != other[place]]
            self.assertEqual(changed, list(range(4, tokens, 8)))

    def test_the_same_length_gives_the_same_pair_in_four_lines(self):
        self.assertEqual(encoder_prompts.pair(32), encoder_prompts.pair(32))
        clean, _, positive, negative = prompts.lines(encoder_prompts.pair(32)).splitlines()
        self.assertEqual((clean.count(","), positive, negative), (31, "1", "0"))


class EncoderRequirements(unittest.TestCase):
    def time(self, seconds):
        return {"median_s": seconds, "min_s": seconds, "max_s": seconds}

    def taken(self, **changed):
        """PyTorch at the limits against an engine that takes a second for everything; `changed` replaces its seconds."""
        seconds = {"forward_eager": 2.5, "forward_sdpa": 3, "attribution_patching_eager": 5, "attribution_patching_sdpa": 4,
                   "exact_patching_one_eager": 13, "exact_patching_one_sdpa": 12, "exact_patching_layer_eager": 11,
                   "exact_patching_layer_sdpa": 10} | changed  # fmt: skip
        engine = {key: self.time(1) for key in ("forward", "attribution_patching", "exact_patching")}
        return {"engine": engine, "torch": {key: self.time(value) for key, value in seconds.items()}}

    def asked(self, taken):
        return [row.met for row in encoder_rows.rows(taken) if row.met is not None]

    def test_the_limits_are_those_of_the_requirements(self):
        self.assertEqual(self.asked(self.taken()), [True, True, True])
        self.assertEqual(self.asked(self.taken(forward_eager=2.49)), [False, True, True])
        self.assertEqual(self.asked(self.taken(attribution_patching_sdpa=3.99)), [True, False, True])
        self.assertEqual(self.asked(self.taken(exact_patching_layer_sdpa=9.99)), [True, True, False])

    def test_the_fastest_form_of_pytorchs_counts(self):
        rows = encoder_rows.rows(self.taken(exact_patching_one_eager=9))
        asked = [row for row in rows if row.met is not None][-1]
        self.assertIn("one node a pass (eager)", asked.quantity)
        self.assertFalse(asked.met)
        self.assertEqual(len([row for row in rows if row.quantity.startswith("exact patching")]), 2, "the other form is told")

    def test_the_bound_of_the_machine_is_told_and_not_asked(self):
        taken = self.taken()
        taken["engine"]["roofline_forward_s"] = 0.5
        self.assertEqual((encoder_rows.rows(taken)[-1].ratio, encoder_rows.rows(taken)[-1].met), ("50% of it", None))


class CostTable(unittest.TestCase):
    def points(self, seconds, xs=(1, 2, 4, 8, 16, 32, 64)):
        return [{"x": float(x), "seconds": seconds(x), "cached_rows_share": 0.5, "peak_rss": 1e8} for x in xs]

    def test_the_slope_of_a_power_law_is_its_exponent(self):
        for exponent in (0.5, 1, 2):
            self.assertAlmostEqual(cost_table.slope(self.points(lambda x: 3e-3 * x**exponent)), exponent, places=9)

    def test_a_polynomial_is_found_again(self):
        predict = cost_table.predictor(self.points(lambda x: 0.01 + 0.002 * x + 1e-5 * x * x), (0, 1, 2))
        self.assertAlmostEqual(predict(100), 0.01 + 0.2 + 0.1, places=9)

    def test_growth_as_predicted_has_nothing_wrong_and_other_growth_has(self):
        self.assertEqual(cost_table.series("prompts", self.points(lambda x: 0.001 + 0.06 * x))[1], [])
        self.assertTrue(cost_table.series("prompts", self.points(lambda x: 0.06 * x**1.5))[1])
        self.assertTrue(cost_table.series("prompts", self.points(lambda x: x, xs=(1, 2)))[1])

    def test_measurements_of_another_form_are_refused(self):
        entry = {"vary": "prompts", "x": 1, "seconds": 1, "cached_rows_share": 0, "peak_rss": 1}
        self.assertEqual(list(cost_table.read(json.dumps([entry]))), ["prompts"])
        for bad in ("{}", "[]", "[1]", json.dumps([{**entry, "vary": "mood"}]), json.dumps([{**entry, "seconds": 0}])):
            with self.assertRaises(cost_table.Unreadable), contextlib.redirect_stdout(io.StringIO()):
                cost_table.read(bad)


if __name__ == "__main__":
    unittest.main()
