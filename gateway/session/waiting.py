"""What a caller hears while they wait for a human: where they stand, how long it may take, and what they can choose.

Pure. Refuses: estimating (the desk does), and playing anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

CALLBACK_KEY = "1"
"""The key that asks for a call back."""

LONGEST_TOLD = 30 * 60
"""Seconds: beyond it no number is told, only that it will take long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a caller stands in their queue: ``position`` from 1, and the estimated ``seconds``; None: nobody knows."""

    position: int
    seconds: float | None


_CALLBACK = {
    "en": re.compile(r"\bcall(ed)?\s+(me\s+)?back\b|\bcall\s?back\b|\b(ring|phone)\s+me\s+(back|later)\b"),
    "ko": re.compile(r"콜\s?백|다시\s*(전화|연락)|전화\s*(를\s*)?(해|주)|나중에\s*(전화|연락)"),
}
_NOT = {
    "en": re.compile(r"\b(don'?t|do not|no|not|never|without)\b"),
    "ko": re.compile(r"(말고|말아|마세요|하지\s*마|필요\s*없|싫|안\s*해|않)"),
}


def wants_callback(text: str, digits: str, language: str) -> bool:
    """Whether whoever waits asks to be called back instead, by key or in words."""
    if digits == CALLBACK_KEY:
        return True
    words = text.casefold()
    asked, refused = _CALLBACK.get(language), _NOT.get(language)
    return bool(asked and refused and asked.search(words) and not refused.search(words))


def told(waiting: Waiting | None, language: str) -> tuple[str, ...]:
    """What is said of a caller's place, in sentences; nothing where there is nothing to say."""
    if waiting is None:
        return ()
    korean = language == "ko"
    place = (
        f"현재 {waiting.position}번째로 기다리고 계십니다." if korean else f"You are number {waiting.position} in line."
    )
    choice = (
        "기다리지 않고 전화를 받으시려면 1번을 눌러 주세요. 순서는 그대로 유지됩니다."
        if korean
        else "To be called back instead, press 1. You will keep your place."
    )
    return tuple(part for part in (place, _estimate(waiting.seconds, korean), choice) if part)


def _estimate(seconds: float | None, korean: bool) -> str:
    if seconds is None:
        return ""
    if seconds > LONGEST_TOLD:
        return "지금은 오래 기다리셔야 합니다." if korean else "The wait is long at the moment."
    minutes = max(1, round(seconds / 60))
    if korean:
        return f"예상 대기 시간은 약 {minutes}분입니다."
    return f"The wait is about {minutes} minute{'s' if minutes > 1 else ''}."


@lru_cache(maxsize=4)
def music(rate: int) -> bytes:
    """Some 24 seconds of a quiet tune at ``rate`` Hz, to be played over and over; made here, so that it is nobody's."""
    chords = ((60, 64, 67, 71), (57, 60, 64, 67), (62, 65, 69, 72), (55, 59, 62, 65))
    beat = round(0.5 * rate)
    moment = np.arange(beat * 3) / rate
    swell = np.minimum(moment / 0.03, 1.0) * np.exp(-1.6 * moment)
    tune = np.zeros(beat * (48 + 3))
    for number in range(48):
        chord = chords[number // 4 % len(chords)]
        pitch = 440.0 * 2 ** ((chord[(number * 3) % 4] - 69) / 12)
        note = (np.sin(2 * np.pi * pitch * moment) + 0.3 * np.sin(4 * np.pi * pitch * moment)) * swell
        tune[number * beat : number * beat + len(note)] += note
    looped = tune[: beat * 48]
    looped[: beat * 3] += tune[beat * 48 :]  # the last notes ring on into the beginning
    return (looped * (0.06 * 32767 / 1.3)).astype("<i2").tobytes()
