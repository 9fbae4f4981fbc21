"""Whisper models of our own making, with the files of a real multilingual one, that say one text whatever they hear.

What comes next is decided by the position alone: the embedding of each place points at the token that belongs there,
far more strongly than anything the layers add. The tiny model is as small as can be. The others have the shape of a
published size: they take its time and have its number of tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SAYS = ("Ġwhere", "Ġis", "Ġmy", "Ġorder")
WIDTH = 32
STEPS = 1501  # timestamps from 0.00 to 30.00 in steps of 0.02
SPECIAL = "endoftext startoftranscript en ko translate transcribe startoflm startofprev nospeech notimestamps".split()
MULTILINGUAL = ""  # the empty word is what tells the library that a model is not English only
FIRST_ANSWER = 2  # the place of the last of the prompt's three tokens: what is predicted there is the first of ours
VOCABULARY = 51_865  # tokens of the published multilingual models
SIZES = {"tiny": (384, 4, 6), "base": (512, 6, 8), "small": (768, 12, 12)}  # width, layers, heads
TYPICAL_ANSWER = tuple(f"Ġw{number}" for number in range(15))
"""As many tokens as an utterance of 4 s has."""


def build_tiny_whisper(folder: Path, scratch: Path) -> Path:
    """Make the model that says ``SAYS`` with transformers, convert it as users convert theirs, and give the folder."""
    return _build(folder, scratch, _tokenizer(SAYS), SAYS, (WIDTH, 1, 2))


def build_sized_whisper(folder: Path, scratch: Path, size: str) -> Path:
    """The same with the shape of a published size, which says ``TYPICAL_ANSWER``."""
    tokenizer = _tokenizer(TYPICAL_ANSWER, VOCABULARY - len(SPECIAL) - STEPS)
    return _build(folder, scratch, tokenizer, TYPICAL_ANSWER, SIZES[size])


def _build(folder: Path, scratch: Path, tokenizer, says: Sequence[str], shape: tuple[int, int, int]) -> Path:  # type: ignore[no-untyped-def]
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast, WhisperForConditionalGeneration

    number = tokenizer.token_to_id
    begin = number("<|notimestamps|>") + 1
    answer = [begin, *(number(word) for word in says), begin + 50, number("<|endoftext|>")]
    torch.manual_seed(1)
    model = WhisperForConditionalGeneration(_config(number, begin + STEPS, *shape))
    with torch.no_grad():
        tokens, places = model.model.decoder.embed_tokens.weight, model.model.decoder.embed_positions.weight
        tokens.mul_(0.01)
        places.zero_()
        for index, token in enumerate(answer):
            tokens[token, index] = 10.0
            places[FIRST_ANSWER + index, index] = 1000.0
    settings = model.generation_config
    settings._from_model_config = False  # else it is made anew from the model at the loading
    settings.suppress_tokens = []
    settings.begin_suppress_tokens = []
    settings.lang_to_id = {f"<|{language}|>": number(f"<|{language}|>") for language in ("en", "ko")}
    settings.alignment_heads = [[0, 0]]
    model.save_pretrained(scratch)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(scratch)
    converter = TransformersConverter(str(scratch), copy_files=["tokenizer.json"])
    return Path(converter.convert(str(folder), force=True))


def _config(number, size: int, width: int, layers: int, heads: int):  # type: ignore[no-untyped-def]
    from transformers import WhisperConfig

    return WhisperConfig(
        vocab_size=size, d_model=width, encoder_layers=layers, decoder_layers=layers, encoder_attention_heads=heads,
        decoder_attention_heads=heads, encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, num_mel_bins=80,
        bos_token_id=number("<|endoftext|>"), eos_token_id=number("<|endoftext|>"),
        pad_token_id=number("<|endoftext|>"), decoder_start_token_id=number("<|startoftranscript|>"),
        suppress_tokens=[], begin_suppress_tokens=[],
    )  # fmt: skip


def _tokenizer(says: Sequence[str], most: int = 0):  # type: ignore[no-untyped-def]
    """Of letters and the words of the answer, filled up to ``most`` entries with words that nobody says."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    words = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *says, MULTILINGUAL]
    words += [f"Ġunsaid{number}" for number in range(most - len(words))]
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", special=True) for name in SPECIAL])
    tokenizer.add_special_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", special=True) for step in range(STEPS)])
    return tokenizer
