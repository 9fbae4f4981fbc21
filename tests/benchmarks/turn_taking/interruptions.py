"""What stops us while we speak: nods, noises, coughs and the line's echo must not; who wants the floor must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from gateway.session import turn_taking as turns
from stt import vad
from tests.benchmarks.turn_taking.lines import (
    RATE,
    Clip,
    Said,
    Samples,
    Speech,
    callers,
    cough,
    noises,
    recordings,
    speak,
    spoken,
)
from tests.benchmarks.turn_taking.scene import Echo, MakeEar, Scene, Window, segmenter

SPEAKING_FROM = 1.0
"""Seconds into the scene at which our reply begins."""
MOMENTS = (3.2, 4.7)
"""And those at which somebody is heard over it."""
AFTER = 5.0
HELD = 0.5
"""Seconds of voice that are an interruption for the second baseline."""
NOISE_LENGTH = 8.0
NOISE_PLACES = 3
"""Stretches of each noise."""
LEARNT = 6.0
"""Seconds of a steady noise before we speak: in a call it was there all the time."""
NOISE_LEVELS = (0, -10, -20)
"""dB against speech."""
COUGHS = 24
DELAYS = (0.12, 0.25, 0.4)
GAINS = (-12.0, -18.0, -25.0)

NODS = {
    "en": ("yeah", "uh-huh", "right", "okay", "mm-hmm", "i see"),
    "ko": ("네", "예", "음", "네네", "아 네", "그렇군요"),
}
VOICES = {"en": ("en-us", "en-us+f3", "en-gb-scotland+m3"), "ko": ("ko", "ko+f3", "ko+m3")}
WISHES = {
    "en": ("wait", "no that is wrong", "stop please", "can i speak to an agent"),
    "ko": ("잠깐만요", "아니 그게 아니라", "상담원 바꿔 주세요", "배송비는 얼마인가요"),
}
OURS = {
    "en": (
        "Standard delivery takes two to three working days after we have received your payment.",
        "If you order before two in the afternoon, the parcel leaves our warehouse on the same day.",
        "Larger items such as furniture are delivered by a carrier who calls you to arrange a date.",
        "You can follow every parcel in your account under recent orders.",
    ),
    "ko": (
        "일반 배송은 결제가 확인된 날부터 이틀에서 사흘 정도 걸립니다.",
        "오후 두 시 이전에 주문하시면 상품은 그날 바로 창고에서 출발합니다.",
        "가구처럼 큰 상품은 배송 기사가 미리 전화를 드려 날짜를 정합니다.",
        "모든 상품의 위치는 주문 내역에서 언제든지 확인하실 수 있습니다.",
    ),
}


class Outcome(StrEnum):
    """What became of our reply."""

    UNTOUCHED = "untouched"
    PAUSED = "paused and resumed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody or something is heard over our reply. ``meant``: it wants the floor."""

    group: str
    clip: Clip
    meant: bool = False
    at: float = MOMENTS[0]
    speaking_from: float = SPEAKING_FROM
    echo: Echo | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one event did to us, and to each baseline; times from its first sound, in seconds."""

    group: str
    clip: str
    meant: bool
    outcome: Outcome
    paused_for: float
    until_pause: float | None
    until_discard: float | None
    baselines: dict[str, float | None]
    """When each baseline stopped for good; None: it did not."""
    says: str


def events(data: Path) -> list[Event]:
    """Everything that is heard over our reply."""
    plain = {clip.name: clip for clip in (*recordings(data), *callers())}
    out = [Event("nods, people", plain["en_dograh_yes.m4a"], at=at) for at in MOMENTS]
    for language, nods in NODS.items():
        for index, nod in enumerate(nods):
            out += [
                Event(f"nods {language}, synthetic", spoken(nod, language, voice), at=MOMENTS[index % 2])
                for voice in VOICES[language]
            ]
    draw = np.random.default_rng(7)
    out += [Event("coughs", Clip(f"cough {number}", "en", cough(draw))) for number in range(COUGHS)]
    for name, noise in noises(data).items():
        for level in NOISE_LEVELS:
            for clip in _cut(name, noise, level):
                steady = replace(clip, sound=np.concatenate([clip.sound, clip.sound]))
                out.append(Event(f"{name}, {level} dB, steady", steady, at=0.0, speaking_from=LEARNT))
                out.append(Event(f"{name}, {level} dB, sudden", clip))
    for language in OURS:
        for echo in (Echo(delay, gain) for delay in DELAYS for gain in GAINS):
            clip = Clip(f"{echo.delay} s, {echo.gain} dB", language, np.zeros(round(NOISE_LENGTH * RATE)))
            out.append(Event(f"echo {language}", clip, at=0.0, echo=echo))
    return out + _wishes(list(plain.values()))


def _wishes(plain: Sequence[Clip]) -> list[Event]:
    out: list[Event] = []
    for clip in plain:
        if clip.words != () and clip.pauses == 0 and clip.name not in ("en_dograh_yes.m4a", "tts_tau2_yes.wav"):
            people = clip.name.startswith(("en_", "ko_"))
            group = f"wishes {clip.language}, {'people' if people else 'synthetic'}"
            out.append(Event(group, clip, meant=True, at=MOMENTS[len(out) % 2]))
    for language, wishes in WISHES.items():
        for index, wish in enumerate(wishes):
            voice = VOICES[language][index % len(VOICES[language])]
            clip = spoken(wish, language, voice)
            out.append(Event(f"wishes {language}, synthetic", clip, meant=True, at=MOMENTS[index % 2]))
    return out


def _cut(name: str, noise: Samples, level: float) -> list[Clip]:
    """Stretches of it, so loud."""
    length = round(NOISE_LENGTH * RATE)
    starts = [round(start) for start in np.linspace(0, len(noise) - length, NOISE_PLACES)]
    gain = 10 ** (level / 20)
    return [Clip(f"{name} at {start / RATE:.0f} s", "en", noise[start : start + length] * gain) for start in starts]


def our_replies() -> dict[str, Speech]:
    """What we are saying."""
    return {language: speak(*sentences, language=language) for language, sentences in OURS.items()}


def heard_words(event: Event, ours: Speech) -> tuple[Said, ...] | None:
    """What a scripted recognizer hears; of an echo it is our own words."""
    if event.clip.language != "ko":
        return None
    if event.echo is None:
        return tuple(_later(said, event.at) for said in event.clip.words or ())
    return tuple(_later(said, event.speaking_from + event.echo.delay) for said in ours.words)


def _later(said: Said, seconds: float) -> Said:
    return Said(said.word, said.begins + seconds, said.ends + seconds)


def play(event: Event, model: vad.Model, ear: MakeEar, ours: Speech, seed: int) -> Result:
    """One event over our reply."""
    sound = np.concatenate([np.zeros(round(event.at * RATE)), event.clip.sound, np.zeros(round(AFTER * RATE))])
    speaking_from = event.speaking_from
    scene = Scene(model, ear, sound, reply=ours, speaking_from=speaking_from, echo=event.echo, seed=seed).run()
    begins = max(event.at + event.clip.span[0], speaking_from)
    paused, discarded = scene.times(turns.PauseOutput), scene.times(turns.DiscardOutput)
    resumed = scene.times(turns.ResumeOutput)
    return Result(
        event.group,
        event.clip.name,
        event.meant,
        Outcome.DISCARDED if discarded else Outcome.PAUSED if paused else Outcome.UNTOUCHED,
        sum(until - at for at, until in zip(paused, resumed, strict=False)),
        paused[0] - begins if paused else None,
        discarded[0] - begins if discarded else None,
        {name: at if at is None else at - begins for name, at in _baselines(scene.windows, speaking_from).items()},
        " | ".join(turn.text or "(nothing)" for _, turn in scene.turns_ended()),
    )


def _baselines(windows: Sequence[tuple[float, Window]], speaking_from: float) -> dict[str, float | None]:
    """When any voice stops us, and when half a second of it does."""
    found: dict[str, float | None] = {"any voice": None, f"voice for {HELD} s": None}
    machine = segmenter()
    since: float | None = None
    for now, window in windows:
        match machine.handle(*window):
            case vad.SpeechStarted(at=at):
                since = at
            case vad.SpeechStopped():
                since = None
            case None:
                pass
        if since is None or now < speaking_from:
            continue
        if found["any voice"] is None:
            found["any voice"] = now
        if found[f"voice for {HELD} s"] is None and window[0] - since >= HELD:
            found[f"voice for {HELD} s"] = now
    return found
