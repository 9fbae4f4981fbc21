from __future__ import annotations

from typing import Any

from gateway.analytics.vcon.build import vcon_of
from tests.gateway.analytics.vcon.profile import HANDED_OVER, ISSUER, SOUND, events, record


def bodies(vcon: dict[str, Any]) -> dict[str, Any]:
    return {found["schema"]: found["body"] for found in vcon["analysis"]}


def test_a_transcript_stands_beside_a_recording_only() -> None:
    recorded = bodies(vcon_of(record(), events(*HANDED_OVER), ISSUER, SOUND))
    assert [turn["party"] for turn in recorded["transcript-1"]["turns"]] == [0, 1, 2]
    assert "transcript-1" not in bodies(vcon_of(record(), events(*HANDED_OVER), ISSUER))


def test_every_answer_tells_its_sources_and_what_made_it_but_not_its_words() -> None:
    (answer,) = bodies(vcon_of(record(), events(*HANDED_OVER), ISSUER))["answers-1"]["answers"]
    assert (answer["citations"], answer["release"], answer["model"]) == ([{"document": "delivery"}], "r1", None)
    assert "text" not in answer


def test_the_agents_summary_goes_before_the_one_of_the_hand_over() -> None:
    assert bodies(vcon_of(record(), events(*HANDED_OVER), ISSUER))["summary-1"] == {"summary": "배송일을 안내함"}
    handed = bodies(vcon_of(record(), events(*HANDED_OVER[:12]), ISSUER))
    assert handed["summary-1"] == {"text": "배송 문의"}


def test_the_outcome_names_deeds_and_leaves_unknown_what_nobody_said() -> None:
    outcome = bodies(vcon_of(record(), events(*HANDED_OVER), ISSUER))["outcome-1"]
    assert outcome == {
        "end_reason": "completed",
        "disposition": "solved",
        "escalation": "caller_asked",
        "score": 5,
        "actions": [{"name": "order_status", "became": "action.succeeded"}],
    }
    assert bodies(vcon_of(record(), events(), ISSUER))["outcome-1"]["score"] is None


def test_how_the_call_was_judged_is_a_report() -> None:
    scored = ("quality.scored", {"rubric": "r", "score": 80})
    overridden = ("quality.overridden", {"rubric": "r", "score": 90, "by": "u2"})
    assert bodies(vcon_of(record(), events(scored, overridden), ISSUER))["quality-1"] == {
        "judgements": [
            {"event": "quality.scored", "rubric": "r", "score": 80},
            {"event": "quality.overridden", "rubric": "r", "score": 90, "by": "u2"},
        ]
    }


def test_consent_and_refusal_are_grants_with_their_proof() -> None:
    declined = ("consent.declined", {"purpose": "processing", "words": "싫어요"})
    vcon = vcon_of(record(), events(*HANDED_OVER, declined), ISSUER)
    disclosure, given, refused = vcon["attachments"]
    assert disclosure["purpose"] == "ai_disclosure"
    assert disclosure["body"] == {"text": "인공지능 상담원입니다", "version": "2026-11", "synthetic_speech": True}
    assert given["body"]["purpose_grants"][0] | {"granted_at": ""} == {
        "purpose": "recording",
        "granted": True,
        "granted_at": "",
    }
    assert given["body"]["proof_mechanisms"][0]["proof_data"]["confirmation_text"] == "네"
    assert refused["body"]["purpose_grants"][0]["granted"] is False


def test_what_was_only_assumed_has_no_proof_and_says_so() -> None:
    (assumed,) = vcon_of(record(), events(("consent.assumed", {"purpose": "recording", "policy": "notice"})), ISSUER)[
        "attachments"
    ]
    assert assumed["body"]["proof_mechanisms"] == []
    assert "notice" in assumed["body"]["purpose_grants"][0]["conditions"][0]
