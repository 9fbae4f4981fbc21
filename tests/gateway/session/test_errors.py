"""Errors of a session are told apart by stable codes."""

from __future__ import annotations

import inspect

from gateway.session import errors
from gateway.session.errors import FollowerCutOff, LedgerFull, again
from infra.errors import AiccError


def test_every_error_is_ours_and_has_a_code_of_its_own() -> None:
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert all(issubclass(kind, AiccError) for kind in found)
    assert len({kind.code for kind in found}) == len(found) > 8


def test_an_error_raised_again_is_the_same_without_its_past() -> None:
    try:
        raise LedgerFull("no room")
    except LedgerFull as error:
        anew = again(error)
    assert type(anew) is LedgerFull
    assert str(anew) == "no room"
    assert anew.__traceback__ is None


def test_who_was_cut_off_knows_where_to_go_on() -> None:
    assert FollowerCutOff("too slow", 7).after_seq == 7
