"""Whether we let callers finish, and how long they wait once they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dialog.reply import Entry, Expectation
from stt import vad
from tests.benchmarks.turn_taking.lines import (
    RATE,
    Clip,
    Speech,
    callers,
    dictated,
    quietest,
    recordings,
    speak,
    spoken,
    with_pause,
)
from tests.benchmarks.turn_taking.scene import MakeEar, Scene, Window, segmenter

PAUSES = (0.4, 0.7, 1.0, 1.5)
SILENCES = (0.5, 0.7, 1.0)
"""Seconds of silence after which the baselines take a turn for ended."""
BEFORE, AFTER = 2.0, 4.5
"""Seconds of the line's hiss around what a caller says."""

NUMBERS = (("george", "20261187"), ("jackson", "40719352"), ("lucas", "85036914"))
KOREAN = (
    "주문한 상품이 아직 안 왔는데 언제쯤 받을 수 있을까요",
    "지난주에 산 운동화를 환불을 받고 싶은데 어떻게 하면 되나요",
    "배송지를 부산으로 바꾸고 싶어요",
    "제가 어제 전화를 했는데 아직 답을 못 받았어요",
    "상담원하고 직접 통화를 하고 싶습니다",
    "선물 포장을 하면 얼마가 더 드나요",
    "일요일에도 매장이 문을 여는지 알고 싶어요",
    "회원 등급이 어떻게 되는지 그리고 포인트가 얼마나 있는지 알려 주세요",
)
KOREAN_NUMBER = "이 공 이 육 일 일 팔 칠"
VOICES = ("ko", "ko+f3", "ko+m3")


@dataclass(frozen=True, slots=True)
class Ending:
    """What one way of telling made of one utterance. ``delay`` is None when the end was never noticed."""

    clip: str
    cut_off: int = 0
    """Turns that were ended before the caller had finished."""
    mended: int = 0
    """Of these, those whose words were taken together with the rest."""
    talked_over: float = 0.0
    """Seconds of our voice that the caller heard before they had finished."""
    delay: float | None = None
    says: str = ""
    """What was heard in each turn, where words are known."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One utterance and what it belongs to."""

    group: str
    clip: Clip


def trials(data: Path) -> list[Trial]:
    """Everything that is said, as it was recorded, and with pauses put in."""
    plain = recordings(data)
    shop = callers()
    korean = [spoken(text, "ko", VOICES[i % len(VOICES)]) for i, text in enumerate(KOREAN)]
    out = [Trial(f"people {clip.language}, as recorded", clip) for clip in plain if clip.name.startswith(clip.language)]
    out += [
        Trial("synthetic en, as recorded", clip)
        for clip in (*plain, *shop)
        if not clip.name.startswith("ko_") and not clip.name.startswith("en_")
    ]
    out += [Trial("synthetic ko, as spoken", clip) for clip in korean]
    for pause in PAUSES:
        for clip in (*plain, *shop):
            at = quietest(clip)
            if at is not None and clip.pauses == 0:
                kind = "people" if clip.name.startswith(("en_", "ko_")) else "synthetic"
                out.append(Trial(f"{kind} {clip.language}, + {pause} s", with_pause(clip, at, pause)))
        for index, clip in enumerate(korean):
            out.append(Trial(f"synthetic ko, + {pause} s", with_pause(clip, _between_words(clip, index), pause)))
        out += [Trial(f"digits en, + {pause} s", dictated(data, *number, pause)) for number in NUMBERS]
        out += [Trial(f"digits ko, + {pause} s", _korean_number(voice, pause)) for voice in VOICES]
    return out


def _between_words(clip: Clip, index: int) -> float:
    """Where a pause comes: after the second word, the third, and so on, never before the last."""
    words = clip.words or ()
    return words[1 + index % (len(words) - 2)].ends


def _korean_number(voice: str, pause: float) -> Clip:
    clip = spoken(KOREAN_NUMBER, "ko", voice, Expectation.DICTATING)
    words = clip.words or ()
    paused = with_pause(clip, words[len(words) // 2 - 1].ends, pause)
    return Clip(paused.name, "ko", paused.sound, paused.words, Expectation.DICTATING, Entry(length=len(words)))


def reply(language: str) -> Speech:
    """What we answer in all of these."""
    if language == "ko":
        return speak("네, 지금 바로 확인해 드리겠습니다.", "잠시만 기다려 주시면 알려 드릴게요.", language="ko")
    return speak("Let me look that up for you.", "One moment please, I have it here in a second.", language="en")


def play(trial: Trial, model: vad.Model, ear: MakeEar, answer: Speech, seed: int) -> dict[str, Ending]:
    """One utterance, as we and as each baseline tell its end."""
    clip = trial.clip
    sound = np.concatenate([np.zeros(round(BEFORE * RATE)), clip.sound, np.zeros(round(AFTER * RATE))])
    scene = Scene(model, ear, sound, reply=answer, expects=clip.expects, entry=clip.entry, seed=seed).run()
    ends = BEFORE + clip.span[1]
    found = {"ours": _ours(scene, clip.name, ends)}
    for silence in SILENCES:
        found[f"silence {silence} s"] = _by_silence(clip.name, scene.windows, silence, ends)
    return found


def _ours(scene: Scene, name: str, ends: float) -> Ending:
    turns = scene.turns_ended()
    early = [index for index, (at, _) in enumerate(turns) if at < ends]
    mended = sum(any(turn.continues for _, turn in turns[index + 1 : index + 2]) for index in early)
    final = [at for at, _ in turns if at >= ends]
    return Ending(
        name,
        len(early),
        mended,
        scene.far_end.sounded(ends) if early else 0.0,
        final[0] - ends if final else None,
        " | ".join(turn.text or "(nothing)" for _, turn in turns),
    )


def _by_silence(name: str, windows: Sequence[tuple[float, Window]], silence: float, ends: float) -> Ending:
    machine = segmenter(min_silence=silence)
    stops = [now for now, window in windows if isinstance(machine.handle(*window), vad.SpeechStopped)]
    final = [at for at in stops if at >= ends]
    return Ending(name, sum(at < ends for at in stops), 0, 0.0, final[0] - ends if final else None)
