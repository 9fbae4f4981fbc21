"""By how many words the text that we take for heard differs from what the far end had really played."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np

from gateway.session import playback
from tests.benchmarks.turn_taking.lines import RATE, Speech
from tests.benchmarks.turn_taking.scene import FarEnd, renumbered

JITTER = 0.03
CONFIRMED_AFTER = (0.04, 0.2)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Words heard in truth, and as each way of knowing has it."""

    truth: int
    ours: int
    sentences: int
    proportional: int
    played: float
    """Seconds that the far end was playing our reply, and how many of them nothing came."""
    gaps: float

    @property
    def errors(self) -> tuple[int, int, int]:
        """Words by which we, whole sentences, and a share of the time are wrong."""
        return (
            abs(self.ours - self.truth),
            abs(self.sentences - self.truth),
            abs(self.proportional - self.truth),
        )


def interrupted(speech: Speech, at: float, seed: int) -> Interrupted:
    """Our reply is interrupted at a moment; the order to be silent takes the network's time to the far end."""
    far_end = FarEnd(np.random.default_rng(seed), JITTER, CONFIRMED_AFTER)
    machine = playback.Playback(RATE)
    later: list[tuple[float, int, playback.Event]] = []
    order = itertools.count()
    silent = at
    heard = ""

    def post(event: playback.Event, now: float) -> None:
        nonlocal silent, heard
        for command in machine.handle(event, now):
            match command:
                case playback.SendFrame(pcm):
                    far_end.send(pcm, now)
                case playback.SendMark(name):
                    heapq.heappush(later, (far_end.mark(now), next(order), playback.CarrierMark(name)))
                case playback.ClearFarEnd():
                    silent = far_end.clear(now)
                case playback.ReplyOver(heard=text):
                    heard = text
                case _:
                    pass

    post(playback.ReplyBegun(1, speech.sentences), 0.0)
    for event in renumbered(speech, 1):
        post(event, 0.0)
    while True:
        now = min(later[0][0] if later else at, at if machine.deadline is None else machine.deadline)
        if now >= at:
            break
        post(heapq.heappop(later)[2] if later and later[0][0] <= now else playback.Tick(), now)
    post(playback.Pause(), at)
    post(playback.Discard(), at)
    return Interrupted(
        truth=sum(len(said.word.split()) for said in speech.words if said.ends <= far_end.sounded(silent) + 1e-6),
        ours=len(heard.split()),
        sentences=_whole_sentences(speech, at),
        proportional=_proportional(speech, at),
        played=far_end.until - far_end.played[0][0],
        gaps=far_end.gaps(silent),
    )


def _whole_sentences(speech: Speech, at: float) -> int:
    """All words of every sentence that had begun by our clock."""
    begun = zip(speech.sentences, speech.begins, strict=True)
    return sum(len(sentence.split()) for sentence, begins in begun if begins <= at)


def _proportional(speech: Speech, at: float) -> int:
    """As large a share of the words as of the time has passed since our first packet."""
    total = sum(len(sentence.split()) for sentence in speech.sentences)
    return min(total, int(total * at / (len(speech.sound) / RATE)))
