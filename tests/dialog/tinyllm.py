"""Language models of our own making, with the files of real chat models.

``build_reciter`` writes one text whatever it is asked: every token points at the one that follows it, and nothing else
in the model says anything. ``build_rambler`` has random weights, so that all that it is told changes what it writes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

SAYS = "배송비는 3,000원입니다."
PREFERS = "B"
"""The choice that the reciter finds most probable."""
WIDTH = 32
SPECIAL = ("<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def build_reciter(folder: Path, scratch: Path) -> Path:
    """The model that writes ``SAYS``, in tokens that cut characters in two, and then ends."""
    said = SAYS.encode()
    pieces = [_spelled(said[:4]), _spelled(said[4:12]), _spelled(said[12:20]), _spelled(said[20:])]
    tokenizer = _tokenizer(pieces)
    number = tokenizer.token_to_id
    chain = [number("Ċ"), *(number(piece) for piece in pieces), number("<|im_end|>")]
    model = _llama(tokenizer.get_vocab_size())
    import torch

    with torch.no_grad():
        embed, head = model.model.embed_tokens.weight, model.lm_head.weight
        embed.zero_()
        head.zero_()
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        for place, (token, follower) in enumerate(itertools.pairwise(chain)):
            embed[token, place] = 1.0
            head[follower, place] = 10.0
        head[number(PREFERS), 0] = 5.0  # after the prompt, the next best thing to its own words
        letters = WIDTH - 1
        for letter in "ABC":
            embed[number(letter), letters] = 1.0
        head[number("<|im_end|>"), letters] = 10.0
    return _save(model, tokenizer, folder, scratch)


def build_rambler(folder: Path, scratch: Path) -> Path:
    """The model with random weights."""
    tokenizer = _tokenizer(())
    return _save(_llama(tokenizer.get_vocab_size()), tokenizer, folder, scratch)


def _llama(vocabulary: int):  # type: ignore[no-untyped-def]
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary, hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=2,
            num_attention_heads=2, max_position_embeddings=2048, tie_word_embeddings=False, initializer_range=0.5,
            bos_token_id=None, eos_token_id=None, pad_token_id=None,
        )
    )  # fmt: skip


def _tokenizer(pieces: Sequence[str]):  # type: ignore[no-untyped-def]
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    words = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *pieces]
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    return tokenizer


def _spelled(data: bytes) -> str:
    """Bytes in the letters of byte-level vocabularies."""
    kept = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    moved = {byte: 256 + place for place, byte in enumerate(byte for byte in range(256) if byte not in kept)}
    return "".join(chr(moved.get(byte, byte)) for byte in data)


def _save(model, tokenizer, folder: Path, scratch: Path) -> Path:  # type: ignore[no-untyped-def]
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast

    model.save_pretrained(scratch)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=SPECIAL[1], bos_token=SPECIAL[0], eos_token=SPECIAL[1]
    )
    fast.save_pretrained(scratch)
    converter = TransformersConverter(str(scratch), copy_files=["tokenizer.json"])
    converter.convert(str(folder), quantization="int8", force=True)
    settings = {"eos_token": {"content": "<|im_end|>"}, "chat_template": CHATML}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
