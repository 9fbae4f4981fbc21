"""Passwords: kept as argon2id, compared in constant time, one after the other, beside everything else."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from gateway.access.errors import AccountInvalid, SignInBusy
from gateway.access.passwords import SHORTEST, STRENGTH, Passwords, checked_password, decoy, generated_password
from tests.gateway.access.people import QUICK

LOGIN = "minji@shop.example"


async def test_a_password_is_recognized_and_another_is_not() -> None:
    passwords = Passwords(QUICK)
    encoded = await passwords.hash("correct horse battery")
    assert encoded.startswith("$argon2id$") and "horse" not in encoded
    assert await passwords.verify("correct horse battery", encoded)
    assert not await passwords.verify("correct horse batterx", encoded)
    assert not await passwords.verify("correct horse battery", None)
    assert not await passwords.verify("correct horse battery", "$argon2id$broken")
    await passwords.close()


async def test_however_a_keyboard_composes_hangul_it_is_the_same_password() -> None:
    passwords = Passwords(QUICK)
    composed = unicodedata.normalize("NFC", "비밀번호는길게쓴다네")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert await passwords.verify(decomposed, await passwords.hash(composed))
    await passwords.close()


def test_the_costs_are_among_those_that_are_recommended() -> None:
    costs = extract_parameters(STRENGTH.hash("x"))
    assert (costs.type, costs.memory_cost, costs.time_cost) == (Type.ID, 46 * 1024, 1)


def test_the_decoy_costs_what_every_hash_costs() -> None:
    assert extract_parameters(decoy(STRENGTH)) == extract_parameters(STRENGTH.hash("x"))
    assert decoy(STRENGTH) != decoy(STRENGTH)


async def test_whoever_has_no_password_is_as_much_work_as_who_has_one() -> None:
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=4 * 1024, parallelism=1))
    encoded = await passwords.hash("correct horse battery")

    async def work(against: str | None) -> float:
        begun = time.process_time()  # other processes do not count
        await passwords.verify("wrong", against)
        return time.process_time() - begun

    pairs = [(await work(encoded), await work(None)) for _ in range(9)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2  # without the decoy it would be in the thousands
    await passwords.close()


def test_older_costs_are_noticed() -> None:
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert passwords.outdated(QUICK.hash("x"))
    assert not Passwords(QUICK).outdated(QUICK.hash("x"))


class Blocked(PasswordHasher):
    """Computes when it is let."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.at_once = 0
        self.most_at_once = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go.wait(10)
        self.at_once -= 1
        return super().hash(password, salt=salt)


async def in_turn(passwords: Passwords, password: str) -> str:
    async with passwords.turn():
        return await passwords.hash(password)


async def test_the_loop_goes_on_one_is_computed_at_a_time_and_only_so_many_wait() -> None:
    hasher = Blocked()
    passwords = Passwords(hasher, most_waiting=3)
    waiting = [asyncio.create_task(in_turn(passwords, f"password {number}")) for number in range(4)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(SignInBusy):
        await in_turn(passwords, "one too many")
    hasher.go.set()
    assert len(set(await asyncio.gather(*waiting))) == 4
    assert hasher.most_at_once == 1
    assert await in_turn(passwords, "there is room again")
    await passwords.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only there threads have priorities of their own")
async def test_calls_go_first_where_cores_are_short() -> None:
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    seen = []

    class Looking(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return super().hash(password, salt=salt)

    passwords = Passwords(Looking(time_cost=1, memory_cost=8, parallelism=1))
    await passwords.hash("x")
    assert seen[0] > own == os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    await passwords.close()


async def test_who_goes_away_leaves_their_turn_to_the_next() -> None:
    passwords = Passwords(QUICK)
    async with passwords.turn():
        gone = asyncio.create_task(in_turn(passwords, "somebody who closes the page"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait({gone})
    assert await in_turn(passwords, "the next")
    await passwords.close()


@pytest.mark.parametrize(
    "password", ["", "short", "x" * (SHORTEST - 1), "x" * 257, "minji1234567", "MINJI@shop.example"]
)
def test_a_password_that_is_guessed_first_is_not_taken(password: str) -> None:
    with pytest.raises(AccountInvalid):
        checked_password(password, LOGIN)


@pytest.mark.parametrize("password", ["correct horse battery", "x" * 256, "우리집 강아지는 복슬강아지"])
def test_a_long_one_is_whatever_it_is_made_of(password: str) -> None:
    assert checked_password(password, LOGIN) == password


def test_a_generated_one_is_another_each_time() -> None:
    made = {generated_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(checked_password(password, LOGIN)) == 20 for password in made)
