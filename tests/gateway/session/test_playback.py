"""Playback in virtual time: nothing here sleeps."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session import playback as pb
from tts.speech import SpeechMark

RATE = 8000
SECOND = RATE * 2


class FarEnd:
    """A carrier that plays what it gets in real time and echoes marks when they are reached."""

    def __init__(self, machine: pb.Playback, *, echo: bool = True) -> None:
        self.machine = machine
        self.echo = echo
        self.now = 100.0
        self.buffer_until = self.now
        self.marks: list[tuple[float, str]] = []
        self.commands: list[tuple[float, pb.Command]] = []

    def do(self, event: pb.Event) -> None:
        self._take(self.machine.handle(event, self.now))

    def _take(self, commands: Iterable[pb.Command]) -> None:
        for command in commands:
            self.commands.append((self.now, command))
            match command:
                case pb.SendFrame(pcm):
                    self.buffer_until = max(self.buffer_until, self.now) + len(pcm) / SECOND
                case pb.SendMark(name):
                    self.marks.append((max(self.buffer_until, self.now), name))
                case pb.ClearFarEnd():
                    self.buffer_until = self.now
                    self.marks = [(self.now, name) for _, name in self.marks]
                case _:
                    pass

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            mark_at = self.marks[0][0] if self.marks and self.echo else None
            times = [t for t in (self.machine.deadline, mark_at) if t is not None and t <= end]
            if not times:
                break
            self.now = max(min(times), self.now)
            if mark_at is not None and mark_at <= self.now:
                self.do(pb.CarrierMark(self.marks.pop(0)[1]))
            else:
                self.do(pb.Tick())
        self.now = end

    def of(self, kind: type) -> list[pb.Command]:
        return [command for _, command in self.commands if isinstance(command, kind)]


def spoken(far: FarEnd, text: str, seconds: float, reply: int = 1, *, ready: bool = True) -> None:
    words = text.split()
    marks, start = [], 0
    for index, word in enumerate(words):
        begin = text.index(word, start)
        marks.append(SpeechMark(begin, begin + len(word), seconds * index / len(words)))
        start = begin + len(word)
    far.do(pb.ReplyBegun(reply, (text,)))
    far.do(pb.SpeechReady(reply, 0, b"\1\0" * round(RATE * seconds), tuple(marks)))
    if ready:
        far.do(pb.SentenceReady(reply, 0))


def test_a_reply_is_paced_ahead_of_the_far_end_by_no_more_than_the_lead() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "one two three four", 2.0)
    far.run(3.0)
    sent = 0.0
    for at, command in far.commands:
        if isinstance(command, pb.SendFrame):
            assert sent - (at - 100.0) <= pb.LEAD + 0.021
            sent += len(command.pcm) / SECOND
    assert sent == pytest.approx(2.0, abs=0.02)
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "one two three four", True, True)]
    assert not far.machine.speaking


def test_the_reply_is_over_only_when_the_far_end_has_played_it() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "one two", 1.0)
    far.run(0.95)
    assert far.of(pb.ReplyOver) == []
    far.run(0.1)
    assert len(far.of(pb.ReplyOver)) == 1


def test_a_far_end_that_never_confirms_is_waited_for_then_reported_as_not_drained() -> None:
    far = FarEnd(pb.Playback(RATE), echo=False)
    spoken(far, "one two", 1.0)
    far.run(1.0 + pb.DRAIN_PATIENCE - 0.1)
    assert far.of(pb.ReplyOver) == []
    far.run(0.3)
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "one two", True, False)]


def test_discard_cuts_the_text_at_the_last_word_heard() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "alpha beta gamma delta", 4.0)
    far.run(2.3)
    far.do(pb.Discard())
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "alpha beta", False, True)]
    assert far.of(pb.ClearFarEnd)
    assert not far.machine.speaking
    assert far.machine.deadline is None


def test_marks_that_come_back_because_of_a_clear_are_not_taken_for_played() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "alpha beta gamma delta", 4.0)
    far.run(1.1)
    far.do(pb.Pause())
    far.run(0.5)  # the carrier returns the outstanding marks at once
    far.do(pb.Discard())
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "alpha", False, True)]


def test_pause_keeps_the_rest_and_resume_goes_on_from_the_interrupted_word() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "alpha beta gamma delta", 4.0)
    far.run(1.5)
    far.do(pb.Pause())
    before = sum(len(c.pcm) for c in far.of(pb.Heard)) / SECOND
    assert before == pytest.approx(1.5, abs=0.03)
    far.run(1.0)
    assert sum(len(c.pcm) for c in far.of(pb.Heard)) / SECOND == pytest.approx(before)
    far.do(pb.Resume())
    far.run(4.0)
    # "beta" began at 1.0 s: it is said again, the rest follows.
    assert sum(len(c.pcm) for c in far.of(pb.Heard)) / SECOND == pytest.approx(1.5 + 3.0, abs=0.03)
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "alpha beta gamma delta", True, True)]


def test_sound_that_arrives_late_is_played_late_and_nothing_is_called_heard_meanwhile() -> None:
    far = FarEnd(pb.Playback(RATE))
    far.do(pb.ReplyBegun(1, ("one two",)))
    far.do(pb.SpeechReady(1, 0, b"\1\0" * 4000, (SpeechMark(0, 3, 0.0),)))
    far.run(2.0)
    far.do(pb.SpeechReady(1, 0, b"\1\0" * 4000, (SpeechMark(4, 7, 0.5),)))
    far.do(pb.SentenceReady(1, 0))
    heard_at = [command.at for command in far.of(pb.Heard)]
    far.run(1.0)
    assert max(heard_at) < 100.6
    late = [command.at for command in far.of(pb.Heard) if command.at > 101.9]
    assert late
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "one two", True, True)]


def test_two_replies_are_spoken_one_after_the_other() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "first", 0.5, 1)
    spoken(far, "second", 0.5, 2)
    far.run(2.0)
    assert [command.reply for command in far.of(pb.ReplyOver)] == [1, 2]
    assert [command.reply for command in far.of(pb.ReplyStarted)] == [1, 2]


def test_discarding_forgets_waiting_replies_as_unheard_and_ignores_their_late_sound() -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "first", 1.0, 1)
    spoken(far, "second", 1.0, 2, ready=False)
    far.run(0.2)
    far.do(pb.Discard())
    far.do(pb.SpeechReady(2, 0, b"\1\0" * 800, ()))
    far.run(1.0)
    assert [(c.reply, c.heard, c.whole) for c in far.of(pb.ReplyOver)] == [(1, "", False), (2, "", False)]
    assert not far.machine.speaking


def test_a_reply_that_comes_while_paused_waits_for_the_resume() -> None:
    far = FarEnd(pb.Playback(RATE))
    far.do(pb.Pause())
    spoken(far, "hello there", 0.5)
    far.run(1.0)
    assert far.of(pb.SendFrame) == []
    far.do(pb.Resume())
    far.run(1.0)
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "hello there", True, True)]


def test_an_empty_reply_ends_at_once() -> None:
    far = FarEnd(pb.Playback(RATE))
    far.do(pb.ReplyBegun(7, ()))
    far.run(0.1)
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(7, "", True, True)]


@pytest.mark.parametrize("name", ["", "x", "1.2", "1.2.3.4", "a.b.c", "9.1.100000"])
def test_foreign_marks_change_nothing(name: str) -> None:
    far = FarEnd(pb.Playback(RATE))
    spoken(far, "one two", 1.0)
    far.run(0.5)
    far.do(pb.CarrierMark(name))
    far.do(pb.Discard())
    assert far.of(pb.ReplyOver) == [pb.ReplyOver(1, "one", False, True)]


@given(
    st.lists(
        st.sampled_from(["say", "pause", "resume", "discard", "run"]),
        max_size=30,
    )
)
def test_every_reply_ends_exactly_once_whatever_happens(steps: list[str]) -> None:
    far = FarEnd(pb.Playback(RATE))
    begun = 0
    for step in steps:
        match step:
            case "say":
                begun += 1
                spoken(far, "alpha beta", 0.4, begun)
            case "pause":
                far.do(pb.Pause())
            case "resume":
                far.do(pb.Resume())
            case "discard":
                far.do(pb.Discard())
            case _:
                far.run(0.13)
    far.do(pb.Resume())
    far.run(0.6 * (begun + 1) + pb.DRAIN_PATIENCE)
    assert [command.reply for command in far.of(pb.ReplyOver)] == list(range(1, begun + 1))


@pytest.mark.parametrize("late", [(0.04, 0.2), (0.2, 0.2), (0.5, 0.9)])
def test_marks_that_come_late_slow_nothing_and_tell_how_late_the_far_end_is(late: tuple[float, float]) -> None:
    delays = Random(1)
    machine = pb.Playback(RATE)
    coming: list[tuple[float, str]] = []
    sent: list[float] = []

    def do(event: pb.Event, now: float) -> None:
        for command in machine.handle(event, now):
            if isinstance(command, pb.SendFrame):
                sent.append(now)
            elif isinstance(command, pb.SendMark):
                coming.append((len(sent) * 0.02 + delays.uniform(*late), command.name))

    do(pb.ReplyBegun(1, ("words",)), 0.0)
    do(pb.SpeechReady(1, 0, b"\1\2" * RATE * 8, ()), 0.0)
    do(pb.SentenceReady(1, 0), 0.0)
    now = 0.0
    while machine.deadline is not None and now < 7.0:
        now = min([max(machine.deadline, now), *(at for at, _ in coming)])
        for mark in [mark for mark in coming if mark[0] <= now]:
            coming.remove(mark)
            do(pb.CarrierMark(mark[1]), now)
        do(pb.Tick(), now)
    assert max(after - before for before, after in itertools.pairwise(sent)) <= 0.021
    assert machine._played(now) / RATE / 2 == pytest.approx(now - late[0], abs=0.1)


def test_a_wire_that_takes_large_pieces_gets_more_sound_ahead() -> None:
    for lead, sent in ((0.0, 7), (0.4, 21)):
        machine = pb.Playback(RATE, lead)
        machine.handle(pb.ReplyBegun(1, ("one",)), 0.0)
        out = machine.handle(pb.SpeechReady(1, 0, bytes(RATE * 2), ()), 0.0)
        assert sum(isinstance(command, pb.SendFrame) for command in out) == sent


def test_nothing_is_sent_to_who_is_on_hold_and_it_goes_on_at_the_word_when_they_come_back() -> None:
    machine = pb.Playback(RATE)
    machine.handle(pb.ReplyBegun(1, ("one two",)), 0.0)
    machine.handle(pb.SpeechReady(1, 0, b"\1\2" * RATE, ()), 0.0)
    machine.handle(pb.SentenceReady(1, 0), 0.0)
    machine.handle(pb.Tick(), 0.3)
    assert pb.ClearFarEnd() in machine.handle(pb.Hold(True), 0.4)
    machine.handle(pb.Pause(), 0.5)
    machine.handle(pb.Resume(), 0.6)  # what the caller seemed to do does not matter now
    assert (machine.mode, machine.deadline) == (pb.Mode.PAUSED, None)
    back = machine.handle(pb.Hold(False), 60.0)
    assert any(isinstance(command, pb.SendFrame) for command in back)


def test_what_is_said_to_who_is_on_hold_waits_also_behind_what_was_thrown_away() -> None:
    machine = pb.Playback(RATE)
    machine.handle(pb.Hold(True), 0.0)
    machine.handle(pb.ReplyBegun(1, ("one",)), 1.0)
    machine.handle(pb.Discard(), 2.0)
    machine.handle(pb.ReplyBegun(2, ("two",)), 3.0)
    out = machine.handle(pb.SpeechReady(2, 0, b"\1\2" * RATE, ()), 3.0)
    assert out == []
    assert any(isinstance(command, pb.SendFrame) for command in machine.handle(pb.Hold(False), 9.0))


def test_a_caller_who_speaks_as_they_come_back_is_not_spoken_over() -> None:
    machine = pb.Playback(RATE)
    machine.handle(pb.ReplyBegun(1, ("one",)), 0.0)
    machine.handle(pb.SpeechReady(1, 0, b"\1\2" * RATE, ()), 0.0)
    machine.handle(pb.Hold(True), 0.2)
    machine.handle(pb.Pause(), 0.3)
    assert machine.handle(pb.Hold(False), 5.0) == []
    assert machine.handle(pb.Resume(), 6.0)


# --- What is for nobody else ------------------------------------------------------------------------------------------
def private_seconds(far: FarEnd) -> list[tuple[float, float]]:
    """When private sound was heard, in seconds of the reply; what goes on is one stretch."""
    stretches: list[tuple[float, float]] = []
    at = 0.0
    for command in far.of(pb.Heard):
        assert isinstance(command, pb.Heard)
        ends = at + len(command.pcm) / SECOND
        if command.private:
            goes_on = bool(stretches) and stretches[-1][1] == pytest.approx(at)
            stretches = [*stretches[:-1], (stretches[-1][0], ends)] if goes_on else [*stretches, (at, ends)]
        at = ends
    return stretches


def confided(marks: tuple[SpeechMark, ...], *, at_once: bool = True) -> list[tuple[float, float]]:
    """The reply "card four one yes", of a second a word, of which "four one" is private."""
    far = FarEnd(pb.Playback(RATE))
    far.do(pb.ReplyBegun(1, ("card four one yes",), private=(((5, 13),),)))
    for second in range(4):
        falling = tuple(mark for mark in marks if int(mark.at) == second)
        far.do(pb.SpeechReady(1, 0, b"\1\0" * RATE, falling))
        far.run(0.0 if at_once else 0.9)
    far.do(pb.SentenceReady(1, 0))
    far.run(5.0)
    assert sum(len(command.pcm) for command in far.of(pb.Heard)) == 4 * SECOND
    return private_seconds(far)


WORDS = ((0, 4), (5, 9), (10, 13), (14, 17))


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_private_is_told_apart_by_the_times_of_its_words(at_once: bool) -> None:
    marks = tuple(SpeechMark(*letters, float(at)) for at, letters in enumerate(WORDS))
    ((begins, ends),) = confided(marks, at_once=at_once)
    assert begins == pytest.approx(1.0 - pb.PRIVATE_MARGIN if at_once else 1.0, abs=0.11)
    assert ends == pytest.approx(3.0 + pb.PRIVATE_MARGIN, abs=0.01)


def test_where_times_are_estimates_more_around_it_is_private() -> None:
    marks = tuple(SpeechMark(*letters, float(at), estimated=True) for at, letters in enumerate(WORDS))
    assert confided(marks) == [pytest.approx((1.0 - pb.ESTIMATED_MARGIN, 3.0 + pb.ESTIMATED_MARGIN))]


def test_where_nobody_knows_when_it_is_said_all_of_the_sentence_is_private() -> None:
    assert confided(()) == [pytest.approx((0.0, 4.0))]


def test_only_the_sentence_that_holds_it_is_private_and_a_word_that_is_said_again_is_again() -> None:
    far = FarEnd(pb.Playback(RATE))
    far.do(pb.ReplyBegun(1, ("hello", "one two"), private=((), ((4, 7),))))
    far.do(pb.SpeechReady(1, 0, b"\1\0" * RATE, (SpeechMark(0, 5, 0.0),)))
    far.do(pb.SentenceReady(1, 0))
    far.do(pb.SpeechReady(1, 1, b"\1\0" * 2 * RATE, (SpeechMark(0, 3, 0.0), SpeechMark(4, 7, 1.0))))
    far.do(pb.SentenceReady(1, 1))
    far.run(2.5)
    far.do(pb.Pause())
    far.run(1.0)
    far.do(pb.Resume())
    far.run(3.0)
    (over,) = far.of(pb.ReplyOver)
    assert isinstance(over, pb.ReplyOver) and over.heard == "hello one two"
    ((begins, ends),) = private_seconds(far)
    assert begins == pytest.approx(2.0 - pb.PRIVATE_MARGIN, abs=0.01)
    assert ends == pytest.approx(2.5 + 1.0, abs=0.03), "half of it, and then the whole word"
