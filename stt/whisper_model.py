"""The Whisper model itself, driven through CTranslate2: encode, detect the language, decode a batch, align.

faster-whisper is asked for features, the tokenizer and the download alone: its own ``transcribe`` pads every turn to
30 s, which on a processor costs seven times what a telephone turn needs, and takes one turn at a time.

Decoding is greedy, at temperature 0, without timestamps, without memory of earlier turns, and with no more tokens than
can be said in the time.

Refuses: knowing sessions, queues and what to believe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from stt.errors import RecognizerUnavailable
from stt.local_agreement import TokenWord
from stt.whisper_window import RATE, Samples, padded

FRAMES_PER_SECOND: Final = 100
"""Frames of features; the encoder makes one state of two."""
STATES_PER_SECOND: Final = 50
TOKENS_PER_SECOND: Final = 12
LEAST_TOKENS: Final = 16
LONGEST_TEXT: Final = 448
"""Tokens: the model has no more places."""
MOST_HINT_TOKENS: Final = 96
"""Expected phrases beyond so many tokens are left out: a long hint costs time and is heard where nobody said it."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What the encoder made of ``seconds`` of sound: states [window, width]."""

    states: NDArray[Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the decoder is told before it writes: the language, how the text begins, what is likely to be said."""

    language: str
    prefix: tuple[int, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What follows the prompt's prefix, and the model's figures for it: see ``stt.hallucination.Evidence``."""

    words: tuple[TokenWord, ...]
    log_probability: float
    no_speech: float


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where a word lies in its sound, in seconds, and its tokens' mean probability."""

    start: float
    end: float
    probability: float


class SpeechModel(Protocol):
    """A way to drive a model."""

    @property
    def together(self) -> bool:
        """Whether several sounds are encoded faster together than one after the other."""

    def encode(self, sounds: Sequence[Samples], window: float) -> list[Sound]:
        """The encoder's states for each sound, all with one window in seconds."""

    def languages(self, sound: Sound) -> Mapping[str, float]:
        """The probability of every language that the model knows; none when it knows one language only."""

    def decode(self, sounds: Sequence[Sound], prompts: Sequence[Prompt]) -> list[Hypothesis]:
        """What is said in each sound; their windows are equal."""

    def align(self, sound: Sound, language: str, words: Sequence[TokenWord]) -> list[Aligned]:
        """Where each word lies."""


class CtranslateWhisper:
    """``SpeechModel`` with CTranslate2."""

    def __init__(self, folder: Path, device: str, compute_type: str, threads: int) -> None:
        """Raises ``RecognizerUnavailable`` when there is no model in the folder that loads."""
        import ctranslate2
        import tokenizers
        from faster_whisper.feature_extractor import FeatureExtractor

        try:
            self._model = ctranslate2.models.Whisper(
                str(folder), device=device, compute_type=compute_type, intra_threads=threads
            )
            self._tokenizer = tokenizers.Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RuntimeError) as error:
            raise RecognizerUnavailable(
                f"the Whisper model in {folder} does not load ({error}); give a folder with a CTranslate2 model and its"
                " tokenizer.json"
            ) from error
        if "bfloat16" in self._model.compute_type:  # numpy, through which batches are put together, has no such numbers
            raise RecognizerUnavailable(
                f"{self._model.compute_type} is not offered; set AICC_STT_COMPUTE_TYPE to int8, float16 or float32"
            )
        self._multilingual = bool(self._model.is_multilingual)
        self._features = FeatureExtractor(feature_size=self._model.n_mels)
        self._languages: dict[str, Any] = {}
        self._view = ctranslate2.StorageView.from_array
        self.together = self._model.device != "cpu"

    def encode(self, sounds: Sequence[Samples], window: float) -> list[Sound]:
        """See ``SpeechModel``."""
        features = [self._features(padded(samples, window), padding=0)[None] for samples in sounds]
        batches = [np.concatenate(features)] if self.together else features
        states = [state for batch in batches for state in np.array(self._encoded(batch))]
        return [Sound(state, min(window, len(samples) / RATE)) for state, samples in zip(states, sounds, strict=True)]

    def languages(self, sound: Sound) -> Mapping[str, float]:
        """See ``SpeechModel``."""
        if not self._multilingual:
            return {}
        (found,) = self._model.detect_language(self._stored([sound]))
        return {token.strip("<|>"): float(probability) for token, probability in found}

    def decode(self, sounds: Sequence[Sound], prompts: Sequence[Prompt]) -> list[Hypothesis]:
        """See ``SpeechModel``. Turns whose hints are equally long go through the model together."""
        hints = [self._hint(prompt) for prompt in prompts]
        alike: dict[tuple[int, bool], list[int]] = {}
        for index, (prompt, hint) in enumerate(zip(prompts, hints, strict=True)):
            # The library wants the transcript to start at one place, and an empty one is refused or not for all alike.
            alike.setdefault((len(hint), bool(prompt.prefix)), []).append(index)
        found: dict[int, Hypothesis] = {}
        for indices in alike.values():
            chosen = [(sounds[i], prompts[i], hints[i]) for i in indices]
            found.update(zip(indices, self._decode_alike(chosen), strict=True))
        return [found[index] for index in range(len(sounds))]

    def align(self, sound: Sound, language: str, words: Sequence[TokenWord]) -> list[Aligned]:
        """See ``SpeechModel``."""
        tokens = [token for word in words for token in word.tokens]
        if not tokens:
            return []
        start = self._spoken(language).sot_sequence
        frames = min(len(sound.states) * 2, round(sound.seconds * FRAMES_PER_SECOND))
        (result,) = self._model.align(self._stored([sound]), start, [tokens], frames)
        begins = _token_begins(result.alignments, len(tokens))
        aligned, at = [], 0
        for word in words:
            until = at + len(word.tokens)
            probability = float(np.mean(result.text_token_probs[at:until]))
            aligned.append(Aligned(begins[at], min(begins[until], sound.seconds), probability))
            at = until
        return aligned

    def _decode_alike(self, chosen: Sequence[tuple[Sound, Prompt, Sequence[int]]]) -> Iterator[Hypothesis]:
        starts = [[*hint, *self._start(prompt.language), *prompt.prefix] for _, prompt, hint in chosen]
        longest = max(
            len(prompt.prefix) + LEAST_TOKENS + int(TOKENS_PER_SECOND * sound.seconds) for sound, prompt, _ in chosen
        )
        before = max(map(len, starts))
        results = self._model.generate(
            self._stored([sound for sound, *_ in chosen]),
            starts,
            beam_size=1,
            max_length=min(LONGEST_TEXT, max(2 * longest, longest + before)),  # it makes half of it at most
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=not chosen[0][1].prefix,
        )
        for (_, prompt, _), result in zip(chosen, results, strict=True):
            tokens = result.sequences_ids[0]  # they begin with the prefix
            own = tokens[len(prompt.prefix) :]
            score = result.scores[0] * len(tokens) / (len(own) + 1)
            yield Hypothesis(self._words(own, prompt.language), float(score), float(result.no_speech_prob))

    def _words(self, tokens: Sequence[int], language: str) -> tuple[TokenWord, ...]:
        spoken = self._spoken(language)
        words, parts = spoken.split_to_word_tokens([token for token in tokens if token < spoken.eot])
        return tuple(TokenWord(text, tuple(part)) for text, part in zip(words, parts, strict=True))

    def _start(self, language: str) -> list[int]:
        spoken = self._spoken(language)
        return [*spoken.sot_sequence, spoken.no_timestamps]

    def _hint(self, prompt: Prompt) -> list[int]:
        """Expected phrases as the text that went before, as many as there is room for."""
        hint: list[int] = []
        for phrase in prompt.hints:
            tokens = self._tokenizer.encode(f" {phrase}," if hint else f" {phrase}", add_special_tokens=False).ids
            if len(hint) + len(tokens) > MOST_HINT_TOKENS:
                break
            hint += tokens
        return [self._spoken(prompt.language).sot_prev, *hint] if hint else []

    def _spoken(self, language: str) -> Any:
        """faster-whisper's tokenizer for a language."""
        if language not in self._languages:
            from faster_whisper.tokenizer import Tokenizer

            self._languages[language] = Tokenizer(self._tokenizer, self._multilingual, "transcribe", language)
        return self._languages[language]

    def _encoded(self, features: NDArray[np.float32]) -> Any:
        return self._model.encode(self._view(np.ascontiguousarray(features)), to_cpu=True)

    def _stored(self, sounds: Sequence[Sound]) -> Any:
        return self._view(np.ascontiguousarray(np.stack([sound.states for sound in sounds])))


def _token_begins(alignments: Sequence[tuple[int, int]], count: int) -> list[float]:
    """When each token begins, and when the last one ends, from the pairs (token, state) of the best path."""
    begins: dict[int, float] = {}
    for token, state in alignments:
        begins.setdefault(token, state / STATES_PER_SECOND)
    last = alignments[-1][1] / STATES_PER_SECOND if alignments else 0.0
    return [begins.get(token, last) for token in range(count + 1)]


def find_model(model: str, models: Path) -> Path:
    """The folder of a model: one that is named, one that was pulled, one in the hub's cache, or fetched from the hub.

    Raises ``RecognizerUnavailable`` when there is none and none can be had.
    """
    for folder in (Path(model).expanduser(), models / f"whisper-{model}"):
        if (folder / "model.bin").is_file():
            return folder
    if "/" in model or model.startswith("."):
        raise RecognizerUnavailable(
            f"{model} holds no Whisper model (there is no model.bin); give a folder made by ct2-transformers-converter"
        )
    from faster_whisper import download_model

    cache = str(models / "hub")
    try:
        return Path(download_model(model, cache_dir=cache, local_files_only=True))
    except (OSError, ValueError):
        pass  # not here yet: ask the hub
    try:
        return Path(download_model(model, cache_dir=cache))
    except ValueError as error:
        raise RecognizerUnavailable(f"there is no Whisper model of the size {model!r}: {error}") from error
    except OSError as error:
        raise RecognizerUnavailable(
            f"the Whisper model {model!r} is not on this machine and the hub is out of reach ({type(error).__name__}); "
            f"run `aicc models pull whisper-{model}` where it can, or set AICC_STT_MODEL to a folder with the model"
        ) from error
