"""A person, on request, in every state of a call. The table says for each how; one that is added has to stand here."""

from __future__ import annotations

import pytest

from gateway.session import call as calls
from gateway.session.call import State

WAYS: dict[State, tuple[type[calls.Event], ...]] = {
    # Nobody speaks yet, or any more.
    State.OFFERED: (),
    State.ENDED: (),
    # The dialog decides it (tests/dialog/test_person_on_request.py), whatever else it was asked or told.
    State.TALKING: (calls.HandoverAnnounced, calls.PersonTook),
    # A person is on the way; who would rather be called back is.
    State.QUEUED: (calls.PersonTook, calls.CallbackWanted),
    State.TRANSFERRING: (calls.PersonTook, calls.BackInLine, calls.CallbackWanted),
    State.WITH_PERSON: (calls.PassedOn, calls.PersonLost),
    # Asked how it was, the caller may ask for one instead.
    State.SURVEYING: (calls.PersonWanted, calls.PersonTook),
    # A call back by a person was promised, and one may still come in.
    State.CLOSING: (calls.PersonTook,),
}


def test_every_state_says_how() -> None:
    assert set(WAYS) == set(State)


LEADING = [(state, event) for state, ways in WAYS.items() for event in ways]


@pytest.mark.parametrize(("state", "event"), LEADING, ids=str)
def test_each_way_leads_somewhere(state: State, event: type[calls.Event]) -> None:
    assert (state, event) in calls._TABLE
