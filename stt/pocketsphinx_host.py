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
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from stt.confidence import Calibration, utterance_confidence
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
IDLE_DECODERS: Final = 8
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
        self._idle: OrderedDict[int, tuple[str, Any]] = OrderedDict()
        for folder in {self._model_of(tenant) for tenant in tenants} or {current_model(self._models / GENERIC)}:
            self._give_back(*self._decoder(folder))

    def open_session(self, emit: Emit, tenant: str) -> PocketsphinxSession:
        """A session for one caller of ``tenant``. Raises ``SttError`` when its model cannot be loaded."""
        key, decoder = self._decoder(self._model_of(tenant))
        return PocketsphinxSession(
            emit, decoder, self._calibration, CallFeatures(extend=self._extend), lambda: self._give_back(key, decoder)
        )

    def _model_of(self, tenant: str) -> Path | None:
        """The tenant's model, else the generic one, else none: then the bundled one serves."""
        own = current_model(tenant_directory(self._models, tenant))
        return own or current_model(self._models / GENERIC)

    def _decoder(self, folder: Path | None) -> tuple[str, Any]:
        from pocketsphinx import Decoder  # loads native code, which only the worker process shall

        key = str(folder or "")
        for number, (idle, decoder) in self._idle.items():
            if idle == key:
                del self._idle[number]
                return key, decoder
        model, dictionary = self._bundled / "en-us.lm.bin", self._bundled / "cmudict-en-us.dict"
        if folder is not None:
            model, dictionary = folder / MODEL, folder / DICTIONARY
        with tempfile.TemporaryDirectory(prefix="aicc-acoustic-") as scratch:
            acoustic = acoustic_directory(self._bundled / "en-us", Path(scratch))
            try:
                decoder = Decoder(
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
        return key, decoder

    def _give_back(self, key: str, decoder: Any) -> None:
        """Keep it for the next call; of too many the one that waited longest goes."""
        self._idle[id(decoder)] = (key, decoder)
        while len(self._idle) > IDLE_DECODERS:
            self._idle.popitem(last=False)


class PocketsphinxSession:
    """One caller's decoding. The methods are those that ``stt.worker_stream`` asks for."""

    def __init__(
        self,
        emit: Emit,
        decoder: Any,
        calibration: Calibration | None,
        features: CallFeatures,
        done: Callable[[], None],
    ) -> None:
        self._emit = emit
        self._decoder = decoder
        self._calibration = calibration
        self._curve = calibration
        self._features = features
        self._done = done
        self._decoding = False
        self._frames = 0
        self._asked_at = 0
        self._said = ""
        self._clock = MediaClock()
        self._waiting: Floats = np.zeros((0, CEPSTRA), np.float32)

    def hear(self, utterance: int, pcm: bytes, rate: int, at: float) -> None:
        """The next stretch of an utterance, which began at the media time ``at``."""
        if not self._decoding:
            self._begin()
        self._curve = self._calibration if rate < WIDE_FROM else None  # it was fitted on telephone lines alone
        self._clock.advance(at, len(pcm) / 2 / rate)
        self._decode(self._features.process(pcm, rate))
        if self._frames - self._asked_at >= PARTIAL_FRAMES:
            self._asked_at = self._frames
            self._partial(utterance)

    def end(self, utterance: int) -> None:
        """Emit the final of what was heard."""
        words: list[Word] = []
        if self._decoding:
            self._decode(self._features.end_utterance(), last=True)
            self._decoding = False
            if self._frames:
                self._decoder.end_utt()
                words = self._words()
        confidence = utterance_confidence([word.confidence for word in words])
        text = " ".join(word.text for word in words)
        self._emit(Transcript(utterance, text, tuple(words), True, LANGUAGE, confidence, self._curve is not None))

    def close(self) -> None:
        """Give the decoder back."""
        if self._decoding and self._frames:
            self._decoder.end_utt()
        self._decoding = False
        self._done()

    def _begin(self) -> None:
        self._decoding = True
        self._frames = self._asked_at = 0
        self._said = ""
        self._clock = MediaClock()

    def _decode(self, rows: Floats, *, last: bool = False) -> None:
        self._waiting = np.concatenate((self._waiting, rows))
        whole = len(self._waiting) if last else len(self._waiting) // BLOCK * BLOCK
        for start in range(0, whole, BLOCK):
            if self._frames == 0:
                self._decoder.start_utt()
            block = self._waiting[start : min(start + BLOCK, whole)]
            self._decoder.process_cep(block.tobytes(), False, False)
            self._frames += len(block)
        self._waiting = self._waiting[whole:]

    def _partial(self, utterance: int) -> None:
        """What the best path says so far, when that has changed. Words and their confidences wait for the final."""
        hypothesis = self._decoder.hyp() if self._frames else None
        said = hypothesis.hypstr if hypothesis is not None else ""
        if said and said != self._said:
            self._said = said
            self._emit(Transcript(utterance, said, (), False, LANGUAGE, 0.0))

    def _words(self) -> list[Word]:
        words = []
        for segment in self._decoder.seg() or ():
            if segment.word[0] in "<[+":  # silences, noises and the sentence's marks
                continue
            score = min(1.0, max(0.0, segment.prob))
            words.append(
                Word(
                    segment.word.partition("(")[0],
                    self._clock.time_of(segment.start_frame / FRAMES_PER_SECOND),
                    self._clock.time_of((segment.end_frame + 1) / FRAMES_PER_SECOND),
                    self._curve(score) if self._curve is not None else score,
                )
            )
        return words
