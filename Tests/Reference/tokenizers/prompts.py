"""Writes prompts.json: prompts with a tokenizer's own special tokens, and what an answer adds to a prompt.

usage: prompts.py [STORIES260K/tokenizer.model]

By Hugging Face `transformers` (PreTrainedTokenizerFast) from the tokenizers of this folder. `prompt` is what
`tokenizer(text).input_ids` gives; an answer's ids are those of the prompt and the answer together without those of the prompt
(null if the two do not begin alike). With the SentencePiece model of stories260K it also writes ../stories260K.json.
"""

import json
import pathlib
import sys

import tokenizers
import transformers

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ["llama2", "llama2-metaspace", "gemma", "llama3", "gpt2", "qwen2", "neox", "roberta", "characters"]
PROMPTS = ["The report is", "The committee is", "a", "Report due:\n", "x "]
ANSWERS = [" the", "the", " is", "is", " report", " a", "a", "\n", " 12"]

# The text that run.c prints for stories260K at temperature 0 with 200 steps: `expected_stdout` of test_all.py in
# github.com/karpathy/llama2.c (MIT), commit 65c899314ca63449d4edb1128363d7485bdbbcdf.
STORY = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red "
    "ball. She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was sad and "
    "didn't know what to do. She said, \"I want to play with your ball, but I can't find it.\"\nLily was sad and didn't know "
    "what to do. She said, \"I'm sorry, Lily. I didn't know what to do.\"\nLily didn't want to help her mom, so she"
)


def case(tokenizer, prompt):
    bare = tokenizer(prompt, add_special_tokens=False).input_ids
    answers = []
    for answer in ANSWERS:
        both = tokenizer(prompt + answer, add_special_tokens=False).input_ids
        answers.append(both[len(bare) :] if both[: len(bare)] == bare else None)
    return {"text": prompt, "prompt": tokenizer(prompt).input_ids, "answers": answers}


def main():
    kinds = {}
    for kind in KINDS:
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(HERE / kind / "tokenizer.json"))
        kinds[kind] = [case(tokenizer, prompt) for prompt in PROMPTS]
    versions = f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}"
    (HERE / "prompts.json").write_text(json.dumps({"by": versions, "answers": ANSWERS, "kinds": kinds}) + "\n")
    if len(sys.argv) > 1:
        import sentencepiece

        ids = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1]).encode(STORY)
        source = "github.com/karpathy/llama2.c, test_all.py, expected_stdout (200 steps, temperature 0); ids by SentencePiece"
        (HERE.parent / "stories260K.json").write_text(json.dumps({"source": source, "text": STORY, "ids": ids}) + "\n")


main()
