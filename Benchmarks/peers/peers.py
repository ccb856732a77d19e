#!/usr/bin/env python3
"""Times plain PyTorch, TransformerLens and glassbox-mech-interp on a GPT-2-architecture folder with a tokenizer.json, or plain
PyTorch alone on a BERT classifier.

usage:
  peers.py versions                                     print the versions of what is compared with
  peers.py time MODEL [PEER ...] [--runs N] [--threads N] [--tokens N]
      PEER: torch, transformer_lens, glassbox (default: all). Each runs in a process of its own, so that peak memories are
      apart. Prints one JSON object: the token ids of the prompts, and per peer its load time, per quantity the median,
      smallest and largest of N runs in seconds after a warm-up run, the values computed, peak memory and load average.
      --tokens: MODEL is a BERT classifier, timed on a pair of this length; PEER: torch only (encoder_peer.py).

The prompts are those of prompts.py, of classifiers those of encoder_prompts.py. Every quantity is timed in-process on a loaded
model; weights and caches are warm.
"""

import argparse
import gc
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

import encoder_prompts
import prompts
from timing import forget_peak, peak_gb, timed

PEERS = ["torch", "transformer_lens", "glassbox"]
PACKAGES = ["torch", "transformers", "transformer-lens", "glassbox-mech-interp", "numpy"]
ENCODER_PEERS, ENCODER_PACKAGES = ["torch"], ["torch", "transformers", "numpy"]


def versions(names=PACKAGES):
    found = {name: importlib.metadata.version(name) for name in names}
    return {"python": platform.python_version(), **found}


def load_torch(folder):
    from transformers import GPT2LMHeadModel

    return GPT2LMHeadModel.from_pretrained(folder).eval()


def time_torch(folder, pair, runs):
    """Hugging Face's model as it comes, which is the fastest it has: its other attention, and `use_cache=False`, cost 0.4 and
    2.4 ms more on a small model."""
    import torch

    start = time.perf_counter()
    model = load_torch(folder)
    loaded = {"load_s": time.perf_counter() - start, "peak_loading_gb": peak_gb()}
    forget_peak()
    for weight in model.parameters():
        weight.requires_grad_(False)  # only activation gradients are wanted, as in the engine
    clean, other = (torch.tensor([pair[key]]) for key in ("clean_ids", "counterfactual_ids"))
    positive, negative = pair["positive"], pair["negative"]

    def decision(logits):
        return logits[0, -1, positive] - logits[0, -1, negative]

    def forward(ids=clean, **options):
        with torch.inference_mode():
            return model(ids, **options).logits

    def forward_backward():
        embedding = model.transformer.wte(clean).detach().requires_grad_(True)
        decision(model(inputs_embeds=embedding).logits).backward()
        return embedding.grad

    return {
        **loaded,
        "forward": timed(forward, runs),
        "forward_last_logits_only": timed(lambda: forward(logits_to_keep=1), runs),
        "forward_backward": timed(forward_backward, runs),
        "values": {"m_clean": decision(forward()).item(), "m_counterfactual": decision(forward(other)).item()},
    }


def load_transformer_lens(folder):
    """A HookedTransformer with weights processed as TransformerLens does by default. Its own loader wants a model's name on
    a hub; a folder goes through the same conversion by hand."""
    from transformer_lens import HookedTransformer, HookedTransformerConfig
    from transformer_lens.loading_from_pretrained import convert_gpt2_weights
    from transformers import PreTrainedTokenizerFast

    source = load_torch(folder)
    shape = source.config
    config = HookedTransformerConfig(
        n_layers=shape.n_layer,
        n_heads=shape.n_head,
        d_model=shape.n_embd,
        d_head=shape.n_embd // shape.n_head,
        d_mlp=shape.n_inner or 4 * shape.n_embd,
        d_vocab=shape.vocab_size,
        n_ctx=shape.n_positions,
        eps=shape.layer_norm_epsilon,
        act_fn=shape.activation_function,
        normalization_type="LN",
        original_architecture="GPT2LMHeadModel",
        model_name="gpt2",
        default_prepend_bos=True,
    )
    tokens = dict.fromkeys(["bos_token", "eos_token", "pad_token"], prompts.START)
    with tempfile.TemporaryDirectory() as scratch:  # HookedTransformer reads the tokenizer again from where it came from
        PreTrainedTokenizerFast(tokenizer_file=os.path.join(folder, "tokenizer.json"), **tokens).save_pretrained(scratch)
        model = HookedTransformer(config, tokenizer=PreTrainedTokenizerFast.from_pretrained(scratch))
    model.load_and_process_state_dict(
        convert_gpt2_weights(source, config), fold_ln=True, center_writing_weights=True, center_unembed=True
    )
    del source
    gc.collect()
    return model


def tokens_of(model, pair):
    """The pair's tokens by the peer's own tokenizer, which must be the ids that the engine is given."""
    clean, other = model.to_tokens(pair["clean"]), model.to_tokens(pair["counterfactual"])
    found = {
        "clean_ids": clean[0].tolist(),
        "counterfactual_ids": other[0].tolist(),
        "positive": model.to_single_token(pair["correct"]),
        "negative": model.to_single_token(pair["incorrect"]),
    }
    for key, value in found.items():
        if value != pair[key]:
            sys.exit(f"peers.py: {key} are {value} by the peer's tokenizer, {pair[key]} by prompts.py")
    return clean, other


def time_transformer_lens(folder, pair, runs):
    import torch

    start = time.perf_counter()
    model = load_transformer_lens(folder)
    loaded = {"load_s": time.perf_counter() - start, "peak_loading_gb": peak_gb()}
    forget_peak()
    for weight in model.parameters():
        weight.requires_grad_(False)
    clean, other = tokens_of(model, pair)
    layers, heads = range(model.cfg.n_layers), range(model.cfg.n_heads)
    z_names = [f"blocks.{layer}.attn.hook_z" for layer in layers]
    mlp_names = [f"blocks.{layer}.hook_mlp_out" for layer in layers]
    names = {*z_names, *mlp_names}

    def decision(logits):
        return logits[0, -1, pair["positive"]] - logits[0, -1, pair["negative"]]

    def forward():
        with torch.inference_mode():
            return model(clean)

    def attribution_patching():
        """Three passes for all heads and MLPs together, all positions: the gradient of the clean run times the change."""
        kept = {}

        def start_graph(activation, hook):
            return activation.detach().requires_grad_(True)

        def keep(activation, hook):
            activation.retain_grad()
            kept[hook.name] = activation

        with torch.inference_mode():
            cache = model.run_with_cache(other, names_filter=lambda name: name in names)[1]
        hooks = [("hook_embed", start_graph), *((name, keep) for name in names)]
        decision(model.run_with_hooks(clean, fwd_hooks=hooks)).backward()
        change = {name: ((cache[name] - kept[name].detach()) * kept[name].grad)[0] for name in names}
        return {
            "attribution_head": [change[name].sum((0, 2)).tolist() for name in z_names],
            "attribution_mlp": [change[name].sum().item() for name in mlp_names],
        }

    def exact_patching():
        """Every head's z and every MLP's output replaced by the counterfactual run's, one at a time."""
        with torch.inference_mode():
            cache = model.run_with_cache(other, names_filter=lambda name: name in names)[1]

            def patch_head(activation, hook, head):
                activation[:, :, head] = cache[hook.name][:, :, head]
                return activation

            def patch_all(activation, hook):
                return cache[hook.name]

            def m(hooks):
                return decision(model.run_with_hooks(clean, fwd_hooks=hooks)).item()

            base = m([])
            return {
                "noising_head": [
                    [m([(name, lambda a, hook, head=head: patch_head(a, hook, head))]) - base for head in heads]
                    for name in z_names
                ],
                "noising_mlp": [m([(name, patch_all)]) - base for name in mlp_names],
            }

    values = {"m_clean": decision(forward()).item()}
    return {
        **loaded,
        "forward": timed(forward, runs),
        "attribution_patching": timed(lambda: values.update(attribution_patching()), runs),
        "exact_patching": timed(lambda: values.update(exact_patching()), max(1, runs // 4)),
        "values": values,
    }


def time_glassbox(folder, pair, runs):
    """glassbox as its users call it. It looks at the last position only; its backward pass also fills the weights' gradients
    unless the caller froze them, so attribution is timed both ways."""
    from glassbox import GlassboxV2

    start = time.perf_counter()
    model = load_transformer_lens(folder)
    box = GlassboxV2(model)
    loaded = {"load_s": time.perf_counter() - start, "peak_loading_gb": peak_gb()}
    forget_peak()
    clean, other = tokens_of(model, pair)
    question = (clean, other, pair["positive"], pair["negative"])

    def analyze():
        return box.analyze(pair["clean"], pair["correct"], pair["incorrect"])

    results = []
    out = {
        **loaded,
        "attribution_patching": timed(lambda: box.attribution_patching(*question), runs),
        "mlp_attribution": timed(lambda: box.mlp_attribution(*question), runs),
        "analyze": timed(lambda: results.append(analyze()), max(1, runs // 3)),
    }
    result = results[-1]
    if result["corr_prompt"] != pair["counterfactual"]:
        sys.exit(f"peers.py: glassbox analyses the counterfactual '{result['corr_prompt']}', not that of prompts.py")
    out["values"] = {
        "m_clean": result["clean_ld"],
        "circuit": [list(map(int, head)) for head in result["circuit"]],
        "sufficiency": result["faithfulness"]["sufficiency"],
        "comprehensiveness": result["faithfulness"]["comprehensiveness"],
    }
    for weight in model.parameters():
        weight.requires_grad_(False)
        weight.grad = None
    out["attribution_patching_frozen"] = timed(lambda: box.attribution_patching(*question), runs)
    out["mlp_attribution_frozen"] = timed(lambda: box.mlp_attribution(*question), runs)
    return out


def run_one(options):
    """One peer in this process; prints its JSON as the last line of standard output."""
    import torch

    torch.set_num_threads(options.threads)
    load = os.getloadavg()[0]
    if options.tokens:
        from encoder_peer import time_encoder

        out = time_encoder(options.model, encoder_prompts.pair(options.tokens), options.runs)
    else:
        work = {"torch": time_torch, "transformer_lens": time_transformer_lens, "glassbox": time_glassbox}[options.peer[0]]
        out = work(options.model, prompts.pair(options.model), options.runs)
    peaks = {"peak_working_gb": peak_gb(), "peak_rss_gb": max(peak_gb(), out["peak_loading_gb"])}
    print(json.dumps({**out, **peaks, "threads": torch.get_num_threads(), "load": load}))


def run_apart(peer, options):
    """One peer in a process of its own; its progress and warnings go to standard error."""
    command = [sys.executable, os.path.abspath(__file__), "time", options.model, peer, "--here"]
    command += ["--runs", str(options.runs), "--threads", str(options.threads)]
    command += ["--tokens", str(options.tokens)] if options.tokens else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"peers.py: {peer} failed with exit status {done.returncode}; see above")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("versions")
    command = commands.add_parser("time")
    command.add_argument("model")
    command.add_argument("peer", nargs="*", metavar="PEER", help=", ".join(PEERS))
    command.add_argument("--runs", type=int, default=5)
    command.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    command.add_argument("--tokens", type=int, help="the model is a BERT classifier, the pair has this many tokens")
    command.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.command == "versions":
        print("\n".join(f"{name} {version}" for name, version in versions().items()))
        return
    peers, packages = (ENCODER_PEERS, ENCODER_PACKAGES) if options.tokens else (PEERS, PACKAGES)
    if unknown := set(options.peer) - set(peers):
        parser.error(f"unknown peer {', '.join(unknown)}; one of {', '.join(peers)}")
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is to come from a network
    if options.here:
        run_one(options)
        return
    pair = encoder_prompts.pair(options.tokens) if options.tokens else prompts.pair(options.model)
    results = {peer: run_apart(peer, options) for peer in options.peer or peers}
    print(json.dumps({"versions": versions(packages), "prompts": pair, "peers": results}, indent=1))


if __name__ == "__main__":
    main()
