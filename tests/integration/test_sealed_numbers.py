"""Numbers of callers, of those whom we call, and what the network says of them: after calls that came in by SIP and
from a carrier, that went out, that were handed over and promised a call back, neither a row nor a byte of the server's
directory shows one. Who reads the ledger finds them as they were."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import pytest

from dialog.escalation import Case, summarize
from dialog.releases.release import Release
from gateway.custody.scan import scan_files, scan_tables
from gateway.session.ledger import CallLog
from gateway.session.minutes import Minutes
from gateway.session.records import Direction, EndReason, EventKind
from gateway.session.signalling import caller_of
from gateway.session.store import ContactLog
from gateway.telephony.leg import LegInfo
from gateway.telephony.sip.headers import parties
from infra.phone_numbers import NumberingPlan
from infra.storage.database import Database
from tests.postgres import Postgres, opened, server_of_its_own
from tests.sealed_numbers import numbers

TENANT = "shop"
LINE = "+827080001000"
KOREA = NumberingPlan("82")

SIP = {
    "From": '"남궁민지" <sip:01047651234@pbx.example>;tag=a',
    "To": f"<sip:{LINE}@gateway>",
    "P-Asserted-Identity": '"Minji Kim" <sip:+821047651234@carrier.example>',
    "Diversion": "<sip:0255498765@pbx.example>;reason=no-answer",
    "Remote-Party-ID": '"Kim, Minji" <tel:+82-10-4765-1234>;party=calling',
}
NEEDLES = (
    "+821047651234", "821047651234", "01047651234", "010-4765-1234", "82-10-4765-1234", "47651234", "4765-1234",
    "0255498765", "255498765", "남궁민지", "Minji", "5034462297", "503-446-2297", "446-2297", "4462297",
    "1098761122", "010-9876-1122", "98761122", "mallory",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with server_of_its_own() as postgres:
        yield postgres


@pytest.fixture
async def database(server: Postgres) -> AsyncIterator[Database]:
    async with opened(await server.make_database("aicc")) as database:
        await database.enter_tenant(TENANT)
        yield database


@pytest.fixture
async def log(database: Database) -> AsyncIterator[ContactLog]:
    log = ContactLog(database, "node", numbers)
    await log.start()
    yield log
    await log.close()


def leg(ani: str, headers: Mapping[str, str] = MappingProxyType({}), protocol: str = "twilio") -> LegInfo:
    return LegInfo("leg", "sid", ani, LINE, protocol, 8000, headers=headers)


def begun(log: ContactLog, info: LegInfo, direction: Direction = Direction.INBOUND, called: str = LINE) -> CallLog:
    """A call, as the switchboard and its session begin it."""
    inbound = direction is Direction.INBOUND
    call = log.open_call(
        tenant=TENANT, call_id=uuid.uuid4().hex, line=LINE, language="ko", direction=direction,
        caller=caller_of(info, KOREA) if inbound else LINE, called=called,
    )  # fmt: skip
    Minutes(call, lambda error: None).answered(info, KOREA)
    return call


async def ended(call: CallLog) -> CallLog:
    await Minutes(call, lambda error: None).close(EndReason.COMPLETED)
    return call


async def calls(log: ContactLog, release: Release) -> list[CallLog]:
    """One of each kind."""
    known = parties(SIP, "sip:01047651234@pbx.example", asserted=True)
    by_sip = begun(log, LegInfo("leg", "sid", known.ani, LINE, "sip", 8000, headers=known.headers))
    by_sip.append(EventKind.CALLBACK_REQUESTED, {"handoff": "h", "number": "+821047651234", "window": []})
    by_carrier = begun(log, leg("010-4765-1234"))
    case = Case("ko", "010-4765-1234", "환불", None, {}, ())
    summary = asdict(summarize(case, release.templates["ko"]))
    by_carrier.queue_handoff(reason="caller_asked", queue="q", summary=summary)
    said = "지금 거신 010-4765-1234 번호로 다시 전화드릴게요."
    by_carrier.append(EventKind.REPLY_DECIDED, {"reply": 1, "text": said, "sentences": [{"text": said}]})
    withheld = begun(log, leg("", {"p-asserted-identity": "<sip:+821047651234@carrier>", "privacy": "id"}))
    from_abroad = begun(log, leg("+1 503-446-2297"))
    named = begun(log, leg("mallory", protocol="sip"))
    ours = begun(log, leg(LINE, {"to": "<tel:+82-10-9876-1122>"}), Direction.OUTBOUND, "+821098761122")
    return [await ended(one) for one in (by_sip, by_carrier, withheld, from_abroad, named, ours)]


async def test_neither_a_row_nor_a_byte_shows_whose_number_it_is(
    server: Postgres, database: Database, log: ContactLog, release: Release
) -> None:
    made = await calls(log, release)
    await server.run_as_superuser("aicc", "CHECKPOINT")
    assert await scan_tables(database, TENANT, NEEDLES) == []
    assert scan_files(server.server.directory, NEEDLES) == []
    assert scan_files(server.server.directory, [LINE]), "what is not sealed is found"

    records = [await log.call(TENANT, one.call_id) for one in made]
    told = [None if one is None else (one.caller, one.called) for one in records]
    assert told == [
        ("+821047651234", LINE),
        ("+821047651234", LINE),
        (None, LINE),
        ("+15034462297", LINE),
        ("mallory", LINE),
        (LINE, "+821098761122"),
    ]
    by_sip: dict[str, dict[str, Any]] = {
        event.kind: event.payload for event in await log.events(TENANT, made[0].call_id)
    }
    answered = by_sip["call.answered"]
    assert (answered["ani"], answered["caller"], answered["diverted_from"]) == (
        "+821047651234", "+821047651234", "+82255498765",
    )  # fmt: skip
    assert answered["headers"]["from"] == SIP["From"]
    assert by_sip["callback.requested"]["number"] == by_sip["call.offered"]["caller"] == "+821047651234"
