from __future__ import annotations

import pytest

from gateway.desk.floor.errors import OfferGone
from gateway.desk.floor.offer import ENDS, MOVES, Offer, OfferState, ended
from tests.gateway.desk.floor.hall import NOW, later

OFFER = Offer("h1-1", "h1", "anna", NOW, later(15))


@pytest.mark.parametrize("end", sorted(ENDS))
def test_an_offer_ends_once(end: OfferState) -> None:
    over = ended(OFFER, end, later(3), "so")
    assert (over.state, over.ended_at, over.reason) == (end, later(3), "so")
    for other in OfferState:
        with pytest.raises(OfferGone):
            ended(over, other, later(4))


def test_every_state_stands_in_the_table() -> None:
    assert set(MOVES) == set(OfferState)
