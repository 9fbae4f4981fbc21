"""Whisper models of our own making, with the files of a real multilingual one.

The tiny one is as small as can be and says one fixed sentence whatever it hears: every layer adds nothing, so what
comes next is decided by the position alone: the embedding of each place points at the token that belongs there. The
random one has the shape of a published size, whose times it takes, and nothing to say.
"""

from __future__ import annotations

from pathlib import Path

SAYS = ("Ġwhere", "Ġis", "Ġmy", "Ġorder")
WIDTH = 32
STEPS = 1501  # timestamps from 0.00 to 30.00 in steps of 0.02
SPECIAL = "endoftext startoftranscript en ko translate transcribe startoflm startofprev nospeech notimestamps".split()
MULTILINGUAL = ""  # the empty word is what tells the library that a model is not English only
FIRST_ANSWER = 2  # the place of the last of the prompt's three tokens: what is predicted there is the first of ours
VOCABULARY = 51_865  # tokens of the published multilingual models
SIZES = {"tiny": (384, 4, 6), "base": (512, 6, 8), "small": (768, 12, 12)}  # width, layers, heads


def build_random_whisper(folder: Path, scratch: Path, size: str) -> Path:
    """A model with the shape of the published ``size`` and random weights."""
    import torch
    from transformers import WhisperForConditionalGeneration

    width, layers, heads = SIZES[size]
    tokenizer = _tokenizer(VOCABULARY - len(SPECIAL) - STEPS)
    torch.manual_seed(1)
    model = WhisperForConditionalGeneration(_config(tokenizer, width, layers, heads))
    _save(model, tokenizer, scratch, [[layers - 1, 0]])
    return _converted(scratch, folder)


def build_tiny_whisper(folder: Path, scratch: Path) -> Path:
    """Make the model with transformers, convert it as users convert theirs, and give the folder."""
    import torch
    from transformers import WhisperForConditionalGeneration

    tokenizer = _tokenizer()
    number = tokenizer.token_to_id
    begin = number("<|notimestamps|>") + 1
    answer = [begin, *(number(word) for word in SAYS), begin + 50, number("<|endoftext|>")]
    torch.manual_seed(1)
    model = WhisperForConditionalGeneration(_config(tokenizer, WIDTH, layers=1, heads=2))
    with torch.no_grad():
        for layer in model.model.decoder.layers:
            for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                part.weight.zero_()
                part.bias.zero_()
        tokens, places = model.model.decoder.embed_tokens.weight, model.model.decoder.embed_positions.weight
        tokens.mul_(0.01)
        places.zero_()
        for index, token in enumerate(answer):
            tokens[token, index] = 10.0
            places[FIRST_ANSWER + index, index] = 1000.0
    _save(model, tokenizer, scratch, [[0, 0]])
    return _converted(scratch, folder)


def _config(tokenizer, width: int, layers: int, heads: int):  # type: ignore[no-untyped-def]
    from transformers import WhisperConfig

    number = tokenizer.token_to_id
    return WhisperConfig(
        vocab_size=number("<|notimestamps|>") + 1 + STEPS, d_model=width, encoder_layers=layers, decoder_layers=layers,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width, num_mel_bins=80,
        bos_token_id=number("<|endoftext|>"), eos_token_id=number("<|endoftext|>"),
        pad_token_id=number("<|endoftext|>"), decoder_start_token_id=number("<|startoftranscript|>"),
        suppress_tokens=[], begin_suppress_tokens=[],
    )  # fmt: skip


def _save(model, tokenizer, folder: Path, alignment_heads: list[list[int]]) -> None:  # type: ignore[no-untyped-def]
    from transformers import PreTrainedTokenizerFast

    number = tokenizer.token_to_id
    model.generation_config._from_model_config = False  # else it is made anew from the model at the loading
    model.generation_config.suppress_tokens = []
    model.generation_config.begin_suppress_tokens = []
    model.generation_config.lang_to_id = {f"<|{language}|>": number(f"<|{language}|>") for language in ("en", "ko")}
    model.generation_config.alignment_heads = alignment_heads
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)


def _converted(original: Path, folder: Path) -> Path:
    """As users convert theirs."""
    from ctranslate2.converters import TransformersConverter

    converter = TransformersConverter(str(original), copy_files=["tokenizer.json"])
    return Path(converter.convert(str(folder), force=True))


def _tokenizer(most: int = 0):  # type: ignore[no-untyped-def]
    """Of letters and our sentence's words, filled up to ``most`` entries with words that are never read."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    words = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *SAYS, MULTILINGUAL]
    words += [f"Ġfiller{number}" for number in range(most - len(words))]
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", special=True) for name in SPECIAL])
    tokenizer.add_special_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", special=True) for step in range(STEPS)])
    return tokenizer
