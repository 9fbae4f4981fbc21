"""What was said of one answer in several breaths is one answer."""

from __future__ import annotations

from dialog.reply import Confidence, Decision, Expectation, Reply, Sentence, whole


def reply(decision: Decision, text: str, value: float = 1.0, **more: object) -> Reply:
    return Reply(decision, "en", (Sentence(text),), Confidence(value), **more)  # type: ignore[arg-type]


FILLER = reply(Decision.CONVERSE, "One moment.", expects=Expectation.LISTENING)
FIRST = reply(Decision.ANSWER, "It costs 3,000 won.", 0.9, model="m", timings={"retrieve": 0.1, "compose": 0.2})
SECOND = reply(Decision.ANSWER, "It takes two days.", 0.6, timings={"compose": 0.5})


def test_an_answer_is_all_that_was_said_of_it_and_as_sure_as_its_least_sure_part() -> None:
    answer = whole((FILLER, FIRST, SECOND))
    assert answer.text == "It costs 3,000 won. It takes two days."
    assert (answer.confidence.value, answer.model) == (0.6, "m")
    assert answer.timings == {"retrieve": 0.1, "compose": 0.2}


def test_whatever_else_comes_last_is_the_reply() -> None:
    handed_over = reply(Decision.ESCALATE, "I will connect you.")
    assert whole((FIRST, handed_over)) is handed_over
    assert whole((FILLER, FIRST)) is FIRST
