#!/usr/bin/env python3
"""Times what one edge costs ACDC as it is written in Python (Conmy et al. 2023): one forward pass of TransformerLens in which a hook
gives one receiver what one sender wrote on the other prompt. The model computes every head's result and every input apart, which
such a pass needs.

usage: edge_cost.py MODEL --clean IDS --counterfactual IDS [--edges N] [--threads N]
Prints one JSON object: seconds per edge (median, least, most over N edges drawn with a fixed seed), and the load average.
Every value is checked to be finite; an edge whose sender and receiver are the same layer's attention and MLP counts as any other.
"""

import argparse
import json
import os
import random
import statistics
import time

import peers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--clean", required=True)
    parser.add_argument("--counterfactual", required=True)
    parser.add_argument("--edges", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    import torch

    torch.set_num_threads(arguments.threads)
    model = peers.load_transformer_lens(arguments.model)
    model.set_use_attn_result(True)
    model.set_use_split_qkv_input(True)
    model.set_use_hook_mlp_in(True)
    clean, other = (
        torch.tensor([[int(number) for number in text.split(",")]])
        for text in (arguments.clean, arguments.counterfactual)
    )
    layers, heads = model.cfg.n_layers, model.cfg.n_heads

    def is_sender(name):
        return name.endswith(("attn.hook_result", "hook_mlp_out"))

    with torch.inference_mode():
        caches = [model.run_with_cache(ids, names_filter=is_sender)[1] for ids in (clean, other)]
        random_edges = random.Random(1)
        seconds = []
        for number in range(arguments.edges + 1):  # the first warms up
            sender, receiver = sorted(random_edges.sample(range(layers), 2))
            head, into = random_edges.randrange(heads), random_edges.randrange(heads)
            name = f"blocks.{sender}.attn.hook_result"
            difference = caches[1][name][:, :, head] - caches[0][name][:, :, head]
            which = random_edges.choice(["hook_q_input", "hook_k_input", "hook_v_input"])

            def give(value, hook, difference=difference, into=into):
                value[:, :, into] += difference
                return value

            start = time.perf_counter()
            logits = model.run_with_hooks(clean, fwd_hooks=[(f"blocks.{receiver}.{which}", give)])
            taken = time.perf_counter() - start
            if not torch.isfinite(logits).all():
                raise SystemExit("a logit is not finite")
            if number > 0:
                seconds.append(taken)
    print(
        json.dumps(
            {
                "edges": len(seconds),
                "median_s": statistics.median(seconds),
                "min_s": min(seconds),
                "max_s": max(seconds),
                "load": os.getloadavg(),
                "versions": peers.versions(),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
