from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.access.cookies import SESSION_COOKIE
from gateway.access.errors import NotSignedIn
from gateway.access.identity import Role
from gateway.access.sessions import SessionLimits
from gateway.access.settings import AccessSettings
from tests.gateway.access.people import NOW, Lobby, person


async def token(lobby: Lobby) -> str:
    return (await lobby.cookies(Role.AGENT))[SESSION_COOKIE]


async def test_a_use_moves_the_end_a_look_does_not_and_nothing_moves_the_last() -> None:
    lobby = Lobby(AccessSettings(session_idle_minutes=30, session_hours=1))
    shown = await token(lobby)
    at = NOW + timedelta(minutes=20)
    assert (await lobby.sessions.find(shown, at, renew=False)).expires_at == NOW + timedelta(minutes=30)
    assert (await lobby.sessions.find(shown, at)).expires_at == NOW + timedelta(minutes=50)
    assert (await lobby.sessions.find(shown, NOW + timedelta(minutes=45))).expires_at == NOW + timedelta(hours=1)


async def test_a_session_is_not_written_with_every_request() -> None:
    lobby = Lobby()
    shown = await token(lobby)
    found = await lobby.sessions.find(shown, NOW + timedelta(seconds=59))
    assert found.session.seen_at == NOW
    assert SessionLimits(idle=timedelta(minutes=1)).renew_after == timedelta(seconds=15)


async def test_two_browsers_of_one_person_are_two_sessions() -> None:
    lobby = Lobby()
    shown = await token(lobby)
    who = (await lobby.sessions.find(shown, NOW)).identity
    other = await lobby.sessions.begin(who, NOW)
    await lobby.sessions.end(shown)
    with pytest.raises(NotSignedIn):
        await lobby.sessions.find(shown, NOW)
    assert (await lobby.sessions.find(other, NOW)).identity == who
    await lobby.sessions.end("no token")


async def test_who_was_disabled_while_signing_in_is_not_let_in() -> None:
    """The password was looked at, then the account was disabled, then the session began."""
    lobby, account = Lobby(), person(Role.AGENT)
    await lobby.store.add_account(account)
    await lobby.store.disable_account("shop", account.identity.user, NOW)
    shown = await lobby.sessions.begin(account.identity, NOW)
    with pytest.raises(NotSignedIn):
        await lobby.sessions.find(shown, NOW)
