"""Replies from approved texts and found answers."""

from __future__ import annotations

from dialog.answers.answering import Candidate
from dialog.answers.confidence import Verdict
from dialog.answers.extractive import extract
from dialog.phrasing import CERTAIN, answered, hearing, say, told
from dialog.releases.release import Release
from dialog.reply import Confidence, Decision, Expectation, Reply
from dialog.turn import CallerTurn
from knowledge.document import Hit, Passage
from tests.dialog.surroundings import KNOWLEDGE, ORDERS


def candidate(found: Passage, code: str) -> Candidate:
    scores = tuple(0.9 for _ in found.sentences)
    extracted = extract(Hit(found, 0.9, {}, 0, scores), code)
    assert extracted is not None
    return Candidate(extracted, Confidence(0.6, {"sentence": 0.9}), 0.9)


def reply_with(release: Release, found: Passage, code: str, how: Verdict) -> Reply:
    best = candidate(found, code)
    return answered(release.texts(code), best, best.extract.sentences, how, {"retrieve": 0.01})


def test_a_sure_answer_is_the_passages_own_words(release: Release) -> None:
    reply = reply_with(release, KNOWLEDGE[7], "en", Verdict.SAY)
    assert reply.text == "Standard delivery takes two to three business days."
    assert reply.decision is Decision.ANSWER
    assert reply.timings == {"retrieve": 0.01}
    assert reply.citations[0].quote == reply.text


def test_a_less_sure_one_names_its_source_and_keeps_its_citation(release: Release) -> None:
    reply = reply_with(release, KNOWLEDGE[1], "ko", Verdict.SAY_WITH_SOURCE)
    assert reply.text.startswith("일반 배송 안내에 따르면, ")
    assert reply.citations[0].title == "일반 배송"


def test_a_list_of_questions_is_named_as_such(release: Release) -> None:
    reply = reply_with(release, KNOWLEDGE[5], "ko", Verdict.SAY_WITH_SOURCE)
    assert reply.text.startswith("자주 묻는 질문에 따르면, ")


def test_texts_become_sentences(release: Release) -> None:
    reply = say(release.texts("en"), "more", "goodbye", expects=Expectation.NOTHING)
    assert len(reply.sentences) == 2
    assert reply.expects is Expectation.NOTHING
    assert reply.confidence is CERTAIN


def test_a_result_names_its_action(release: Release) -> None:
    reply = told(release.texts("en"), "order_status.told.shipped", "order_status", CERTAIN, ORDERS["20261187"])
    assert [sentence.action for sentence in reply.sentences] == ["order_status", None]


def test_what_was_heard_well_is_as_sure() -> None:
    assert hearing(CallerTurn(1, "hello", "en", 0.4)).value == 0.4
    assert hearing(CallerTurn(1, "", "en", 0.0, silent=True)).value == 1.0
    assert hearing(CallerTurn(1, "hello", "en", 0.4), 0.9).signals == {"recognition": 0.4}
