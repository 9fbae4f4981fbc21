"""Reads and writes the recognizer's binary language model, a trie of trigrams packed into bits.

The recognizer's own library can load such a file but gives no way to look inside the one that it bundles, and it takes
minutes of text in between to make a new one. Here both directions are a few numpy passes over the whole arrays.

The file, little-endian: the words "Trie Language Model", one byte for the order (3), three counts and the kind of
quantization (u32 each); three tables of 65536 floats (bigram probability, bigram backoff, trigram probability); the
unigrams (probability, backoff, index of the first bigram) and one more as an end mark; the bigrams and the trigrams as
packed bits; the length of the words' text and the words, each ended by a nought. All figures are logarithms to the base
1.0001. The trie is read backwards: a unigram is the predicted word, the bigrams under it are the words before it, the
trigrams under those the words before these, each sorted by word number.

Refuses: models of another order; judging what is a good model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stt.errors import SttError

Doubles = NDArray[np.float64]
Numbers = NDArray[np.int64]

MAGIC: Final = b"Trie Language Model"
_QUANTIZED_16_BITS: Final = 1
_STEPS: Final = 1 << 16
_LOG10_OF_BASE: Final = float(np.log10(1.0001))
_UNIGRAM: Final = np.dtype([("probability", "<f4"), ("backoff", "<f4"), ("next", "<u4")])


class LanguageModelUnreadable(SttError):
    """A file is not a trigram language model of the recognizer. Build it again."""

    code = "stt_language_model_unreadable"


@dataclass(frozen=True, slots=True)
class Unigrams:
    """For each word: the logarithms to the base 10 of its probability and of its weight as a history."""

    probability: Doubles
    backoff: Doubles


@dataclass(frozen=True, slots=True)
class Bigrams:
    """Sorted by (history, word), which are numbers of words. Logarithms to the base 10."""

    history: Numbers
    word: Numbers
    probability: Doubles
    backoff: Doubles


@dataclass(frozen=True, slots=True)
class Trigrams:
    """Sorted by (history, word). ``history`` is the index of a bigram. Logarithms to the base 10."""

    history: Numbers
    word: Numbers
    probability: Doubles


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A backoff trigram. ``words[i]`` is word number i."""

    words: tuple[str, ...]
    unigrams: Unigrams
    bigrams: Bigrams
    trigrams: Trigrams


def bundled_directory() -> Path:
    """Where the recognizer's package keeps its English models."""
    from pocketsphinx import get_model_path

    return Path(get_model_path()) / "en-us"


def bundled_model() -> LanguageModel:
    """The generic English model that comes with the recognizer: about 20 000 words."""
    return read(bundled_directory() / "en-us.lm.bin")


def read(path: Path) -> LanguageModel:
    """The whole model. Raises ``LanguageModelUnreadable``."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise LanguageModelUnreadable(f"{path} cannot be read: {error}") from error
    if data[: len(MAGIC) + 1].tobytes() != MAGIC + bytes([3]):
        raise LanguageModelUnreadable(f"{path} is not a binary trigram model")
    try:
        return _parse(data)
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise LanguageModelUnreadable(f"{path} is damaged: {error}; build it again") from error


def _parse(data: NDArray[np.uint8]) -> LanguageModel:
    at = len(MAGIC) + 1

    def take(kind: np.dtype[np.void] | str, count: int) -> NDArray[Any]:
        nonlocal at
        size = np.dtype(kind).itemsize * count
        if at + size > len(data):
            raise ValueError("it ends too early")
        part = np.frombuffer(data[at : at + size].tobytes(), kind)
        at += size
        return part

    count1, count2, count3 = (int(count) for count in take("<u4", 3))
    take("<u4", 1)
    table_p2, table_b2, table_p3 = take("<f4", 3 * _STEPS).reshape(3, _STEPS).astype(np.float64) * _LOG10_OF_BASE
    rows = take(_UNIGRAM, count1 + 1)
    word_bits, next_bits = count1.bit_length(), count3.bit_length()
    bits2, bits3 = word_bits + 32 + next_bits, word_bits + 16
    packed2 = take("u1", _packed_size(count2, bits2))
    start = np.arange(count2 + 1) * bits2
    before, backoff2 = _unpack(packed2, start, word_bits), table_b2[_unpack(packed2, start + word_bits, 16)]
    probability2 = table_p2[_unpack(packed2, start + word_bits + 16, 16)]
    first3 = _unpack(packed2, start + word_bits + 32, next_bits)
    packed3 = take("u1", _packed_size(count3, bits3))
    start = np.arange(count3) * bits3
    oldest, probability3 = _unpack(packed3, start, word_bits), table_p3[_unpack(packed3, start + word_bits, 16)]
    words = take("u1", int(take("<u4", 1)[0])).tobytes().split(b"\0")[:count1]

    first2 = rows["next"].astype(np.int64)
    used = int(first2[-1])
    predicted = np.repeat(np.arange(count1), np.diff(first2))
    ends = first3[: used + 1].copy()
    ends[used] = max(ends[used], ends[used - 1] if used else 0)  # the bundled file leaves its end mark empty
    under = np.repeat(np.arange(used), np.maximum(np.diff(ends), 0))[:count3]
    return _forwards(
        tuple(word.decode() for word in words),
        Unigrams(rows["probability"][:-1] * _LOG10_OF_BASE, rows["backoff"][:-1] * _LOG10_OF_BASE),
        (before[:used], predicted, probability2[:used], backoff2[:used]),
        (under, oldest[: len(under)], probability3[: len(under)]),
    )


def _forwards(
    words: tuple[str, ...],
    unigrams: Unigrams,
    bigrams: tuple[Numbers, Numbers, Doubles, Doubles],
    trigrams: tuple[Numbers, Numbers, Doubles],
) -> LanguageModel:
    """From the trie's order (last word first) to histories first."""
    before, predicted, probability2, backoff2 = bigrams
    under, oldest, probability3 = trigrams
    count = len(words)
    keys = before * count + predicted
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    pair = oldest * count + before[under]
    history = np.minimum(np.searchsorted(keys, pair), max(len(keys) - 1, 0))
    known = keys[history] == pair if len(keys) else np.zeros(0, bool)
    history, word, probability3 = history[known], predicted[under][known], probability3[known]
    third = np.lexsort((word, history))
    return LanguageModel(
        words,
        unigrams,
        Bigrams(before[order], predicted[order], probability2[order], backoff2[order]),
        Trigrams(history[third], word[third], probability3[third]),
    )


def write(model: LanguageModel, path: Path) -> None:
    """Write a model that the recognizer loads. Every trigram's last two words must be a bigram of the model.

    Raises ``ValueError`` when one is not.
    """
    count1, bigrams, trigrams = len(model.words), model.bigrams, model.trigrams
    keys = bigrams.word * count1 + bigrams.history  # the trie's order: predicted word, then the word before it
    order2 = np.argsort(keys, kind="stable")
    keys = keys[order2]
    pair = trigrams.word * count1 + bigrams.word[trigrams.history]
    under = np.searchsorted(keys, pair)
    if len(pair) and (under.max(initial=0) >= len(keys) or (keys[under] != pair).any()):
        raise ValueError("a trigram's last two words are not a bigram of the model")
    oldest = bigrams.history[trigrams.history]
    order3 = np.lexsort((oldest, under))
    tables, codes = zip(
        *(_quantize(level) for level in (bigrams.probability, bigrams.backoff, trigrams.probability)), strict=True
    )
    count2, count3 = len(keys), len(pair)
    word_bits, next_bits = count1.bit_length(), count3.bit_length()
    first2 = np.searchsorted(keys // count1, np.arange(count1 + 1))
    first3 = np.searchsorted(under[order3], np.arange(count2 + 1))
    end = np.zeros(1, np.int64)
    packed2 = _pack(
        (np.append(bigrams.history[order2], end), word_bits),
        (np.append(codes[1][order2], end), 16),
        (np.append(codes[0][order2], end), 16),
        (first3, next_bits),
    )
    packed3 = _pack((oldest[order3], word_bits), (codes[2][order3], 16))
    rows = np.zeros(count1 + 1, _UNIGRAM)
    rows["probability"][:-1] = model.unigrams.probability / _LOG10_OF_BASE
    rows["backoff"][:-1] = model.unigrams.backoff / _LOG10_OF_BASE
    rows["next"] = first2
    text = b"".join(word.encode() + b"\0" for word in model.words)
    with path.open("wb") as file:
        file.write(MAGIC + bytes([3]))
        file.write(np.array([count1, count2, count3, _QUANTIZED_16_BITS], "<u4").tobytes())
        file.write(np.concatenate(tables).astype("<f4").tobytes())
        file.write(rows.tobytes())
        file.write(packed2.ljust(_packed_size(count2, word_bits + 32 + next_bits), b"\0"))
        file.write(packed3.ljust(_packed_size(count3, word_bits + 16), b"\0"))
        file.write(np.array([len(text)], "<u4").tobytes() + text)


def _packed_size(count: int, bits: int) -> int:
    """Bytes of ``count`` entries, the end mark and the eight bytes over which the recognizer reads past the last."""
    return ((1 + count) * bits + 7) // 8 + 8


def _unpack(packed: NDArray[np.uint8], start: Numbers, bits: int) -> Numbers:
    """The ``bits`` (at most 57) from each bit position on, lowest first."""
    if bits == 0:
        return np.zeros(len(start), np.int64)
    padded = np.concatenate((packed, np.zeros(8, np.uint8)))
    eight = np.lib.stride_tricks.as_strided(padded, (len(padded) - 7, 8), (1, 1))
    words = np.ascontiguousarray(eight[start >> 3]).view("<u8")[:, 0]
    return ((words >> (start & 7).astype(np.uint64)) & np.uint64((1 << bits) - 1)).astype(np.int64)


def _pack(*fields: tuple[Numbers, int]) -> bytes:
    """Entries one after another without a gap; each the fields in turn, lowest bit first."""
    columns = [((values[:, None] >> np.arange(bits)) & 1).astype(np.uint8) for values, bits in fields]
    return np.packbits(np.concatenate(columns, axis=1).reshape(-1), bitorder="little").tobytes()


def _quantize(values: Doubles) -> tuple[Doubles, Numbers]:
    """A table of 65536 values (natural units of the file) and each value's nearest place in it."""
    scaled = values / _LOG10_OF_BASE
    distinct = np.unique(scaled)
    if len(distinct) > _STEPS:
        distinct = np.unique(np.quantile(scaled, np.linspace(0, 1, _STEPS)))
    if len(distinct) == 0:
        distinct = np.zeros(1)
    right = np.clip(np.searchsorted(distinct, scaled), 1 if len(distinct) > 1 else 0, len(distinct) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(scaled - distinct[left]) <= np.abs(distinct[right] - scaled), left, right)
    return np.pad(distinct, (0, _STEPS - len(distinct)), "edge"), nearest
