"""What came of a call of ours."""

from __future__ import annotations

import pytest

from dialog.errand import Disposition, Errand, ErrandUnderWay


async def never(words: str) -> None:
    raise AssertionError("nobody refuses here")


def under_way() -> ErrandUnderWay:
    return ErrandUnderWay(Errand("visit_reminder", {}, never))


@pytest.mark.parametrize(
    ("ended", "refused", "handed_over", "disposition"),
    [
        ((), False, False, Disposition.UNSETTLED),
        (("book_visit",), False, False, Disposition.UNSETTLED),
        (("visit_reminder",), False, False, Disposition.SETTLED),
        (("visit_reminder", "book_visit"), False, False, Disposition.SETTLED),
        (("visit_reminder",), False, True, Disposition.HANDED_OVER),
        (("visit_reminder",), True, True, Disposition.REFUSED),
    ],
)
def test_a_refusal_weighs_more_than_a_hand_over_and_that_more_than_an_end(
    ended: tuple[str, ...], refused: bool, handed_over: bool, disposition: Disposition
) -> None:
    errand = under_way()
    for flow in ended:
        errand.flow_ended(flow)
    errand.refused = refused
    assert errand.disposition(handed_over=handed_over) is disposition
