"""What the dialog reads of a tenant's file, tolerant of what is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.errors import TenantDialogInvalid
from dialog.tenant import DialogPolicy, TenantFacts, read_tenant
from dialog.yaml_source import read_yaml

LEAST = "id: shop\nname: {ko: 가게}\nlanguages: [ko]\n"


def read(tmp_path: Path, text: str) -> tuple[TenantFacts, DialogPolicy]:
    path = tmp_path / "tenant.yaml"
    path.write_text(text, encoding="utf-8")
    return read_tenant(read_yaml(path))


def test_a_tenant_that_decides_nothing_gets_careful_defaults(tmp_path: Path) -> None:
    facts, policy = read(tmp_path, LEAST)
    assert facts == TenantFacts("shop", {"ko": "가게"}, ("ko",), "UTC")
    assert policy.default_queue == "general"
    assert not policy.recording_notice
    assert policy.thresholds.clarify < policy.thresholds.answer < policy.thresholds.sure
    assert policy.hand_over_key is None


def test_keys_of_others_are_left_alone(tmp_path: Path) -> None:
    _, policy = read(tmp_path, LEAST + "voices: {ko: {name: x}}\nlimits: {no_match: 3, call_minutes: 5}\n")
    assert policy.no_match == 3


def test_our_table_queues_and_skills(tmp_path: Path) -> None:
    text = LEAST + (
        "recording: {consent: notice}\n"
        "hand_over: {default: all, queues: [{id: all, name: {}}, {id: money, skills: [billing]}]}\n"
        "dialog:\n  queues: {refund: money}\n  hand_over_key: '0'\n  thresholds: {answer: 0.6}\n"
        "  sensitive: {fire: {queue: money, words: {ko: [불]}}}\n"
    )
    _, policy = read(tmp_path, text)
    assert policy.queue_of == {"refund": "money"}
    assert policy.skills_of["money"] == ("billing",)
    assert policy.recording_notice
    assert policy.thresholds.answer == 0.6
    assert policy.sensitive[0].words == {"ko": ("불",)}


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("dialog: {queue: {}}\n", r"dialog\.queue"),
        ("dialog: {thresholds: {answer: 1.5}}\n", r"dialog\.thresholds\.answer"),
        ("dialog: {thresholds: {answer: 0.9}}\n", "must rise"),
        ("dialog: {queues: {refund: money}}\n", "there is no queue 'money'"),
        ("dialog: {sensitive: {fire: {words: {en: [fire]}}}}\n", "has no words for ko"),
        ("dialog: {sensitive: {fire: {queue: x, words: {ko: [불]}}}}\n", "there is no queue 'x'"),
        ("time_zone: Mars/Olympus\n", "no time zone"),
        ("dialog: {hand_over_key: ten}\n", "hand_over_key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, more: str, complaint: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=complaint):
        read(tmp_path, LEAST + more)
