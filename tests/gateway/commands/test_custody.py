from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from gateway.access.postgres import PostgresAccess
from gateway.commands.custody import _archive, erase, holds, place_hold, receipts, release_hold, scan
from gateway.custody.erasure import AskedBy
from gateway.custody.errors import ContactUnknown, CustodyError
from infra.storage.runtime import open_key_ring
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys
from tests.gateway.custody.archive import NEEDLE, NOW, NUMBER, Archive, Book, Rack, Shelf
from tests.house import EXAMPLE


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=80), out


async def test_a_contact_is_held_released_erased_and_looked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with _archive(data, EXAMPLE) as kept:
        archive = Archive(kept.database, kept.tenant, kept.store, Shelf(), Rack(), Book())
        call, other = await archive.call(), await archive.call()
        async with open_key_ring(KeySettings(), data) as ring:
            await SubjectKeys(kept.database, ring).of(kept.tenant, call)
    recording = data / "recordings" / kept.tenant / NOW.date().isoformat() / f"{call}.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"RIFF")

    console, out = screen()
    await place_hold(data, EXAMPLE, call, "a lawsuit", console)
    hold = out.getvalue().split()[0]
    refused = await erase(data, EXAMPLE, [call], "", "asked")
    assert list(refused.refused) == [call]
    assert hold in refused.refused[call]
    assert recording.exists()
    console, out = screen()
    await holds(data, EXAMPLE, False, console)
    assert out.getvalue().startswith(f"{hold} holds {call} since ")
    await release_hold(data, EXAMPLE, hold, "settled", Console(file=io.StringIO()))
    console, out = screen()
    await holds(data, EXAMPLE, False, console)
    assert "no contact is held" in out.getvalue()

    assert await scan(data, EXAMPLE, [NEEDLE])
    erased = await erase(data, EXAMPLE, [call], NUMBER, "asked by letter")
    assert [receipt["contact"] for receipt in erased.receipts] == [call, other]
    assert erased.refused == {}
    assert erased.receipts[0]["gone"]["recordings"] == 1  # type: ignore[index]
    assert erased.receipts[0]["gone"]["keys"] == 1  # type: ignore[index]
    assert not recording.exists()
    assert [trace for trace in await scan(data, EXAMPLE, [NEEDLE, NUMBER]) if not trace.where.startswith("/")] == []
    assert [one["contact"] for one in await receipts(data, EXAMPLE, call)] == [call]
    async with _archive(data, EXAMPLE) as kept:
        entries = await PostgresAccess(kept.database).entries(kept.tenant)
    deeds = {entry.entry.what for entry in entries if entry.entry.whose == call}
    assert deeds == {"contact.held", "contact.erasing", "contact.erased"}


async def test_all_contacts_of_a_caller_are_held_by_their_number(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with _archive(data, EXAMPLE) as kept:
        archive = Archive(kept.database, kept.tenant, kept.store, Shelf(), Rack(), Book())
        calls = [await archive.call(), await archive.call(outbound=True)]
        await archive.store.begin(calls[1], AskedBy.CALLER, "asked", NOW)
    console, out = screen()
    refused = await place_hold(data, EXAMPLE, "", "a lawsuit", console, NUMBER)
    assert f"holds {calls[0]}" in out.getvalue()
    assert list(refused) == [calls[1]]
    with pytest.raises(ContactUnknown):
        await place_hold(data, EXAMPLE, "", "a lawsuit", console, "+821000000000")


async def test_whoever_names_nothing_or_nobody_known_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContactUnknown, match="--contact"):
        await erase(tmp_path, EXAMPLE, [], "+821000000000", "asked")
    refused = await erase(tmp_path, EXAMPLE, ["nobody"], "", "asked")
    assert "no contact nobody" in refused.refused["nobody"]
    with pytest.raises(CustodyError, match="by chance"):
        await scan(tmp_path, EXAMPLE, ["ab"])
