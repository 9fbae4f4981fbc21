"""A Whisper model as small as can be, which says one fixed sentence whatever it hears.

Its shape and files are those of a real multilingual one; only the weights are ours. Every layer adds nothing, so what
comes next is decided by the position alone: the embedding of each place points at the token that belongs there.
"""

from __future__ import annotations

from pathlib import Path

SAYS = ("Ġwhere", "Ġis", "Ġmy", "Ġorder")
WIDTH = 32
STEPS = 1501  # timestamps from 0.00 to 30.00 in steps of 0.02
SPECIAL = "endoftext startoftranscript en ko translate transcribe startoflm startofprev nospeech notimestamps".split()
MULTILINGUAL = ""  # the empty word is what tells the library that a model is not English only
FIRST_ANSWER = 2  # the place of the last of the prompt's three tokens: what is predicted there is the first of ours


def build_tiny_whisper(folder: Path, scratch: Path) -> Path:
    """Make the model with transformers, convert it as users convert theirs, and give the folder."""
    from ctranslate2.converters import TransformersConverter

    _save_original(scratch)
    converter = TransformersConverter(str(scratch), copy_files=["tokenizer.json"])
    return Path(converter.convert(str(folder), force=True))


def _save_original(folder: Path) -> None:
    import torch
    from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

    tokenizer = _tokenizer()
    number = tokenizer.token_to_id
    begin = number("<|notimestamps|>") + 1
    answer = [begin, *(number(word) for word in SAYS), begin + 50, number("<|endoftext|>")]
    size = begin + STEPS
    config = WhisperConfig(
        vocab_size=size, d_model=WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=WIDTH, decoder_ffn_dim=WIDTH, num_mel_bins=80,
        bos_token_id=number("<|endoftext|>"), eos_token_id=number("<|endoftext|>"),
        pad_token_id=number("<|endoftext|>"), decoder_start_token_id=number("<|startoftranscript|>"),
        suppress_tokens=[], begin_suppress_tokens=[],
    )  # fmt: skip
    torch.manual_seed(1)
    model = WhisperForConditionalGeneration(config)
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
    model.generation_config._from_model_config = False  # else it is made anew from the model at the loading
    model.generation_config.suppress_tokens = []
    model.generation_config.begin_suppress_tokens = []
    model.generation_config.lang_to_id = {f"<|{language}|>": number(f"<|{language}|>") for language in ("en", "ko")}
    model.generation_config.alignment_heads = [[0, 0]]
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)


def _tokenizer():  # type: ignore[no-untyped-def]
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    words = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *SAYS, MULTILINGUAL]
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", special=True) for name in SPECIAL])
    tokenizer.add_special_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", special=True) for step in range(STEPS)])
    return tokenizer
