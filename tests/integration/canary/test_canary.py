"""Two hundred contacts, by text and by telephone, in both languages, each of which gives away identifiers of every
kind, to the bot, to agents, by keys and by the number that they call from: afterwards nothing that is kept or was sent
holds one in the clear, in whatever form.

The files are those of the whole data directory: PostgreSQL's heap, log and indexes, Qdrant's, recordings, keys; what
the gateway lays aside in the meantime; what it said (its log); prompts, traces, webhooks, metrics; exports in every
format, vCons and the audit. Words that are no secret are said as well, and are found in all of these that hold words:
else nobody would have looked there.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from rich.console import Console

from gateway.analytics.exports.formats import Format
from gateway.commands import audit
from gateway.commands.custody import scan
from gateway.commands.export import Asked, export
from gateway.commands.gateway_process import gateway_process
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.embedded import DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.runtime import open_storage
from tests.gateway.telephony.carrier import carrier
from tests.house import EXAMPLE
from tests.integration.canary.conversations import DELIVERED, HANDED_OVER, KEYED, OUTBOUND, answers, converse, script
from tests.integration.canary.house import PUBLIC, PUBLIC_WORDS, TENANT, House, furnished, settings
from tests.integration.canary.listeners import listening
from tests.integration.canary.looking import Found, Looking
from tests.integration.canary.offices import Taken, work_through
from tests.integration.canary.planted import worth_looking_for
from tests.ports import free_port

pytestmark = [pytest.mark.xdist_group("canary"), pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

CONTACTS = 200
PIECE = 6
"""Digits of a card in a row that no log may hold, key by key."""

_KEYS = """
SELECT string_agg(payload ->> 'digit', '' ORDER BY seq) FROM contact_events
WHERE kind = 'dtmf.pressed' GROUP BY tenant, call_id
"""


@dataclass
class Canary:
    """The house after its day, and where to look for its ``needles``."""

    house: House
    taken: Taken
    needles: list[str]
    looking: Looking
    said: Path
    exported: Path
    scratch: list[Found] = field(default_factory=list)
    """What lay in its temporary files while it was open."""
    files: list[Found] = field(default_factory=list)
    tables: list[Found] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """What was keyed, as the log has it, by call."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def canary(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Canary]:
    folder = tmp_path_factory.mktemp("canary")
    data, scratch, said = folder / "data", folder / "scratch", folder / "said"
    scratch.mkdir()
    said.mkdir()
    async with listening() as listeners, carrier(answers) as exchange:
        tenant, port = furnished(folder, listeners), free_port()
        environment = settings(listeners, exchange, script(), scratch, port)
        async with gateway_process(data, [tenant], environment) as process:
            exchange.public, exchange.inner = PUBLIC, process.gateway.url
            house = House(data, listeners, exchange, process, script(), port)
            await converse(house)
            taken = await work_through(house)
            needles = worth_looking_for(house.needles | house.numbers | house.names | house.keyed)
            looking = Looking([*needles, *PUBLIC_WORDS.values()])
            canary = Canary(house, taken, needles, looking, said, folder / "exported")
            canary.scratch = await asyncio.to_thread(looking.in_files, scratch)
            shutil.copy(process.output, said / "log")
        (said / "metrics").write_bytes(taken.metrics)
        canary.files = await asyncio.to_thread(looking.in_files, data)  # as it lies when nothing runs
        await _read_tables(canary)
        yield canary


async def _read_tables(canary: Canary) -> None:
    """Everybody's rows, which only the database's own superuser sees."""
    data = canary.house.data
    async with open_storage(load(DatabaseSettings), data):
        url = EmbeddedPostgres(data / "postgres").url(SUPERUSER, DATABASE)
        canary.tables = await canary.looking.in_tables(url)
        async with await psycopg.AsyncConnection.connect(url) as connection:
            rows = await (await connection.execute(_KEYS)).fetchall()
    canary.keys = [str(row[0]) for row in rows]


def leaks(found: Iterable[Found]) -> list[tuple[str, str, bytes]]:
    """The first of what should not be there: the place without its folders, the string, and what stands around it."""
    secret = [one for one in found if one.needle not in PUBLIC_WORDS.values()]
    return [(one.where[-60:], one.needle, one.around) for one in secret[:20]]


def places(found: Iterable[Found]) -> set[str]:
    """Where words lie that are no secret."""
    return {one.where for one in found if one.needle in PUBLIC_WORDS.values()}


async def test_two_hundred_contacts_were_had_in_every_way(canary: Canary) -> None:
    house = canary.house
    assert house.contacts >= CONTACTS
    assert len(canary.needles) > 2500
    assert len(house.answered) >= HANDED_OVER, "nobody of the desk talked with a caller"
    assert house.filed >= HANDED_OVER
    assert len(house.carrier.calls) == OUTBOUND, "no calls of our own were made"
    for kind, bodies in house.listeners.told.items():
        assert bodies, f"no {kind} were sent: they prove nothing"


async def test_words_that_are_no_secret_are_found_wherever_words_go(canary: Canary) -> None:
    assert places(canary.looking.in_sent(canary.house.listeners.told)) == {"prompts", "events"}
    assert places(canary.tables) >= {"public.contact_events", "public.handoffs"}
    lie = places(canary.files)
    assert any("/pg_wal/" in place for place in lie)
    assert any("/base/" in place for place in lie)


async def test_nothing_that_is_kept_holds_an_identifier(canary: Canary) -> None:
    assert leaks(canary.tables) == []
    assert leaks(canary.files) == []
    assert leaks(canary.scratch) == []


async def test_the_scan_of_operators_finds_nothing_either(canary: Canary) -> None:
    found = await scan(canary.house.data, EXAMPLE, canary.needles)
    assert [(trace.where, canary.needles[trace.needle]) for trace in found][:20] == []


async def test_keys_cannot_be_put_together_again(canary: Canary) -> None:
    cards = [number for number in canary.house.keyed if number.isdigit()]
    pieces = {number[at : at + PIECE] for number in cards for at in range(len(number) - PIECE + 1)}
    assert sum(DELIVERED in keys for keys in canary.keys) == KEYED, "what was asked for and is no secret can be read"
    assert [keys for keys in canary.keys if any(piece in keys for piece in pieces)] == []


async def test_nothing_that_was_sent_holds_an_identifier(canary: Canary) -> None:
    assert leaks(canary.looking.in_sent(canary.house.listeners.told)) == []


async def test_nothing_that_was_logged_or_counted_holds_anybodys_words(canary: Canary) -> None:
    found = await asyncio.to_thread(canary.looking.in_files, canary.said)
    assert [(one.where[-20:], one.needle, one.around) for one in found[:20]] == []


async def test_nothing_that_was_shown_to_people_holds_an_identifier(canary: Canary) -> None:
    assert len(canary.taken.vcons) > HANDED_OVER + KEYED
    shown = canary.looking.in_sent({"shown": canary.taken.shown})
    # Whose name a network tells is shown to those who look at past calls, and to nobody else.
    assert leaks(one for one in shown if one.needle not in canary.house.names) == []
    assert leaks(canary.looking.in_sent({"vcons": canary.taken.vcons})) == []


@pytest.mark.parametrize("kind", list(Format))
async def test_no_export_holds_an_identifier(canary: Canary, kind: Format) -> None:
    out = canary.exported / kind.value
    assert await export(canary.house.data, EXAMPLE, Asked(str(out), kind), Console(quiet=True)) == 0
    found = await asyncio.to_thread(canary.looking.in_files, out)
    assert places(found)
    assert leaks(found) == []


async def test_no_audit_holds_an_identifier(canary: Canary) -> None:
    file = canary.exported / "audit" / "audit.ndjson"
    file.parent.mkdir(parents=True)
    await audit.export(canary.house.data, TENANT, file, Console(quiet=True))
    assert "she said" in file.read_text()
    assert leaks(canary.looking.in_files(file.parent)) == []
