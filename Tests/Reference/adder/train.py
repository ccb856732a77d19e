#!/usr/bin/env python3
"""Trains the digit adder of this folder: two numbers of two digits, their sum modulo 100, its units before its tens.

    train.py MODEL_FOLDER        (about five minutes on one thread; torch, transformers 4, tokenizers)

A prompt is `47+58=`; the model goes on with `5` (units), then `0` (tens: 105 modulo 100). Every token is one character.
"""
import json
import pathlib
import sys

import torch
from transformers import GPT2Config, GPT2LMHeadModel

CHARACTERS = "0123456789+="
torch.set_num_threads(1)
torch.manual_seed(7)


def encode(a, b):
    """[n, 8] ids: a1 a2 + b1 b2 = units tens."""
    s = (a + b) % 100
    plus, equals = torch.full_like(a, 10), torch.full_like(a, 11)
    return torch.stack([a // 10, a % 10, plus, b // 10, b % 10, equals, s % 10, s // 10], dim=1)


def tokenizer():
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {c: i for i, c in enumerate(CHARACTERS)}, "merges": [],
        },
    }


def main(folder):
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(CHARACTERS), n_positions=8, n_embd=64, n_layer=2, n_head=4, resid_pdrop=0, embd_pdrop=0,
            attn_pdrop=0, bos_token_id=None, eos_token_id=None))
    numbers = torch.arange(10000)
    ids = encode(numbers // 100, numbers % 100)
    steps = 6000
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        batch = ids[torch.randint(0, 10000, (256,))]
        logits = model(batch[:, :-1]).logits[:, 5:7]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 6:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 500 == 499:
            with torch.no_grad():
                right = (model(ids[:, :-1]).logits[:, 5:7].argmax(-1) == ids[:, 6:]).float().mean(0)
            print(step + 1, f"{loss.item():.2e}", right.tolist(), flush=True)
            if right.min() == 1 and loss.item() < 3e-3 and step > 3000:
                break
    model.save_pretrained(folder, safe_serialization=True)
    for name in ["generation_config.json"]:
        (pathlib.Path(folder) / name).unlink(missing_ok=True)
    (pathlib.Path(folder) / "tokenizer.json").write_text(json.dumps(tokenizer(), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
