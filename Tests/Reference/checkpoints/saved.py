"""What config.json becomes when transformers opens a model of Tests/Reference/families/models and saves it again.

    python saved.py MODELS OUT.json     (with transformers 5.24.0; the committed checkpoints are as 4.57.6 writes them)
"""

import json
import sys
import tempfile
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification


def main(models, out):
    configs = {}
    for folder in sorted(Path(models).iterdir()):
        classifier = folder.name.endswith("classifier")
        loader = AutoModelForSequenceClassification if classifier else AutoModelForCausalLM
        with tempfile.TemporaryDirectory() as scratch:
            loader.from_pretrained(folder).save_pretrained(scratch)
            configs[folder.name] = json.loads((Path(scratch) / "config.json").read_text())
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(config)}" for name, config in configs.items())
    Path(out).write_text(f"{{\n{lines}\n}}\n")


main(*sys.argv[1:])
