"""Accounts: what happens beside the right and the wrong password."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher

from gateway.access.account import Arrival, Change, DirectoryName, Wanted
from gateway.access.accounts import DIRECTORY, Accounts
from gateway.access.audit import ACCOUNT_ADDED, ACCOUNT_CHANGED, ACCOUNT_DISABLED, PASSWORD_SET, SIGN_IN_FAILED
from gateway.access.errors import (
    AccountInvalid,
    DirectoryRefused,
    LoginTaken,
    NoRole,
    NoSuchAccount,
    NotSignedIn,
    SignInBusy,
    SignInFailed,
    SignInPaused,
)
from gateway.access.identity import Role
from gateway.access.lockout import FIRST_PAUSE, FREE_TRIES
from gateway.access.passwords import Passwords
from gateway.access.store import VolatileAccess
from tests.gateway.access.people import QUICK, Clock, Lobby

LOGIN, PASSWORD = "minji@shop.example", "correct horse battery"
KIM = Wanted("shop", LOGIN, "김민지", frozenset({Role.AGENT}), ("orders",), {"orders": 3}, ("ko",), "ko")
LEE = Arrival("shop", DirectoryName("https://id.example", "00u1"), "lee@shop.example", "Lee", KIM.roles, "en")


class Counter(VolatileAccess):
    """Says what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "asked":
            self.asked.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


@pytest.fixture
async def accounts(lobby: Lobby) -> Accounts:
    await lobby.entrance.accounts.add(KIM, PASSWORD, "command")
    return lobby.entrance.accounts


async def test_a_login_is_the_same_however_it_is_typed(accounts: Accounts) -> None:
    who = await accounts.sign_in("shop", "  Minji@SHOP.example", PASSWORD, "")
    assert (who.name, who.skills, who.languages) == ("김민지", {"orders": 3}, ("ko",))


async def test_a_failure_is_written_down_with_where_it_came_from(accounts: Accounts, lobby: Lobby) -> None:
    for login in (LOGIN, "nobody@shop.example"):
        with pytest.raises(SignInFailed):
            await accounts.sign_in("shop", login, "wrong", "192.0.2.7")
    [kept] = await lobby.store.entries("shop", what=SIGN_IN_FAILED)
    assert kept.entry.details == {"address": "192.0.2.7"}


async def test_a_login_that_nobody_has_is_as_much_work() -> None:
    store = Counter()
    clock = Clock()
    accounts = Accounts(store, Passwords(QUICK), ("shop",), clock)
    await accounts.add(KIM, PASSWORD, "command")
    work = []
    for login in (LOGIN, "nobody@shop.example"):
        store.asked.clear()
        with pytest.raises(SignInFailed):
            await accounts.sign_in("shop", login, "wrong", "")
        work.append([name for name in store.asked if name in {"begin_try", "account_by_login", "try_failed"}][:3])
    assert work[0] == work[1] == ["begin_try", "account_by_login", "try_failed"]


async def test_guesses_at_once_are_worth_no_more_than_guesses_in_turn(accounts: Accounts) -> None:
    guesses = (accounts.sign_in("shop", LOGIN, f"guess {number}", "") for number in range(20))
    found = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(one, SignInFailed) for one in found) == FREE_TRIES
    assert sum(isinstance(one, SignInPaused) for one in found) == 20 - FREE_TRIES


async def test_the_right_password_ends_the_count_and_an_administrator_the_pause(
    accounts: Accounts, lobby: Lobby
) -> None:
    for _ in range(2):
        for _ in range(FREE_TRIES - 1):
            with pytest.raises(SignInFailed):
                await accounts.sign_in("shop", LOGIN, "wrong", "")
        await accounts.sign_in("shop", LOGIN, PASSWORD, "")
    for _ in range(FREE_TRIES):
        with pytest.raises(SignInFailed):
            await accounts.sign_in("shop", LOGIN, "wrong", "")
    with pytest.raises(SignInPaused) as caught:
        await accounts.sign_in("shop", LOGIN, PASSWORD, "")
    assert caught.value.seconds == FIRST_PAUSE.total_seconds()
    await accounts.set_password("shop", LOGIN, "another long password", "command")
    assert await accounts.sign_in("shop", LOGIN, "another long password", "")


async def test_a_try_that_finds_no_room_does_not_count(lobby: Lobby) -> None:
    accounts = Accounts(lobby.store, Passwords(QUICK, most_waiting=0), ("shop",), lobby.clock)
    for _ in range(2 * FREE_TRIES):
        with pytest.raises(SignInBusy):
            await accounts.sign_in("shop", LOGIN, PASSWORD, "")


async def test_a_hash_of_older_costs_is_renewed_when_the_password_is_there(lobby: Lobby) -> None:
    older = Accounts(lobby.store, Passwords(QUICK), ("shop",), lobby.clock)
    await older.add(KIM, PASSWORD, "command")
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    await Accounts(lobby.store, stronger, ("shop",), lobby.clock).sign_in("shop", LOGIN, PASSWORD, "")
    account = await lobby.store.account_by_login("shop", LOGIN)
    assert account is not None and account.password is not None
    assert "t=2" in account.password
    assert await stronger.verify(PASSWORD, account.password)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"login": "two words"}, "login"),
        ({"login": ""}, "login"),
        ({"name": "  "}, "name"),
        ({"roles": frozenset()}, "role"),
        ({"skills": {"orders": 0}}, "levels"),
        ({"locale": "fr"}, "ko or en"),
    ],
)
async def test_an_account_that_makes_no_sense_is_not_made(lobby: Lobby, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(AccountInvalid, match=said):
        await lobby.entrance.accounts.add(replace(KIM, **changed), PASSWORD, "command")
    assert await lobby.store.accounts("shop") == []


async def test_a_login_is_taken_once(accounts: Accounts) -> None:
    with pytest.raises(LoginTaken):
        await accounts.add(replace(KIM, login="MINJI@shop.example"), PASSWORD, "command")


async def test_another_password_and_being_disabled_end_all_sessions(accounts: Accounts, lobby: Lobby) -> None:
    who = await accounts.sign_in("shop", LOGIN, PASSWORD, "")
    for change in (
        accounts.set_password("shop", LOGIN, "another long password", "command"),
        accounts.disable("shop", LOGIN, "command"),
    ):
        token = await lobby.sessions.begin(who, lobby.clock())
        await change
        with pytest.raises(NotSignedIn):
            await lobby.sessions.find(token, lobby.clock())
    deeds = [one.entry.what for one in await lobby.store.entries("shop", actor="command")]
    assert deeds == [ACCOUNT_DISABLED, PASSWORD_SET, ACCOUNT_ADDED]


async def test_what_is_changed_of_somebody_counts_at_their_next_request(accounts: Accounts, lobby: Lobby) -> None:
    who = await accounts.sign_in("shop", LOGIN, PASSWORD, "")
    token = await lobby.sessions.begin(who, lobby.clock())
    await accounts.change("shop", LOGIN, Change(roles=frozenset({Role.SUPERVISOR}), queues=()), "command")
    now = (await lobby.sessions.find(token, lobby.clock())).identity
    assert now == replace(who, roles=frozenset({Role.SUPERVISOR}), queues=())
    for wrong in (Change(roles=frozenset()), Change(name=" "), Change(skills={"orders": -1})):
        with pytest.raises(AccountInvalid):
            await accounts.change("shop", LOGIN, wrong, "command")


async def test_who_is_enabled_again_signs_in_again(accounts: Accounts) -> None:
    await accounts.disable("shop", LOGIN, "command")
    with pytest.raises(SignInFailed):
        await accounts.sign_in("shop", LOGIN, PASSWORD, "")
    await accounts.enable("shop", LOGIN, "command")
    assert await accounts.sign_in("shop", LOGIN, PASSWORD, "")


async def test_nobody_is_changed_who_is_not_there(accounts: Accounts) -> None:
    with pytest.raises(NoSuchAccount):
        await accounts.disable("acme", LOGIN, "command")
    with pytest.raises(NoSuchAccount):
        await accounts.set_password("shop", "nobody", PASSWORD, "command")


async def test_the_directory_decides_name_and_roles_at_every_visit(lobby: Lobby) -> None:
    accounts = lobby.entrance.accounts
    first = await accounts.arrive(LEE)
    assert await accounts.arrive(LEE) == first
    promoted = await accounts.arrive(replace(LEE, roles=frozenset({Role.SUPERVISOR}), login="new@shop.example"))
    assert (promoted.user, promoted.roles) == (first.user, {Role.SUPERVISOR})
    deeds = [one.entry.what for one in await lobby.store.entries("shop", actor=DIRECTORY)]
    assert deeds == [ACCOUNT_CHANGED, ACCOUNT_ADDED]


async def test_two_first_visits_at_once_make_one_account(lobby: Lobby) -> None:
    both = await asyncio.gather(*(lobby.entrance.accounts.arrive(LEE) for _ in range(2)))
    assert both[0] == both[1]
    assert len(await lobby.store.accounts("shop")) == 1


async def test_two_people_of_the_directory_do_not_share_an_address(lobby: Lobby) -> None:
    await lobby.entrance.accounts.arrive(LEE)
    with pytest.raises(DirectoryRefused):
        await lobby.entrance.accounts.arrive(replace(LEE, directory=DirectoryName("https://id.example", "00u2")))
    with pytest.raises(NoRole):
        await lobby.entrance.accounts.arrive(replace(LEE, roles=frozenset()))
