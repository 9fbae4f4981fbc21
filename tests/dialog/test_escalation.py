"""When a human takes over, and what they are told."""

from __future__ import annotations

import pytest

from dialog.command import AskKnowledge, Evidence, HandOver, Source
from dialog.escalation import (
    LONGEST_QUOTE,
    MOST_TOLD,
    Attempt,
    Case,
    Progress,
    Tried,
    escalate,
    exhausted,
    quoted,
    ruled,
    sensitive_topic,
    summarize,
)
from dialog.releases.release import Release
from dialog.reply import EscalationReason

NOWHERE = Evidence("", 0, 0)
QUESTION = AskKnowledge(query="q", confidence=1.0, evidence=NOWHERE, source=Source.HEAD)
WISH = HandOver(confidence=1.0, evidence=NOWHERE, source=Source.PARSER)


def case(code: str = "ko", **changes: object) -> Case:
    fields = {
        "language": code,
        "caller": "+821012345678",
        "wish": "환불이 언제 되나요",
        "about": "refund",
        "known": {"주문번호": "20261187"},
        "attempts": (Attempt(Tried.NOT_ANSWERED, "환불이 언제 되나요"),),
    }
    return Case(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_wish_for_a_person_is_a_rule(release: Release) -> None:
    found = ruled((WISH,), "agent", "en", Progress(), release.policy)
    assert found == (EscalationReason.CALLER_ASKED, None)


def test_turns_without_progress_and_in_silence_end_in_a_humans_hands(release: Release) -> None:
    policy = release.policy
    assert exhausted(Progress(no_match=policy.no_match - 1), policy) is None
    assert exhausted(Progress(no_match=policy.no_match), policy) == (EscalationReason.NO_PROGRESS, None)
    assert exhausted(Progress(no_input=policy.no_input), policy) == (EscalationReason.NO_INPUT, None)


@pytest.mark.parametrize(
    ("text", "code", "topic"),
    [
        ("유리에 손을 다쳤어요", "ko", "injury"),
        ("소비자원에 신고할 거예요", "ko", "legal"),
        ("my lawyer will call you", "en", "legal"),
        ("somebody hacked my account", "en", "fraud"),
        ("the police car toy is broken", "en", "legal"),
        ("i policed the delivery", "en", None),
        ("배송비가 얼마예요", "ko", None),
    ],
)
def test_sensitive_topics_are_found_by_their_words(release: Release, text: str, code: str, topic: str | None) -> None:
    assert sensitive_topic(text, code, release.policy) == topic
    if topic is not None:
        reason = ruled((QUESTION,), text, code, Progress(), release.policy)
        assert reason == (EscalationReason.SENSITIVE_TOPIC, topic)


def test_the_queue_follows_what_it_is_about_then_the_reason_then_the_default(release: Release) -> None:
    texts = release.texts("ko")
    billing = escalate(EscalationReason.NO_ANSWER, case(), release.policy, texts)
    assert (billing.queue, billing.skills) == ("billing", ("ko", "billing"))
    fraud = escalate(EscalationReason.SENSITIVE_TOPIC, case(about="fraud"), release.policy, texts)
    assert fraud.queue == "billing"
    other = escalate(EscalationReason.NO_ANSWER, case(about=None), release.policy, texts)
    assert (other.queue, other.skills) == ("general", ("ko",))


def test_a_korean_summary(release: Release) -> None:
    summary = escalate(EscalationReason.NO_ANSWER, case(), release.policy, release.texts("ko")).summary
    assert summary.wish == "환불이 언제 되나요"
    assert summary.known == {"주문번호": "20261187", "발신 번호": "+821012345678"}
    assert summary.promised == ("상담원 연결",)
    assert summary.text.startswith("고객 요청: 환불이 언제 되나요.")
    for part in ("자료에 답이 없음", "주문번호 20261187", "답하지 못함", "상담원 연결"):
        assert part in summary.text


def test_an_english_summary_of_a_caller_who_said_nothing_yet(release: Release) -> None:
    nothing = case("en", wish="", about=None, known={}, attempts=(), caller=None)
    summary = summarize(nothing, release.texts("en"))
    assert summary.text == "The caller wants: not said yet."
    assert summary.tried == ()


@pytest.mark.parametrize("code", ["ko", "en"])
@pytest.mark.parametrize("reason", list(EscalationReason))
def test_every_reason_has_its_words_in_both_languages(release: Release, code: str, reason: EscalationReason) -> None:
    texts = release.texts(code)
    assert texts.render(f"escalate.{reason.value}")
    assert texts.render(f"summary.reason.{reason.value}") in summarize(case(code), texts, reason=reason).text


@pytest.mark.parametrize("code", ["ko", "en"])
def test_every_attempt_has_its_words_in_both_languages(release: Release, code: str) -> None:
    attempts = tuple(Attempt(tried, "x", "y") for tried in Tried)
    for start in range(0, len(attempts), MOST_TOLD):
        part = attempts[start : start + MOST_TOLD]
        assert len(summarize(case(code, attempts=part), release.texts(code)).tried) == len(part)


def test_only_the_last_attempts_are_told(release: Release) -> None:
    attempts = tuple(Attempt(Tried.ANSWERED, f"question {number}", "page") for number in range(20))
    tried = summarize(case("en", attempts=attempts), release.texts("en")).tried
    assert len(tried) == MOST_TOLD
    assert "question 19" in tried[-1]


def test_long_words_are_cut() -> None:
    assert quoted("short") == "short"
    assert len(quoted("x" * 1000)) == LONGEST_QUOTE


@pytest.mark.parametrize(
    ("code", "said"),
    [("ko", "결과 “주문하신 상품은 발송되었습니다.”"), ("en", "result “Your order is on its way.”")],
)
def test_what_came_of_an_action_is_told_in_the_words_that_callers_hear(release: Release, code: str, said: str) -> None:
    attempts = (Attempt(Tried.ACTION_DONE, "order_status", "shipped", "order_status"),)
    summary = summarize(case(code, attempts=attempts), release.texts(code))
    assert summary.tried[0].endswith(said)
    assert "shipped" not in summary.text


def test_a_case_for_which_there_are_no_words_is_told_as_it_is(release: Release) -> None:
    attempts = (Attempt(Tried.ACTION_DONE, "order_status", "lost_at_sea", "order_status"),)
    assert summarize(case(attempts=attempts), release.texts("ko")).tried[0].endswith("결과 lost_at_sea")
