"""Looking at the system of record: what it shows, and what it does not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.actions.action import FailureKind, Proof, Reading
from dialog.actions.proof import Look, Shown, filled, look, read, result_of
from tests.dialog.shop import CANCEL, LOOK, READING, Shop

PROOF = Proof(READING, {"status": ("cancelled",), "order": ("$order",)})
ASKED = {"order": "1001"}


async def test_what_shows_all_that_it_should_is_done() -> None:
    shop = Shop()
    assert (await look(shop, PROOF, ASKED, "k")).shown is Shown.NOT_DONE
    shop.orders["1001"]["status"] = "cancelled"
    assert await look(shop, PROOF, ASKED, "k") == Look(Shown.DONE, shop.orders["1001"])
    with_key = replace(PROOF, shows={"status": ("cancelled",), "by": ("$key",)})
    assert (await look(shop, with_key, ASKED, "k")).shown is Shown.NOT_DONE


async def test_one_of_several_values_is_enough() -> None:
    shows = {"status": ("cancelled", "preparing")}
    assert (await look(Shop(), replace(PROOF, shows=shows), ASKED, "k")).shown is Shown.DONE


async def test_what_is_not_found_was_not_done() -> None:
    assert (await look(Shop(), PROOF, {"order": "9999"}, "k")).shown is Shown.NOT_DONE


async def test_a_look_that_fails_says_nothing() -> None:
    assert (await look(Shop(blind=True), PROOF, ASKED, "k")).shown is Shown.NOTHING


async def test_a_look_that_cannot_be_asked_is_not_tried() -> None:
    assert await read(Shop(), READING, {"order": "no number"}, "k") is FailureKind.INVALID
    assert (await look(Shop(), PROOF, {}, "k")).shown is Shown.NOTHING


async def test_a_reading_gives_the_record_or_why_there_is_none() -> None:
    shop = Shop()
    assert await read(shop, READING, ASKED, "k") == shop.orders["1001"]
    assert await read(shop, READING, {"order": "9999"}, "k") is FailureKind.NOT_FOUND
    assert await read(Shop(blind=True), Reading(LOOK, {"order": "1001"}), {}, "k") is FailureKind.UNAVAILABLE


def test_places_are_filled_with_what_there_is() -> None:
    template = {"number": "$order", "token": "$key", "kind": "cancel", "note": "$note", "count": 3}
    assert filled(template, ASKED, "k") == {"number": "1001", "token": "k", "kind": "cancel", "count": 3}


@pytest.mark.parametrize(
    ("record", "fits"), [({"order": "1001", "status": "cancelled", "customer": "C-1", "more": 1}, True), ({}, False)]
)
def test_a_record_is_the_result_where_it_fits(record: dict[str, object], fits: bool) -> None:
    found = result_of(CANCEL, record)
    assert found == ({name: value for name, value in record.items() if name != "more"} if fits else None)
