"""A caller asks to be called back, through the example tenant's own actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dialog.actions.action import Action, Failed, FailureKind, Succeeded, Unknown
from dialog.actions.source import read_actions
from dialog.yaml_source import read_yaml
from gateway.outbound.callback_actions import CallbackActions
from gateway.outbound.desk import TenantDesk
from gateway.outbound.due_call import State
from infra.storage.database import Database
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.outbound.parlour import NUMBER, Clock, desk
from tests.house import EXAMPLE

ACTIONS = read_actions(read_yaml(EXAMPLE / "actions.yaml"))
REQUEST, STATUS = ACTIONS["request_callback"], ACTIONS["callback_status"]
TOMORROW = {"at": "2026-11-25T15:00", "phone": "01012345678", "language": "ko", "contact": "call-1"}


@pytest.fixture
async def shop(database: Database) -> TenantDesk:
    return await desk(database, Clock())


@pytest.fixture
def actions(shop: TenantDesk) -> CallbackActions:
    return CallbackActions(shop)


async def test_a_request_is_kept_once_however_often_it_is_sent(actions: CallbackActions, shop: TenantDesk) -> None:
    for _ in range(2):
        done = await actions.perform(REQUEST, TOMORROW, key="k1")
        assert done == Succeeded({"at": "2026-11-25T15:00", "phone": "01012345678"})
    [due] = await shop.calls.latest()
    assert (due.number, due.purpose, due.contact, due.key) == (NUMBER, "callback", "call-1", "k1")
    assert shop.local(due.due_at).isoformat(timespec="minutes") == "2026-11-25T15:00+09:00"
    assert due.state is State.DUE


async def test_what_was_kept_is_read_back_by_the_key_and_nothing_else(actions: CallbackActions) -> None:
    assert await actions.perform(STATUS, {"request": "k1"}, key="") == Failed(
        FailureKind.NOT_FOUND, "no call is kept under that key"
    )
    await actions.perform(REQUEST, TOMORROW, key="k1")
    shown = await actions.perform(STATUS, {"request": "k1"}, key="")
    assert isinstance(shown, Succeeded) and shown.result["at"] == TOMORROW["at"]


@pytest.mark.parametrize(
    "changed",
    [{"at": "2026-11-26T15:00"}, {"at": "2026-11-25T20:00"}, {"phone": "12345678"}, {"language": "de"}, {"at": "soon"}],
)
async def test_what_cannot_be_promised_is_rejected(actions: CallbackActions, changed: Mapping[str, object]) -> None:
    refused = await actions.perform(REQUEST, {**TOMORROW, **changed}, key="k1")
    assert isinstance(refused, Failed) and refused.kind is FailureKind.REJECTED


async def test_what_the_database_does_not_say_nobody_knows(
    actions: CallbackActions, shop: TenantDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*arguments: object) -> None:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(shop.calls, "enter", away)
    monkeypatch.setattr(shop.calls, "by_key", away)
    assert isinstance(await actions.perform(REQUEST, TOMORROW, key="k1"), Unknown)
    looked = await actions.perform(STATUS, {"request": "k1"}, key="")
    assert isinstance(looked, Failed) and looked.kind is FailureKind.UNAVAILABLE


async def test_a_schema_that_does_not_fit_is_said_so(actions: CallbackActions) -> None:
    other: Action = replace(REQUEST, result={"type": "object", "required": ["room"]})
    assert isinstance(await actions.perform(other, TOMORROW, key="k1"), Unknown)
    await actions.close()


def test_the_example_reads_back_what_it_promised() -> None:
    assert REQUEST.proof is not None
    assert (REQUEST.proof.reading.action, REQUEST.proof.reading.arguments) == (STATUS, {"request": "$key"})
    assert Path(EXAMPLE / "flows" / "request_callback.yaml").is_file()
