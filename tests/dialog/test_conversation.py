"""The state of one conversation."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import date, datetime

import pytest

from dialog.conversation import AnythingElse, Conversation, Dossier, TopicQuestion
from dialog.escalation import Attempt, Tried
from dialog.flows import event as ev
from dialog.flows import flow as flows
from dialog.journal import MemoryJournal, Scribe
from dialog.releases.release import Release
from dialog.reply import Confidence, Decision, Entry, Reply, Sentence
from dialog.turn import MASK, CallerTurn, Speaker, Utterance

TODAY = date(2026, 11, 22)


@pytest.fixture
def talking() -> Conversation:
    return Conversation("c", "en", None, "r", Scribe(MemoryJournal(), timeout=1.0), deque(maxlen=3))


def test_history_holds_both_sides_in_order_and_keeps_the_latest(talking: Conversation) -> None:
    for number in (1, 2):
        talking.take(CallerTurn(number, f"question {number}", "en"))
        talking.heard(Utterance(Speaker.BOT, f"answer {number}", number))
    assert [line.text for line in talking.history] == ["answer 1", "question 2", "answer 2"]


def test_a_callers_line_is_not_written_twice(talking: Conversation) -> None:
    talking.take(CallerTurn(1, "hello", "en"))
    talking.heard(Utterance(Speaker.CALLER, "hello", 1))
    assert len(talking.history) == 1


def test_what_nobody_heard_leaves_nothing(talking: Conversation) -> None:
    talking.heard(Utterance(Speaker.BOT, "", 1))
    talking.take(CallerTurn(1, "", "en", silent=True))
    assert not talking.history


def test_a_secret_turn_is_history_as_dots_and_kept_from_the_model(talking: Conversation) -> None:
    asked = Reply(Decision.ACT, "en", (Sentence("Which order?"),), Confidence(1.0))
    talking.adviser = object()  # type: ignore[assignment]
    for given, is_secret in (("20261187", False), ("20261187 and my postcode is 04524", True)):
        talking.remember(replace(asked, entry=Entry(8, secret=True, open_length=8)))
        talking.take(CallerTurn(1, given, "en"))
        assert (talking.confided, talking.counsel is None) == (is_secret, is_secret)
        assert talking.history[-1].text == (MASK if is_secret else given)
    talking.remember(asked)
    talking.take(CallerTurn(2, "how long does delivery take", "en"))
    assert talking.counsel is not None


def test_an_agents_words_mean_that_a_human_has_it(talking: Conversation) -> None:
    talking.heard(Utterance(Speaker.AGENT, "Hello", 1))
    assert talking.handed is Speaker.AGENT


def test_what_is_listened_for(talking: Conversation, release: Release) -> None:
    of_release = tuple(release.flows.values())
    assert talking.listening(of_release, TODAY).slot is None
    talking.question = AnythingElse()
    assert talking.listening(of_release, TODAY).more
    talking.question = TopicQuestion("q", ("a",), ())
    assert talking.listening(of_release, TODAY).yes_no
    talking.question = TopicQuestion("q", ("a", "b"), ())
    assert talking.listening(of_release, TODAY).choices == ("a", "b")
    assert not talking.listening(of_release, TODAY).yes_no
    talking.question = None
    flow = release.flows["order_status"]
    talking.flow, _ = flows.step(
        flow,
        flows.begin(flow),
        ev.ValuesHeard((ev.ValueHeard("order_number", "20261187", 0.1),)),
        datetime(2026, 11, 22, 10),
    )
    listening = talking.listening(of_release, TODAY)
    assert listening.flow == "order_status"
    assert listening.slot == flow.slots[0]
    assert listening.yes_no


def test_progress_counts_turns_in_a_row(talking: Conversation) -> None:
    talking.got_nowhere()
    talking.was_silent()
    assert (talking.progress.no_match, talking.progress.no_input) == (1, 1)
    talking.got_nowhere()
    assert (talking.progress.no_match, talking.progress.no_input) == (2, 0)
    talking.progressed()
    assert talking.progress.no_match == 0


def test_a_dossier_keeps_the_latest_attempts() -> None:
    dossier = Dossier()
    for number in range(80):
        dossier.tried(Attempt(Tried.ANSWERED, str(number)))
    assert len(dossier.attempts) == 50
    assert dossier.attempts[-1].subject == "79"


def test_what_is_repeated_is_the_whole_answer(talking: Conversation) -> None:
    def said(text: str) -> Reply:
        return Reply(Decision.ANSWER, "en", (Sentence(text),), Confidence(1.0))

    talking.take(CallerTurn(1, "what does it cost and how long does it take", "en"))
    talking.remember(said("It costs 3,000 won."))
    talking.remember(said("It takes two days."))
    assert talking.last is not None and talking.last.text == "It costs 3,000 won. It takes two days."
    talking.take(CallerTurn(2, "and overseas", "en"))
    talking.remember(said("Overseas it takes a week."))
    assert talking.last.text == "Overseas it takes a week."


def test_once_a_human_has_spoken_nothing_more_is_said(talking: Conversation) -> None:
    assert not talking.silenced
    talking.heard(Utterance(Speaker.AGENT, "Hello, this is Kim.", 1))
    assert talking.silenced
