"""Which tiny encoders there are: family, head, sizes, and how config.json says what the head answers."""

SINGLE, MULTI = "single_label_classification", "multi_label_classification"
SIZE = dict(vocab_size=71, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=37)
# Prompts have up to 20 tokens: the longest fills the context. RoBERTa's kin count positions from the padding id + 1.
BERT = SIZE | dict(max_position_embeddings=20, type_vocab_size=2, pad_token_id=0)
ROBERTA = SIZE | dict(max_position_embeddings=22, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
DISTILBERT = dict(vocab_size=71, dim=24, n_layers=3, n_heads=4, hidden_dim=35, max_position_embeddings=20,
                  pad_token_id=0)  # fmt: skip
ALBERT = SIZE | dict(max_position_embeddings=20, num_hidden_layers=3, embedding_size=14, type_vocab_size=2,
                     pad_token_id=0, bos_token_id=2, eos_token_id=3)  # fmt: skip
DEBERTA = SIZE | dict(max_position_embeddings=20, pad_token_id=0)
MODERNBERT = SIZE | dict(num_hidden_layers=4, intermediate_size=34, max_position_embeddings=32, local_attention=6,
                         global_attn_every_n_layers=3, global_rope_theta=700.0, local_rope_theta=40.0, pad_token_id=0,
                         bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3)  # fmt: skip

# name: (model_type, head, options, `problem_type` in config.json)
CHECKPOINTS = {
    "bert": ("bert", SINGLE, BERT | dict(layer_norm_eps=1e-12), SINGLE),
    "bert-regression": ("bert", "regression", BERT | dict(hidden_act="relu", layer_norm_eps=1e-5), "regression"),
    "bert-multilabel": ("bert", MULTI, BERT | dict(hidden_act="gelu_new", num_attention_heads=4), MULTI),
    "bert-masked": ("bert", "masked", BERT, None),
    "roberta": ("roberta", SINGLE, ROBERTA, None),
    # a head that was never trained by transformers' own loss: nothing but one label says that it is a regression
    "roberta-regression": ("roberta", "regression", ROBERTA | dict(layer_norm_eps=1e-5), None),
    "roberta-multilabel": ("roberta", MULTI, ROBERTA | dict(num_hidden_layers=3), MULTI),
    "roberta-masked": ("roberta", "masked", ROBERTA, None),
    "distilbert": ("distilbert", SINGLE, DISTILBERT, SINGLE),
    "distilbert-regression": ("distilbert", "regression", DISTILBERT | dict(activation="relu"), "regression"),
    "distilbert-multilabel": ("distilbert", MULTI, DISTILBERT | dict(sinusoidal_pos_embds=True), MULTI),
    "distilbert-masked": ("distilbert", "masked", DISTILBERT, None),
    "xlm-roberta": ("xlm-roberta", SINGLE, ROBERTA | dict(layer_norm_eps=1e-5), SINGLE),
    # a padding id that is not 1: positions start at 4
    "camembert": ("camembert", SINGLE, ROBERTA | dict(pad_token_id=3, max_position_embeddings=24), SINGLE),
    "camembert-masked": ("camembert", "masked", ROBERTA, None),
    # embeddings narrower than the stream; a head of its own with GELU
    "electra": ("electra", SINGLE, BERT | dict(embedding_size=13), SINGLE),
    "electra-masked": ("electra", "masked", BERT | dict(embedding_size=24), None),
    # one set of weights in three layers
    "albert": ("albert", SINGLE, ALBERT, SINGLE),
    # two sets, two layers each
    "albert-groups": ("albert", SINGLE, ALBERT | dict(num_hidden_layers=4, num_hidden_groups=2, hidden_act="gelu"),
                      SINGLE),
    "albert-masked": ("albert", "masked", ALBERT, None),
    "mpnet": ("mpnet", SINGLE, ROBERTA | dict(num_hidden_layers=3), SINGLE),
    "mpnet-masked": ("mpnet", "masked", ROBERTA, None),
    # as DeBERTa-v3: both kinds of position attention with the content's own maps, buckets, normed relative embeddings
    "deberta-v2": ("deberta-v2", SINGLE, DEBERTA | dict(relative_attention=True, pos_att_type=["p2c", "c2p"],
                   share_att_key=True, position_buckets=6, norm_rel_ebd="layer_norm", position_biased_input=False,
                   type_vocab_size=0), SINGLE),
    # own maps for positions, no buckets, absolute positions and type ids too, embeddings narrower than the stream
    "deberta-v2-c2p": ("deberta-v2", SINGLE, DEBERTA | dict(relative_attention=True, pos_att_type=["c2p"],
                       share_att_key=False, max_relative_positions=9, position_biased_input=True, type_vocab_size=2,
                       embedding_size=14), SINGLE),
    "deberta-v2-p2c": ("deberta-v2", SINGLE, DEBERTA | dict(relative_attention=True, pos_att_type="p2c",
                       share_att_key=False, position_buckets=5, max_relative_positions=20,
                       position_biased_input=False, type_vocab_size=0), SINGLE),
    # both, with own maps; the norm of the relative embeddings off
    "deberta-v2-both": ("deberta-v2", SINGLE, DEBERTA | dict(relative_attention=True, pos_att_type="c2p|p2c",
                        share_att_key=False, position_buckets=-1, max_relative_positions=-1,
                        position_biased_input=False, type_vocab_size=0, num_attention_heads=4), SINGLE),
    "deberta-v2-absolute": ("deberta-v2", SINGLE, DEBERTA | dict(relative_attention=False, type_vocab_size=2), SINGLE),
    # layers 0 and 3 see everything, 1 and 2 three tokens to each side; the mean of all tokens is classified
    "modernbert": ("modernbert", SINGLE, MODERNBERT | dict(classifier_pooling="mean"), SINGLE),
    # every bias there can be; the first token is classified
    "modernbert-cls": ("modernbert", SINGLE, MODERNBERT | dict(classifier_pooling="cls", attention_bias=True,
                       mlp_bias=True, norm_bias=True, classifier_bias=True, num_attention_heads=4,
                       global_attn_every_n_layers=2, local_attention=4), SINGLE),
    "modernbert-regression": ("modernbert", "regression", MODERNBERT | dict(classifier_pooling="mean"), "regression"),
    "modernbert-multilabel": ("modernbert", MULTI, MODERNBERT | dict(classifier_pooling="cls"), MULTI),
    "modernbert-masked": ("modernbert", "masked", MODERNBERT, None),
}  # fmt: skip


def uses_types(config):
    """Whether a second segment has a type id of its own."""
    return getattr(config, "type_vocab_size", 0) > 1


def special_tokens(config):
    """The ids of padding, start, end and mask, as the family's published tokenizers have them (mask: the last)."""
    kind, last = config.model_type, config.vocab_size - 1
    if kind in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        return {"pad": config.pad_token_id, "start": 0, "end": 2, "mask": last}
    if kind == "deberta-v2":
        return {"pad": 0, "start": 1, "end": 2, "mask": last}
    return {"pad": 0, "start": 2, "end": 3, "mask": last}
