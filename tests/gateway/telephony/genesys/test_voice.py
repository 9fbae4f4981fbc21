from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.telephony.genesys.arrival import LEAD
from gateway.telephony.genesys.voice import (
    CHUNK,
    HOLD,
    LARGEST,
    ON_THE_WAY,
    OVERDUE,
    SAFETY,
    USUAL_DELAY,
    BotVoice,
    Played,
    SendBargeIn,
    SendSound,
    VoiceCommand,
)

FRAME = 160
STEP = 0.02


@dataclass
class Player:
    """A far end that plays what it gets, with a delay, and keeps Genesys' own limits: 25 at once, 5 a second."""

    delay: float = 0.1
    tokens: float = 25.0
    tokens_at: float = 0.0
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    plays_until: float | None = None
    underruns: int = 0
    largest: int = 0

    def get(self, sound: bytes, now: float) -> None:
        self.tokens = min(25.0, self.tokens + (now - self.tokens_at) * 5.0) - 1.0
        self.tokens_at = now
        assert self.tokens >= 0, f"429: too many messages of sound at {now:.2f}"
        self.largest = max(self.largest, len(sound))
        self.arrivals.append((now + self.delay, len(sound)))

    def live(self, now: float) -> Iterator[str]:
        """What it says, up to ``now``."""
        while self.arrivals and self.arrivals[0][0] <= now:
            at, length = self.arrivals.pop(0)
            if self.plays_until is None:
                self.plays_until = at
                yield "started"
            self.plays_until += length / 8000
        if self.plays_until is not None and self.plays_until <= now:
            self.plays_until = None
            self.underruns += 1
            yield "completed"


@dataclass
class Stage:
    voice: BotVoice = field(default_factory=lambda: BotVoice(10.0))
    player: Player = field(default_factory=Player)
    played: list[tuple[float, str]] = field(default_factory=list)
    now: float = 100.0

    def do(self, commands: list[VoiceCommand]) -> None:
        for command in commands:
            if isinstance(command, SendSound):
                self.player.get(command.sound, self.now)
            elif isinstance(command, Played):
                self.played.append((self.now, command.name))

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until - 1e-9:
            self.now = round(self.now + STEP / 4, 6)
            for news in self.player.live(self.now):
                self.do(self.voice.completed(self.now) if news == "completed" else self.voice.started(self.now) or [])
            self.do(self.voice.tick(self.now))

    def speak(self, seconds: float, lead: float = 0.0, name: str = "") -> None:
        """Give frames as a session does: ``lead`` at once, then one every 20 ms, and a mark behind the last."""
        frames = round(seconds / STEP)
        for number in range(frames):
            if number * STEP >= lead:
                self.pass_time(STEP)
            self.do(self.voice.say(bytes(FRAME), self.now))
        if name:
            self.do(self.voice.mark(name, self.now))


@pytest.mark.parametrize("lead", [0.0, 0.12, LEAD])
def test_a_long_speech_keeps_their_limits_and_never_runs_dry(lead: float) -> None:
    stage = Stage()
    stage.speak(60.0, lead, "end")
    stage.pass_time(3)
    assert stage.player.underruns == 1, "only at its end"
    assert stage.player.largest <= 2 * CHUNK
    [(at, name)] = stage.played
    assert name == "end"
    assert at == pytest.approx(
        100 + 60 + stage.player.delay + (HOLD if lead == 0 else 0.13 if lead < 0.2 else 0), abs=0.3
    )


def test_what_comes_at_once_leaves_at_once() -> None:
    voice = BotVoice(10.0)
    sent = [c for _ in range(20) for c in voice.say(bytes(FRAME), 5.0)]
    assert [len(c.sound) for c in sent if isinstance(c, SendSound)] == [2080]
    assert voice.deadline == pytest.approx(5.0 + 0.26 - SAFETY)


def test_a_short_word_leaves_with_its_mark_and_what_has_none_waits_for_more() -> None:
    voice = BotVoice(10.0)
    assert voice.say(bytes(800), 5.0) == []
    assert voice.deadline == pytest.approx(5.0 + HOLD)
    assert voice.mark("m", 5.0) == [SendSound(bytes(800))]
    silent = BotVoice(10.0)
    silent.say(bytes(800), 5.0)
    assert silent.tick(5.0 + HOLD) == [SendSound(bytes(800))]


def test_a_mark_is_played_when_they_have_run_out() -> None:
    voice = BotVoice(10.0)
    voice.say(bytes(4000), 5.0)
    voice.mark("m", 5.0)
    voice.started(5.08)
    assert voice.tick(5.5 + 0.08) == [], "the last mark waits for their word"
    assert voice.completed(5.59) == [Played("m")]
    assert voice.deadline is None
    assert voice.mark("again", 6.0) == [Played("again")], "nothing sounds any more"


def test_without_their_word_the_clock_has_the_last_one() -> None:
    voice = BotVoice(10.0)
    voice.say(bytes(4000), 5.0)
    voice.mark("m", 5.0)
    due = 5.0 + 0.5 + USUAL_DELAY + OVERDUE
    assert voice.deadline == pytest.approx(due)
    assert voice.tick(due - 0.01) == []
    assert voice.tick(due) == [Played("m")]


def test_marks_on_the_way_follow_the_clock_from_when_they_began_to_play() -> None:
    voice = BotVoice(10.0)
    voice.say(bytes(4000), 5.0)
    voice.mark("first", 5.0)
    voice.say(bytes(4000), 5.0)
    voice.mark("second", 5.0)
    voice.started(5.3)
    assert voice.tick(5.79) == []
    assert voice.tick(5.81) == [Played("first")]
    assert voice.completed(6.31) == [Played("second")]


def test_news_that_crosses_new_sound_does_not_count_for_it() -> None:
    voice = BotVoice(10.0)
    voice.say(bytes(2000), 5.0)
    voice.mark("old", 5.0)
    voice.say(bytes(4000), 5.3)
    voice.mark("new", 5.3)
    assert voice.completed(5.3 + ON_THE_WAY / 2) == [Played("old")]
    assert voice.completed(5.9) == [Played("new")]


def test_a_clear_throws_away_here_and_there_and_gives_the_marks_back() -> None:
    voice = BotVoice(10.0)
    voice.say(bytes(4000), 5.0)
    voice.mark("sent", 5.0)
    voice.say(bytes(500), 5.0)
    voice.mark("waiting", 5.0)
    assert voice.clear(5.1) == [SendBargeIn(), Played("sent"), Played("waiting")]
    assert voice.deadline is None
    voice.say(bytes(800), 5.2)
    assert voice.mark("next", 5.2) == [SendSound(bytes(800))], "a new stretch begins"


def test_a_clear_of_silence_says_nothing() -> None:
    assert BotVoice(10.0).clear(1.0) == []


def test_what_does_not_fit_is_dropped_with_its_mark() -> None:
    voice = BotVoice(1.0)
    voice.say(bytes(8000), 0.0)
    for number in range(25):
        voice.say(bytes(4000), 0.0)
        voice.mark(str(number), 0.0)
    assert voice.dropped > 0
    assert voice.withheld == voice.dropped


def test_a_flood_waits_for_their_limits_and_leaves_in_large_messages() -> None:
    stage = Stage(BotVoice(60.0))
    for _ in range(40):
        stage.do(stage.voice.say(bytes(CHUNK), stage.now))
    stage.pass_time(5)
    assert stage.player.largest > CHUNK
    stage.do(stage.voice.say(bytes(LARGEST + 10), stage.now))
    stage.pass_time(5)
    assert stage.player.largest <= LARGEST


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["say", "mark", "clear", "wait"]), st.integers(1, 60)), min_size=1, max_size=60)
)
def test_whatever_a_session_does_their_limits_are_kept_and_each_mark_comes_back_once(
    does: list[tuple[str, int]],
) -> None:
    stage = Stage()
    asked = 0
    for what, size in does:
        if what == "say":
            stage.do(stage.voice.say(bytes(FRAME * size), stage.now))
        elif what == "mark":
            stage.do(stage.voice.mark(str(asked), stage.now))
            asked += 1
        elif what == "clear":
            stage.do(stage.voice.clear(stage.now))
        else:
            stage.pass_time(size * STEP)
    stage.pass_time(30)
    names = [name for _, name in stage.played]
    assert len(names) == asked - stage.voice.withheld
    assert names == sorted(names, key=int)
    assert stage.voice.deadline is None
