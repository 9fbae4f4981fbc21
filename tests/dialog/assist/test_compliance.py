"""A line is ticked when it was said, however it was heard, and not when its opposite was."""

from __future__ import annotations

import pytest

from dialog.assist.compliance import Checklist, ScriptLine, said
from tests.house import EXAMPLE, example_release

KO, EN = "이 통화는 상담 품질을 위해 녹음됩니다.", "This call is recorded for quality."
RECORDED = ScriptLine("recording", {"ko": KO, "en": EN}, {"ko": ("통화 내용이 녹음됩니다",)})
NUMBERS = "환불은 영업일 기준 3일에서 5일 걸립니다."


@pytest.mark.parametrize(
    ("text", "wording", "code", "ticked"),
    [
        ("네 고객님 이 통화는 상담 품질을 위해서 녹음되고 있습니다", KO, "ko", True),
        ("통화가 상담품질을위해 녹음됩니다", KO, "ko", True),
        ("이 통화는 상담 품질을 위해 녹음되지 않습니다", KO, "ko", False),
        ("상담 품질이 좋다고 들었습니다", KO, "ko", False),
        ("hi this call is being recorded for quality okay", EN, "en", True),
        ("this call is not recorded for quality", EN, "en", False),
        ("환불은 영업일 기준으로 3일에서 5일 정도 걸립니다", NUMBERS, "ko", True),
        ("환불은 영업일 기준으로 2일에서 4일 정도 걸립니다", NUMBERS, "ko", False),
        ("hello this is jane of hanbit store", "Hello, this is {agent} of Hanbit Store.", "en", True),
        ("", EN, "en", False),
    ],
)
def test_nearly_all_of_it_and_nothing_else(text: str, wording: str, code: str, ticked: bool) -> None:
    assert said(text, wording, code) is ticked


def test_a_negation_elsewhere_in_a_long_utterance_voids_nothing() -> None:
    text = "i do not see your order here yet but before we go on please note that this call is recorded for quality"
    assert said(text, EN, "en")


def test_a_line_may_be_spread_over_several_utterances() -> None:
    checklist = Checklist((RECORDED,))
    for text in ("이 통화는 상담 품질을 위해", "녹음됩니다"):
        checklist = checklist.after(text)
    assert checklist.said == {"recording"}


@pytest.mark.parametrize("text", [EN, KO, "고객님 통화 내용이 녹음됩니다"])
def test_any_accepted_wording_in_either_language_counts(text: str) -> None:
    assert Checklist((RECORDED,)).after(text).said == {"recording"}


def test_what_was_said_stays_said() -> None:
    checklist = Checklist((RECORDED,)).after(EN)
    for _ in range(10):
        checklist = checklist.after("what is your order number")
    assert checklist.said == {"recording"}


def test_each_queue_and_line_has_its_own_lines() -> None:
    billing = ScriptLine("refund", {"en": "x"}, {}, queues=frozenset({"billing"}))
    korean = ScriptLine("notice", {"en": "x"}, {}, lines=frozenset({"hanbit-ko"}))
    script = (RECORDED, billing, korean)

    def ids(queue: str | None, line: str) -> list[str]:
        return [one.id for one in Checklist.of(script, queue, line).lines]

    assert ids("billing", "hanbit-en") == ["recording", "refund"]
    assert ids("orders", "hanbit-ko") == ["recording", "notice"]
    assert ids(None, "hanbit-en") == ["recording"]


def test_a_call_in_another_queue_keeps_what_was_said() -> None:
    billing = ScriptLine("refund", {"en": "Your bank may take longer."}, {}, queues=frozenset({"billing"}))
    before = Checklist.of((RECORDED, billing), None, "hanbit-en").after(EN).after("your bank may")
    after = before.moved((RECORDED, billing), "billing", "hanbit-en")
    assert ([line.id for line in after.lines], after.said) == (["recording", "refund"], {"recording"})
    assert after.after("take longer").said == {"recording", "refund"}, "a line may have begun before"


def test_no_line_of_the_example_ticks_another_one() -> None:
    from dialog.assist.guide import read_guide

    script = read_guide(EXAMPLE, example_release()).script
    for line in script:
        for _, wording in line.wordings():
            ticked = Checklist(script).after(wording).said
            assert ticked == {line.id}, (wording, ticked)
