"""One model for all callers of a process: what waits is encoded, decoded in batches, doubted, and told.

The work runs in a thread of its own, so that sound is taken in while the model computes (CTranslate2 lets go of the
interpreter). Everything else about a turn is done under one lock, ``changed``.

A model that fails ends the process: the pool starts another, every caller's stream learns of it, and no final is owed
for ever.

Refuses: sessions' affairs; deciding when a turn is worth hearing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from stt.confidence import Calibration
from stt.decoding_queue import DecodingQueue, Urgency
from stt.hallucination import LEAST_SPEECH, MOST_COMPRESSION, NO_SPEECH, compression
from stt.language_vote import LEAST_SPEECH as LEAST_TO_VOTE
from stt.local_agreement import text_of
from stt.transcript import Transcript
from stt.whisper_model import Hypothesis, Prompt, Sound, SpeechModel
from stt.whisper_turn import Stretch, Turn
from stt.whisper_window import FULL, Samples

log = logging.getLogger(__name__)

PARTIALS_APART: Final = 2
"""Partials in a batch where encoding costs the sum of its parts: a final that comes meanwhile waits for all of them."""
CLOSE_WITHIN: Final = 5.0
FAILED: Final = 70
"""Exit status: internal software error (sysexits)."""


class Owner(Hashable, Protocol):
    """A caller's session. All of it is called under the lock."""

    def vote(self, detected: Mapping[str, float]) -> str:
        """Another turn's language was looked for: the language that is spoken."""

    def tell(self, task: TurnTask, transcript: Transcript | None) -> None:
        """The work is done: a partial, a final, or ``None``, without anything to tell."""


@dataclass(slots=True, eq=False)
class TurnTask:
    """To hear a stretch of a turn as it was at one moment.

    ``speech`` seconds of ``samples`` are speech, the last of it at ``spoken_until``; ``whole``: the stretch is complete
    and another follows, so that no transcript comes of it.
    """

    owner: Owner
    urgency: Urgency
    window: float
    turn: Turn
    stretch: Stretch
    samples: Samples
    speech: float
    spoken_until: float
    candidates: tuple[str, ...]
    hints: tuple[str, ...]
    asked_at: float
    whole: bool = False
    withdrawn: bool = False
    waited: float = 0.0

    @property
    def undecided(self) -> bool:
        """Whether it is open in which language this is spoken."""
        return len(self.candidates) > 1 and not self.turn.voted


class Decoder:
    """Owns the model and the queue before it."""

    def __init__(
        self,
        model: SpeechModel,
        *,
        most: int,
        retry_below: float,
        calibration: Calibration | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``most`` turns in a batch; finals with a mean log-probability under ``retry_below`` are heard twice."""
        self.changed = threading.Condition()
        self.clock = clock
        self.queue: DecodingQueue[TurnTask] = DecodingQueue()
        self._model = model
        self._most = (most, most if model.together else min(most, PARTIALS_APART))
        self._retry_below = retry_below
        self._calibration = calibration
        self._closing = False
        self._thread: threading.Thread | None = None

    # --- the thread ---------------------------------------------------------------------------------------------------
    def start(self, on_failure: Callable[[], None] | None = None) -> None:
        """Work in a thread until ``close``. When the model fails, ``on_failure`` is called: by default, all ends."""
        self._thread = threading.Thread(
            target=self._run, args=(on_failure or _end_process,), name="whisper-decoder", daemon=True
        )
        self._thread.start()

    def submit(self, task: TurnTask) -> None:
        """Let a task wait for the model; under the lock."""
        self.queue.put(task)
        self.changed.notify()

    def close(self) -> None:
        """End the thread after what it does now."""
        with self.changed:
            self._closing = True
            self.changed.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_WITHIN)

    def _run(self, on_failure: Callable[[], None]) -> None:
        try:
            while True:
                with self.changed:
                    while not self.queue and not self._closing:
                        self.changed.wait()
                    if self._closing:
                        return
                self.step()
        except BaseException:
            log.critical("the Whisper model failed; its process ends and another is started", exc_info=True)
            on_failure()
            raise

    # --- the work -----------------------------------------------------------------------------------------------------
    def step(self) -> bool:
        """Do the next batch. ``False``: nothing waited."""
        with self.changed:
            tasks = self.queue.take(*self._most)
            now = self.clock()
            for task in tasks:
                task.waited = now - task.asked_at
        spoken = [task for task in tasks if task.speech >= LEAST_SPEECH]
        for task in tasks:
            if task.speech < LEAST_SPEECH:
                self._finish(task, None, _NOTHING)
        if spoken:
            self._hear(spoken)
        return bool(tasks)

    def _hear(self, tasks: Sequence[TurnTask]) -> None:
        """Encode, find the languages, decode together; what is in doubt is heard again after the others are told."""
        known = self._heard_out(tasks)
        fresh = [task for task in tasks if task not in known]
        encoded = self._model.encode([task.samples for task in fresh], tasks[0].window) if fresh else []
        sounds = dict(zip(fresh, encoded, strict=True)) | {task: sound for task, (sound, _) in known.items()}
        for task in tasks:
            if self._find_language(task, sounds[task]):
                known.pop(task, None)
        undone = [task for task in tasks if task not in known]
        decoded = self._model.decode([sounds[task] for task in undone], [self._prompt(task) for task in undone])
        found = dict(zip(undone, decoded, strict=True)) | {task: told for task, (_, told) in known.items()}
        doubted = [task for task in tasks if self._in_doubt(task, found[task])]
        for task in tasks:
            if task not in doubted:
                self._finish(task, sounds[task], found[task])
        for task in doubted:
            self._finish(task, *self._second_hearing(task, sounds[task], found[task]))

    def _heard_out(self, tasks: Sequence[TurnTask]) -> dict[TurnTask, tuple[Sound, Hypothesis]]:
        """The finals for which a partial has done the work already: nobody has spoken since."""
        with self.changed:
            return {
                task: known
                for task in tasks
                if task.urgency is Urgency.FINAL and (known := task.stretch.heard_out(task.spoken_until)) is not None
            }

    def _find_language(self, task: TurnTask, sound: Sound) -> bool:
        """Look for the turn's language, once, when there is enough of it. Whether it is another one than before."""
        if not task.undecided or task.speech < LEAST_TO_VOTE:
            return False
        detected = self._model.languages(sound)
        with self.changed:
            before = task.turn.language
            task.turn.spoken_in(task.owner.vote(detected), task.stretch)
            return task.turn.language != before

    def _prompt(self, task: TurnTask, *, hints: bool = True) -> Prompt:
        with self.changed:
            return Prompt(task.turn.language, task.stretch.agreement.prefix, task.hints if hints else ())

    def _in_doubt(self, task: TurnTask, hypothesis: Hypothesis) -> bool:
        """Whether a final is worth the full window: the model is unsure of it, and does not call it silence."""
        if task.urgency is not Urgency.FINAL or task.withdrawn:
            return False
        if task.window >= FULL or hypothesis.no_speech > NO_SPEECH:
            return False
        if not hypothesis.words and task.stretch.agreement.confirmed:  # only unsure that nothing follows
            return False
        return (
            hypothesis.log_probability < self._retry_below or compression(text_of(hypothesis.words)) > MOST_COMPRESSION
        )

    def _second_hearing(self, task: TurnTask, sound: Sound, first: Hypothesis) -> tuple[Sound, Hypothesis]:
        """In the full window and without hints; the better of both."""
        (wide,) = self._model.encode([task.samples], FULL)
        (second,) = self._model.decode([wide], [self._prompt(task, hints=False)])
        return (wide, second) if second.log_probability > first.log_probability else (sound, first)

    def _finish(self, task: TurnTask, sound: Sound | None, hypothesis: Hypothesis) -> None:
        """Filter, align a final, and tell."""
        turn, stretch = task.turn, task.stretch
        with self.changed:
            words = stretch.believed(hypothesis, task.speech, turn.language)
            if task.urgency is Urgency.PARTIAL or task.withdrawn:  # a final that speech overtook is a partial still
                if sound is not None:
                    stretch.hypothesis(sound, hypothesis, words, tentative=task.undecided)
                    task.owner.tell(task, turn.partial(stretch))
                return
            everything = (*stretch.agreement.confirmed, *words)
        aligned = self._model.align(sound, turn.language, everything) if sound is not None else []
        with self.changed:
            said = turn.said(stretch, everything if sound is not None else (), aligned, self._calibration)
            if task.whole:
                turn.keep(said)
                task.owner.tell(task, None)
            else:
                task.owner.tell(task, turn.final(said, calibrated=self._calibration is not None))


_NOTHING: Final = Hypothesis((), 0.0, 1.0)


def _end_process() -> None:
    os._exit(FAILED)
