from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dialog.escalation import Attempt, Tried
from dialog.memory.memory import Deed, EarlierContact, Promise
from dialog.memory.summary import MOST_DEEDS, contact_of, day, lines, topic, went_well
from dialog.releases.release import Release
from dialog.reply import EscalationReason

NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
ANSWERED = Attempt(Tried.ANSWERED, "반품은 며칠 안에 해야 하나요 제 번호는 010-1234-5678인데요", "반품과 교환")
DONE = Attempt(Tried.ACTION_DONE, "주문 조회", "shipped", "order_status")
LOST = Attempt(Tried.NOT_ANSWERED, "제주도에도 매장이 있나요")


def made(*attempts: Attempt, about: str | None = "returns", **more: object) -> EarlierContact | None:
    given: dict[str, object] = {"reason": None, "under_way": False, **more}
    return contact_of(
        contact="c-1",
        at=NOW,
        channel="phone",
        language="ko",
        about=about,
        attempts=attempts,
        **given,  # type: ignore[arg-type]
    )


def test_of_a_contact_only_what_is_typed_is_kept() -> None:
    kept = made(ANSWERED, DONE)
    assert kept is not None
    assert kept.done == (Deed(Tried.ANSWERED, "", "반품과 교환"), Deed(Tried.ACTION_DONE, "order_status", "shipped"))
    assert not kept.unfinished
    assert "010" not in repr(kept)


def test_what_was_asked_back_or_not_answered_leaves_none_of_its_words() -> None:
    kept = made(Attempt(Tried.ASKED_BACK, "제 이름은 김한빛인데 반품", "김한빛; 반품"), LOST)
    assert kept is not None
    assert "김한빛" not in repr(kept)
    assert "제주" not in repr(kept)


def test_a_hand_over_was_promised_and_is_open() -> None:
    kept = made(ANSWERED, reason=EscalationReason.CALLER_ASKED)
    assert kept is not None
    assert (kept.promised, kept.unfinished) == ((Promise.HAND_OVER,), True)


@pytest.mark.parametrize(("attempts", "under_way"), [((ANSWERED, LOST), False), ((ANSWERED,), True)])
def test_what_came_to_no_end_is_open(attempts: tuple[Attempt, ...], under_way: bool) -> None:
    kept = made(*attempts, under_way=under_way)
    assert kept is not None
    assert kept.unfinished


def test_a_contact_in_which_nothing_was_wanted_is_none() -> None:
    assert made(about=None) is None


def test_of_a_long_contact_the_end_is_kept() -> None:
    kept = made(*[ANSWERED] * 20, DONE)
    assert kept is not None
    assert len(kept.done) == MOST_DEEDS
    assert kept.done[-1].flow == "order_status"


def test_a_contact_went_well_if_all_that_was_tried_did() -> None:
    assert went_well([ANSWERED, DONE], handed_over=False)
    assert not went_well([ANSWERED, DONE], handed_over=True)
    assert not went_well([ANSWERED, LOST], handed_over=False)
    assert not went_well([], handed_over=False)


def test_a_topic_is_said_in_the_language_that_is_spoken_now(release: Release) -> None:
    status = made(DONE, about="order_status")
    returns = made(ANSWERED)
    assert status is not None
    assert returns is not None
    assert topic(status, release.texts("en")) == release.texts("en").render("order_status.wish")
    assert topic(status, release.texts("ko")) == release.texts("ko").render("order_status.wish")
    assert topic(returns, release.texts("ko")) == "반품과 교환"
    assert topic(replace(returns, done=()), release.texts("ko")) == ""


def test_days_are_the_tenants(release: Release) -> None:
    kept = made(DONE)
    assert kept is not None
    assert day(kept, "UTC") == date(2026, 11, 21)
    assert day(kept, "Asia/Seoul") == date(2026, 11, 22)


def test_whoever_takes_over_reads_a_line_for_each_contact(release: Release) -> None:
    handed = made(ANSWERED, reason=EscalationReason.CALLER_ASKED)
    status = made(DONE, about="order_status")
    bare = made(about="returns")
    contacts = [one for one in (handed, status, bare) if one is not None]
    korean = lines(contacts, release.texts("ko"), "Asia/Seoul")
    assert korean[0] == "11월 22일 반품과 교환 (반품과 교환 안내로 답함), 상담원 연결 이유: 고객이 상담원을 요청함"
    assert korean[2] == "11월 22일 returns"
    english = lines(contacts, release.texts("en"), "Asia/Seoul")
    assert english[0].startswith("November 22, 반품과 교환 (answered from 반품과 교환), handed over because")
    told = "checking an order done, result “Your order is on its way.”"
    assert english[1] == f"November 22, checking an order ({told})"
    assert "shipped" not in korean[1]
