"""A case is filled in, filed by the agent, and what they changed is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dialog.assist.guide import read_guide
from dialog.assist.live_summary import Story
from dialog.assist.wrap_up import LONGEST_NOTE, WrapUp
from gateway.desk.wrap_up import WrapUpRefused, WrapUps, story_of
from gateway.session.errors import LedgerError
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EventKind
from tests.house import EXAMPLE, example_release

GUIDE = read_guide(EXAMPLE, example_release())
DONE = ("action.succeeded", {"name": "cancel_order"})


class Cases:
    """Wrap-ups of a call whose story grows, and what was written of it."""

    def __init__(self) -> None:
        self.story = Story("en").after(*DONE)
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.wrap_ups = WrapUps(example_release, GUIDE, self.tell)

    async def tell(self, call: str) -> Story:
        self.asked.append(call)
        return self.story

    async def write(self, kind: EventKind, payload: Mapping[str, object]) -> None:
        self.written.append((kind.value, dict(payload)))


async def test_a_case_begins_filled_in() -> None:
    case = await Cases().wrap_ups.prefilled("item", "call")
    assert case["disposition"] == "cancelled" and case["note"] == ""
    assert "cancelling an order done" in str(case["summary"])


async def test_what_the_agent_changed_is_kept_against_what_they_were_shown() -> None:
    cases = Cases()
    shown = await cases.wrap_ups.prefilled("item", "call")
    cases.story = cases.story.after("action.failed", {"name": "change_address", "error": "rejected"})
    filed = WrapUp(f"{shown['summary']} Customer was relieved.", "done", "nothing else")
    changed = await cases.wrap_ups.file("item", "call", "agent-7", filed, 12.34, cases.write)
    [(kind, payload)] = cases.written
    assert (kind, payload["agent"], payload["disposition"]) == ("wrap_up.done", "agent-7", "done")
    assert (payload["seconds"], payload["note"], payload["unedited"]) == (12.3, "nothing else", False)
    assert payload["prefilled"] == {"summary": shown["summary"], "disposition": "cancelled"}
    assert payload["changes"] == [{"before": "", "after": "Customer was relieved."}]
    assert payload["kept"] == changed.kept < 1.0


async def test_after_a_restart_the_difference_is_made_from_the_record_again() -> None:
    cases = Cases()
    shown = await Cases().wrap_ups.prefilled("item", "call")
    filed = WrapUp(str(shown["summary"]), "cancelled")
    assert (await cases.wrap_ups.file("item", "call", "agent-7", filed, 1.0, cases.write)).unedited
    assert cases.written[0][1]["unedited"] is True


@pytest.mark.parametrize(
    "filed", [WrapUp("s", None), WrapUp("s", "no_such"), WrapUp("s", "done", "x" * (LONGEST_NOTE + 1))]
)
async def test_a_case_that_cannot_be_filed_says_why_and_stays_open(filed: WrapUp) -> None:
    cases = Cases()
    with pytest.raises(WrapUpRefused):
        await cases.wrap_ups.file("item", "call", "agent-7", filed, 1.0, cases.write)
    assert cases.written == []


async def test_what_could_not_be_written_is_not_filed() -> None:
    cases = Cases()
    await cases.wrap_ups.prefilled("item", "call")

    async def broken(kind: EventKind, payload: Mapping[str, object]) -> None:
        raise LedgerError("down")

    filed = WrapUp("s", "done")
    with pytest.raises(LedgerError):
        await cases.wrap_ups.file("item", "call", "agent-7", filed, 1.0, broken)
    await cases.wrap_ups.file("item", "call", "agent-7", filed, 1.0, cases.write)
    assert cases.asked == ["call"], "what was shown is still remembered"


@pytest.mark.parametrize(("language", "name"), [("ko", "환불 처리 완료"), ("en", "Refunded")])
def test_dispositions_have_names_in_the_agents_language(language: str, name: str) -> None:
    assert Cases().wrap_ups.dispositions(language)[0] == {"id": "refunded", "name": name}


async def test_the_story_of_a_call_is_in_its_record() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="l", language="en")
    for number in range(700):  # more than are read at once
        log.append(EventKind.CALLER_TURN, {"turn": number, "text": f"turn {number}", "language": "en"})
    log.append(EventKind.ACTION_SUCCEEDED, DONE[1])
    await log.acknowledged()
    story = await story_of(ledger, "shop", "c", "en")
    assert [attempt.subject for attempt in story.attempts] == ["cancel_order"]
    assert story.turns[699] == "turn 699"
    await ledger.close()
