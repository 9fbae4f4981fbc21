from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from dialog.escalation import Tried
from dialog.memory.memory import Agreement, Deed, EarlierContact, Preferences
from dialog.memory.tenant import Person, PersonNotNamed
from gateway.commands.memory import _memory, export, forget, show
from tests.house import EXAMPLE

CUSTOMER = Person("C-1001")


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=120), out


async def test_somebody_is_shown_exported_and_forgotten(tmp_path: Path) -> None:
    data, then = tmp_path / "data", datetime.now(UTC) - timedelta(days=1)
    async with _memory(data, EXAMPLE) as memory:
        [subject] = CUSTOMER.subjects(memory)
        await memory.store.agree(subject, Agreement(True, then, "ko:1", "c-1"))
        done = (Deed(Tried.ACTION_DONE, "order_status", "shipped"),)
        contact = EarlierContact("c-1", then, "phone", "ko", "order_status", done)
        await memory.store.keep(subject, then, Preferences("ko", 2, 0, "phone"), contact)

    console, out = screen()
    await show(data, EXAMPLE, CUSTOMER, console)
    assert "customer" in out.getvalue()
    assert "order_status: action_done order_status" in out.getvalue()

    exported = await export(data, EXAMPLE, CUSTOMER)
    [one] = exported["remembered"]
    assert one["preferences"] == {"language": "ko", "slower": 2, "louder": 0, "channel": "phone"}

    console, out = screen()
    await forget(data, EXAMPLE, CUSTOMER, console)
    assert "forgotten as customer: agreement, preferences, contacts" in out.getvalue()
    [one] = (await export(data, EXAMPLE, CUSTOMER))["remembered"]
    assert (one["agreement"], one["contacts"]) == (None, [])
    assert one["erasures"][0]["by"] == "command"

    console, out = screen()
    await forget(data, EXAMPLE, Person(number="+821055501234"), console)
    assert "nothing was there" in out.getvalue()
    with pytest.raises(PersonNotNamed):
        await show(data, EXAMPLE, Person(), console)
