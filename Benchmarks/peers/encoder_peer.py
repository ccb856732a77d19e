"""Plain PyTorch on a BERT classifier: Hugging Face's model with forward hooks, in every simple form it has.

Each quantity is timed with both attentions (`eager`, `sdpa`), exact patching also with one node a pass and with a layer's
nodes as rows of one pass. Which of them counts is the table's affair (encoder_rows.py: the fastest). Every pass begins at the
first layer, as a pass with hooks does.
"""

import time
from contextlib import contextmanager

import torch
from transformers import BertForSequenceClassification

from encoder_rows import ATTENTIONS, FORMS
from timing import forget_peak, peak_gb, timed


class Encoder:
    """A BERT classifier with its nodes exposed: z, the input of each attention's output map (a head's slice is its node), and
    the output of each MLP's second map, before addition and norm."""

    def __init__(self, folder, attention):
        self.model = BertForSequenceClassification.from_pretrained(folder, attn_implementation=attention).eval()
        for weight in self.model.parameters():
            weight.requires_grad_(False)  # only activation gradients are wanted, as in the engine
        self.layers = self.model.bert.encoder.layer
        self.heads = self.model.config.num_attention_heads
        self.width = self.model.config.hidden_size // self.heads

    def columns(self, head):
        return slice(head * self.width, (head + 1) * self.width)

    @contextmanager
    def hooks(self, layers, at_z=None, at_mlp=None):
        """at_z(layer, z) and at_mlp(layer, out) return the activation to go on with, or None for the same."""
        handles = []
        for layer in layers:
            block = self.layers[layer]
            if at_z:
                handles.append(block.attention.output.dense.register_forward_pre_hook(
                    lambda _, inputs, layer=layer: at_z(layer, inputs[0])))  # fmt: skip
            if at_mlp:
                handles.append(block.output.dense.register_forward_hook(
                    lambda _, __, out, layer=layer: at_mlp(layer, out)))  # fmt: skip
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def activations(self, ids):
        """Runs the model; z and MLP outputs by layer, `[rows, tokens, width]` each, and its logits."""
        z, mlp = {}, {}

        def keep(store):
            def at(layer, value):
                store[layer] = value

            return at

        with self.hooks(range(len(self.layers)), keep(z), keep(mlp)):
            logits = self.model(ids).logits
        return z, mlp, logits


class Patching:
    """Patching of one pair, m = logit of the positive class − logit of the negative one; effects counterfactual − clean."""

    def __init__(self, encoder, pair):
        self.encoder = encoder
        self.clean, self.other = (torch.tensor([pair[key]]) for key in ("clean_ids", "counterfactual_ids"))
        self.positive, self.negative = pair["positive"], pair["negative"]

    def m(self, logits):
        return logits[:, self.positive] - logits[:, self.negative]

    def forward(self):
        with torch.inference_mode():
            return self.m(self.encoder.model(self.clean).logits).item()

    def attribution(self):
        """Three passes for all heads and MLPs together, all positions: the gradient of the clean run times the change."""
        encoder = self.encoder
        with torch.no_grad():
            z0, mlp0, _ = encoder.activations(self.other)
        start = encoder.model.bert.embeddings.register_forward_hook(lambda _, __, out: out.requires_grad_(True))
        try:
            z1, mlp1, logits = encoder.activations(self.clean)
        finally:
            start.remove()
        layers = range(len(encoder.layers))
        nodes = [values[layer] for values in (z1, mlp1) for layer in layers]
        gradients = torch.autograd.grad(self.m(logits).sum(), nodes)
        with torch.no_grad():
            others = [values[layer] for values in (z0, mlp0) for layer in layers]
            change = [((other - node) * gradient)[0].sum(0) for other, node, gradient in zip(others, nodes, gradients)]
        return {
            "attribution_head": [x.view(encoder.heads, -1).sum(1).tolist() for x in change[: len(layers)]],
            "attribution_mlp": [x.sum().item() for x in change[len(layers) :]],
        }

    def exact(self, form):
        """Every head's z and every MLP's output replaced by the counterfactual run's at all positions."""
        with torch.inference_mode():
            z, mlp, _ = self.encoder.activations(self.other)
            base = self.forward()
            by_layer = self.by_layer if form == "layer" else self.by_node
            effects = [[m - base for m in by_layer(layer, z, mlp)] for layer in range(len(self.encoder.layers))]
        return {"noising_head": [row[:-1] for row in effects], "noising_mlp": [row[-1] for row in effects]}

    def by_node(self, layer, z, mlp):
        """m of each of a layer's heads and its MLP, a pass each."""
        encoder, found = self.encoder, []
        for head in range(encoder.heads):
            columns = encoder.columns(head)

            def patch(_, value, columns=columns):
                value[..., columns] = z[layer][..., columns]

            with encoder.hooks([layer], at_z=patch):
                found.append(self.forward())
        with encoder.hooks([layer], at_mlp=lambda *_: mlp[layer]):
            return [*found, self.forward()]

    def by_layer(self, layer, z, mlp):
        """The same as rows of one pass."""
        encoder = self.encoder

        def at_z(_, value):
            for head in range(encoder.heads):
                columns = encoder.columns(head)
                value[head, :, columns] = z[layer][0, :, columns]

        def at_mlp(_, value):
            value[encoder.heads] = mlp[layer][0]

        with encoder.hooks([layer], at_z, at_mlp):
            return self.m(encoder.model(self.clean.expand(encoder.heads + 1, -1)).logits).tolist()


def time_encoder(folder, pair, runs):
    """Times everything, in seconds; the values by the names of their fields in Tests/Reference/README.md."""
    start = time.perf_counter()
    patchings = {}
    for attention in ATTENTIONS:
        patchings[attention] = Patching(Encoder(folder, attention), pair)
        if len(patchings) == 1:
            out = {"load_s": time.perf_counter() - start, "peak_loading_gb": peak_gb()}
    forget_peak()
    values = {}
    for attention, patching in patchings.items():
        values["m_clean"] = patching.forward()
        out[f"forward_{attention}"] = timed(patching.forward, runs)
        out[f"attribution_patching_{attention}"] = timed(lambda: values.update(patching.attribution()), runs)
        for form in FORMS:
            out[f"exact_patching_{form}_{attention}"] = timed(
                lambda: values.update(patching.exact(form)), max(1, runs // 4))  # fmt: skip
    return {**out, "values": values}
