"""The inside of a pocketsphinx process: decoders, and the sessions that use them. Imported by worker processes only.

Settings that were measured: no second pass (``fwdflat``) and word confidences from the lattice (``bestpath``): the
final is there some milliseconds after the last frame. Features are computed outside and fed five frames at a time,
because without a second pass the decoder silently loses frames beyond that. The acoustic model is used through a
folder of links with a ``feat.params`` that leaves means alone: that file overrides every setting.

Refuses: more than one thread; keeping a caller's sound.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from stt.confidence import Calibration, utterance_confidence
from stt.decoders import Decoders, Request
from stt.errors import RecognizerUnavailable
from stt.features import WIDE_FROM, CallFeatures
from stt.frontend import CEPSTRA, FRAMES_PER_SECOND, Floats
from stt.lm_trie import bundled_directory
from stt.media_clock import MediaClock
from stt.model_folder import DICTIONARY, GENERIC, MODEL, current_model, tenant_directory
from stt.transcript import Transcript, Word

BLOCK: Final = 5
"""Frames that the decoder takes at a time."""
DECODER: Final[Mapping[str, float | bool]] = MappingProxyType(
    {
        "fwdflat": False,
        "bestpath": True,
        "maxhmmpf": 4000,  # hypotheses kept in each frame: costs no words and cuts the peaks
        "maxwpf": 15,  # words that may end in one: in noise there are hundreds, and the final waits for their lattice
    }
)
"""The decoder's settings, where they are not its own."""
PARTIAL_FRAMES: Final = 20
"""A partial is looked for after this many frames (0.2 s)."""
LANGUAGE: Final = "en"
CONFIDENCE: Final = Path(__file__).parent / "pocketsphinx_confidence.yaml"
"""The calibration of word confidences on telephone lines; ``stt.training.confidence`` makes it."""

Emit = Callable[[Transcript], None]


def acoustic_directory(bundled: Path, scratch: Path) -> Path:
    """A folder of links to the bundled acoustic model in which means are left alone."""
    folder = scratch / "acoustic"
    folder.mkdir()
    for file in bundled.iterdir():
        if file.name != "feat.params":
            (folder / file.name).symlink_to(file)
    parameters = (bundled / "feat.params").read_text(encoding="ascii")
    lines = [line for line in parameters.splitlines() if line.split()[:1] not in (["-cmn"], ["-remove_noise"])]
    (folder / "feat.params").write_text("\n".join([*lines, "-cmn none", "-remove_noise no", ""]), encoding="ascii")
    return folder


class PocketsphinxHost:
    """What a worker process hosts. ``models`` is where tenants' language models lie (``stt.language_model``)."""

    def __init__(
        self,
        models: str,
        tenants: Sequence[str] = (),
        calibration: Calibration | None = None,
        extend: bool = True,
        decoder: Mapping[str, float | bool] = DECODER,
    ) -> None:
        """``tenants``: whose decoders are made at once; the others' are made at their first call, in 0.1 s.

        ``calibration`` is for the words of telephone lines; without one their confidences are the decoder's scores.
        ``extend`` and ``decoder`` are changed for measurements.
        """
        self._models = Path(models)
        self._bundled = bundled_directory()
        self._calibration = calibration
        self._extend = extend
        self._settings = decoder
        self._decoders = Decoders(self._decoder)
        for folder in {self._model_of(tenant) for tenant in tenants} or {current_model(self._models / GENERIC)}:
            self._decoders.prepare(str(folder or ""))

    def open_session(self, emit: Emit, tenant: str) -> PocketsphinxSession:
        """A session for one caller of ``tenant``. Raises ``SttError`` when its model cannot be loaded."""
        key = str(self._model_of(tenant) or "")
        self._decoders.prepare(key)
        return PocketsphinxSession(emit, self._decoders, key, self._calibration, CallFeatures(extend=self._extend))

    def _model_of(self, tenant: str) -> Path | None:
        """The tenant's model, else the generic one, else none: then the bundled one serves."""
        own = current_model(tenant_directory(self._models, tenant))
        return own or current_model(self._models / GENERIC)

    def _decoder(self, key: str) -> Any:
        """A new decoder for the model in the folder ``key``, the bundled one if empty."""
        from pocketsphinx import Decoder  # loads native code, which only the worker process shall

        model, dictionary = self._bundled / "en-us.lm.bin", self._bundled / "cmudict-en-us.dict"
        if key:
            model, dictionary = Path(key) / MODEL, Path(key) / DICTIONARY
        with tempfile.TemporaryDirectory(prefix="aicc-acoustic-") as scratch:
            acoustic = acoustic_directory(self._bundled / "en-us", Path(scratch))
            try:
                return Decoder(
                    hmm=str(acoustic),
                    lm=str(model),
                    dict=str(dictionary),
                    **self._settings,
                    loglevel="FATAL",
                    logfn=os.devnull,
                )
            except RuntimeError as error:
                raise RecognizerUnavailable(
                    f"pocketsphinx cannot load {model} with {dictionary}: {error}; ingest the tenant's knowledge again"
                ) from error


@dataclass(slots=True)
class _Utterance:
    """One utterance on its way through a decoder, or in line for one since ``asked``; ``rows`` are not decoded yet."""

    number: int
    curve: Calibration | None
    clock: MediaClock = field(default_factory=MediaClock)
    rows: Floats = field(default_factory=lambda: np.zeros((0, CEPSTRA), np.float32))
    ended: bool = False
    asked: float = 0.0
    waited: float = 0.0
    decoded: int = 0
    looked_at: int = 0
    said: str = ""


class PocketsphinxSession:
    """One caller's decoding. The methods are those that ``stt.worker_stream`` asks for.

    A decoder is borrowed for each utterance. While none is free, utterances wait here, in order, as features.
    """

    def __init__(
        self, emit: Emit, decoders: Decoders, key: str, calibration: Calibration | None, features: CallFeatures
    ) -> None:
        self._emit = emit
        self._decoders = decoders
        self._key = key
        self._calibration = calibration
        self._features = features
        self._utterances: deque[_Utterance] = deque()
        self._decoder: Any = None
        self._request: Request | None = None

    def hear(self, utterance: int, pcm: bytes, rate: int, at: float) -> None:
        """The next stretch of an utterance, which began at the media time ``at``."""
        current = self._current(utterance)
        current.curve = self._calibration if rate < WIDE_FROM else None  # it was fitted on telephone lines alone
        current.clock.advance(at, len(pcm) / 2 / rate)
        current.rows = np.concatenate((current.rows, self._features.process(pcm, rate)))
        self._work()

    def end(self, utterance: int) -> None:
        """Emit the final of what was heard, as soon as it is decoded."""
        current = self._current(utterance)
        if current.clock.heard:
            current.rows = np.concatenate((current.rows, self._features.end_utterance()))
        current.ended = True
        self._work()

    def close(self) -> None:
        """Give the decoder back."""
        if self._request is not None:
            self._decoders.withdraw(self._request)
        if self._decoder is not None:
            if self._utterances and self._utterances[0].decoded:
                self._decoder.end_utt()
            self._return()
        self._utterances.clear()

    def _current(self, number: int) -> _Utterance:
        """The utterance that is being heard: the last one, or a new one after its end."""
        if not self._utterances or self._utterances[-1].ended:
            self._utterances.append(_Utterance(number, self._calibration))
        return self._utterances[-1]

    def _work(self) -> None:
        """Decode what can be decoded; ask for a decoder where one is needed."""
        while self._utterances:
            first = self._utterances[0]
            if len(first.rows) and not self._has_decoder(first):
                return
            self._decode(first)
            if not first.ended:
                self._partial(first)
                return
            self._final(first)
            self._utterances.popleft()

    def _has_decoder(self, utterance: _Utterance) -> bool:
        """Whether there is one now; if not, it is asked for once, and the work goes on when it comes."""
        if self._decoder is None and self._request is None:
            utterance.asked = time.monotonic()
            request = self._decoders.ask(self._key, self._take)
            self._request = request if self._decoder is None else None
        return self._decoder is not None

    def _take(self, decoder: Any) -> None:
        awaited, self._request = self._request is not None, None
        self._decoder = decoder
        first = self._utterances[0]
        first.waited = time.monotonic() - first.asked
        if awaited:  # nobody else goes on with the work
            self._work()

    def _return(self) -> None:
        decoder, self._decoder = self._decoder, None
        self._decoders.give_back(self._key, decoder)

    def _decode(self, utterance: _Utterance) -> None:
        """Decode in blocks; of an utterance that goes on what does not fill one waits."""
        rows = utterance.rows
        whole = len(rows) if utterance.ended else len(rows) // BLOCK * BLOCK
        for start in range(0, whole, BLOCK):
            if utterance.decoded == 0:
                self._decoder.start_utt()
            block = rows[start : min(start + BLOCK, whole)]
            self._decoder.process_cep(block.tobytes(), False, False)
            utterance.decoded += len(block)
        utterance.rows = rows[whole:]

    def _partial(self, utterance: _Utterance) -> None:
        """What the best path says so far, when that has changed. Words and their confidences wait for the final."""
        if utterance.decoded - utterance.looked_at < PARTIAL_FRAMES:
            return
        utterance.looked_at = utterance.decoded
        hypothesis = self._decoder.hyp()
        said = hypothesis.hypstr if hypothesis is not None else ""
        if said and said != utterance.said:
            utterance.said = said
            self._emit(Transcript(utterance.number, said, (), False, LANGUAGE, 0.0))

    def _final(self, utterance: _Utterance) -> None:
        words: list[Word] = []
        if utterance.decoded:
            self._decoder.end_utt()
            words = self._words(utterance)
        self._emit(
            Transcript(
                utterance.number,
                " ".join(word.text for word in words),
                tuple(words),
                True,
                LANGUAGE,
                utterance_confidence([word.confidence for word in words]),
                utterance.curve is not None,
                waited=utterance.waited,
            )
        )
        if self._decoder is not None:
            self._return()

    def _words(self, utterance: _Utterance) -> list[Word]:
        words = []
        for segment in self._decoder.seg() or ():
            if segment.word[0] in "<[+":  # silences, noises and the sentence's marks
                continue
            score = min(1.0, max(0.0, segment.prob))
            words.append(
                Word(
                    segment.word.partition("(")[0],
                    utterance.clock.time_of(segment.start_frame / FRAMES_PER_SECOND),
                    utterance.clock.time_of((segment.end_frame + 1) / FRAMES_PER_SECOND),
                    utterance.curve(score) if utterance.curve is not None else score,
                )
            )
        return words
