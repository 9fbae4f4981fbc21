"""The figures of a tenant, over the views of the schema ``kpi``: added up by whatever they are told apart by, and the
contacts behind each.

What a page shows, what is downloaded and which calls stand behind a number come from the same selection over the same
view, so that they cannot say different things.

Refuses: arithmetic on figures. Averages of averages are wrong; amounts are added, and divided last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import AsyncCursor, sql
from psycopg.types.json import Jsonb

from gateway.analytics.errors import ReportRefused, ReportTooWide, TooManyReports
from gateway.analytics.kpis.kpi import KPIS, Amount, By, Counted, Kpi
from gateway.analytics.kpis.rules import Rules, rules_of
from gateway.session.tenant import Tenant
from infra.storage.database import Connection, Database
from infra.storage.errors import StatementTimedOut
from infra.storage.queries import Query, load_queries

QUERIES: Final[Mapping[str, Query]] = load_queries(Path(__file__).with_name("queries.sql"))

LONGEST_DAYS: Final = 400
"""Days that a report may cover: a year, and the month before it."""

STATEMENT_LIMIT: Final = 16
"""Seconds that a report may be counted for: more than other statements have, and within the limit of a transaction."""

AT_ONCE: Final = 2
MOST_WAITING: Final = 16
"""Reports that one node counts at once, and that wait: the pool's other connections are for calls. Policy: who would
have to wait behind more is refused."""

MOST_ROWS: Final = 20_000
"""Rows of a report: all figures on every day of the longest one are 10,400."""

ROWS_AT_ONCE: Final = 1_000
"""Rows that are taken out of an answer before others have their turn."""

_KEYS: Final[Mapping[By, str]] = {
    By.DAY: "(f.at AT TIME ZONE %(zone)s)::date",
    By.HOUR: "extract(hour FROM f.at AT TIME ZONE %(zone)s)::integer",
    By.QUEUE: "f.queue",
    By.LINE: "f.line",
    By.LANGUAGE: "f.language",
    By.AGENT: "f.agent",
    By.PART: "f.part",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which contacts are asked about: those that began on the days ``since`` to ``until`` (included) of the tenant's
    time zone, and fit what else is named. ``within`` is the queues that whoever asks may see (None: every contact)."""

    since: date
    until: date
    queue: str | None = None
    line: str | None = None
    language: str | None = None
    agent: str | None = None
    within: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise ReportRefused(f"a report ends on {self.until}, before it begins on {self.since}")
        if (self.until - self.since).days >= LONGEST_DAYS:
            raise ReportRefused(f"a report covers at most {LONGEST_DAYS} days: ask for less time")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a report. ``key`` is the day, queue, … (none: of no queue); ``value`` the figure."""

    kpi: str
    key: str | None
    amount: Amount
    value: float | None


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules by which figures were counted: they are part of what a figure says."""

    time_zone: str
    answer_within: Mapping[str, float]
    answer_within_otherwise: float
    repeat_days: int
    silence_seconds: float
    satisfied_from: float
    currency: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Which of the contacts behind a figure are wanted, and after which one of them (its begin and its id)."""

    counted: Counted = Counted.ALL
    part: str | None = None
    before: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class Sampled:
    """How many contacts and turns are looked at, at most."""

    contacts: int
    turns: int


@dataclass(frozen=True, slots=True)
class Said:
    """Callers' turns: contact, day and words; ``whole`` unless they are a sample of all that was said."""

    turns: Sequence[tuple[str, date, str]]
    whole: bool


async def open_reports(database: Database, tenants: Iterable[Tenant]) -> Reports:
    """The reports of these tenants, counted by the rules in their files. Raises ``RulesInvalid``, ``StorageError``."""
    reports = Reports(database)
    for tenant in tenants:
        await reports.keep_rules(tenant.id, rules_of(tenant))
    return reports


def kpi_named(name: str) -> Kpi:
    """The figure of that name. Raises ``ReportRefused``."""
    try:
        return KPIS[name]
    except KeyError:
        raise ReportRefused(f"there is no figure {name!r}; there are {', '.join(KPIS)}") from None


def rows_of(found: Sequence[tuple[str, str | None, Amount]], by: By) -> list[Row]:
    """Rows with their values. The parts of a figure are shares of the whole: of a day's parts, that is all of them."""
    whole: dict[str, float] = {}
    for name, _, amount in found:
        whole[name] = whole.get(name, 0.0) + amount.denominator
    rows = []
    for name, key, amount in found:
        share = by is By.PART and KPIS[name].parts
        value = amount.numerator / whole[name] if share else amount.value
        rows.append(Row(name, key, amount, value))
    return rows


class Reports:
    """The reports of every tenant in ``database``. Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counting = asyncio.Semaphore(AT_ONCE)
        self._asked = 0

    async def keep_rules(self, tenant: str, rules: Rules) -> None:
        """Let a tenant's figures be counted by these rules from now on, those of the past as well."""
        async with self._database.tenant(tenant) as connection:
            asked = {"tenant": tenant, "rules": Jsonb(rules.model_dump(mode="json", exclude_none=True))}
            await connection.execute(QUERIES["keep_rules"].sql, asked)

    async def rules(self, tenant: str) -> Applied:
        """The rules that a tenant's figures are counted by."""
        async with self._database.tenant(tenant) as connection:
            return await _applied(connection)

    async def amounts(self, tenant: str, asked: Selection, by: By, kpi: str | None = None) -> list[Row]:
        """One figure, or all of them, told apart by something: by figure, then by key.

        Raises ``ReportRefused``, ``ReportTooWide`` and ``StorageError``.
        """
        if by is By.PART and (kpi is None or not kpi_named(kpi).parts):
            raise ReportRefused(f"{kpi or 'a report of all figures'} has no parts")
        query = sql.SQL(_text("amounts")).format(
            view=_view(kpi), key=sql.SQL(_KEYS[by]), kpi=sql.SQL("f.kpi") if kpi is None else sql.Literal(kpi)
        )
        found = await self._rows(tenant, query, asked, limit=MOST_ROWS + 1)
        if len(found) > MOST_ROWS:
            raise ReportTooWide(f"the report has over {MOST_ROWS} rows: ask for less time")
        return rows_of([(name, _key(key), Amount(*amounts)) for name, key, *amounts in found if name in KPIS], by)

    async def contacts(self, tenant: str, asked: Selection, kpi: str, behind: Behind, limit: int) -> list[str]:
        """The contacts behind a figure, the latest first. Raises as ``amounts``."""
        before_at, before_id = behind.before or (None, None)
        wanted = {"counted": behind.counted.value, "part": behind.part, "before_at": before_at, "before_id": before_id}
        query = sql.SQL(_text("contacts")).format(view=_view(kpi_named(kpi).name))
        return [row[0] for row in await self._rows(tenant, query, asked, **wanted, limit=limit)]

    async def choices(self, tenant: str, asked: Selection) -> dict[str, dict[str, str]]:
        """What else can be asked about those days: ``line`` and ``agent``, each with names by id."""
        chosen: dict[str, dict[str, str]] = {"line": {}, "agent": {}}
        for what, one, name in await self._rows(tenant, sql.SQL(_text("choices")), asked, limit=MOST_ROWS):
            chosen[what][one] = name or one
        return chosen

    async def said(self, tenant: str, asked: Selection, language: str, most: Sampled) -> Said:
        """What callers said in a language, in the order of time. Raises as ``amounts``."""
        spoken = replace(asked, language=language)
        wanted = {"most_contacts": most.contacts, "most_turns": most.turns}
        rows = await self._rows(tenant, sql.SQL(_text("said")), spoken, **wanted)
        turns = [(contact, day, text) for contact, day, text, _ in rows]
        return Said(turns, whole=len(rows) < most.turns and (not rows or rows[0][3] <= most.contacts))

    async def _rows(
        self, tenant: str, query: sql.SQL | sql.Composed, asked: Selection, **more: Any
    ) -> list[tuple[Any, ...]]:
        if self._asked >= AT_ONCE + MOST_WAITING:
            raise TooManyReports(f"{self._asked} reports are being counted already: ask again in a minute")
        self._asked += 1
        try:
            async with self._counting, self._database.tenant(tenant) as connection:
                await connection.execute(QUERIES["limits"].sql, {"seconds": str(STATEMENT_LIMIT)})
                zone = (await _applied(connection)).time_zone
                bound = {**_bounds(asked, zone), **more, "tenant": tenant}
                return await _fetched(await connection.execute(query, bound))
        except StatementTimedOut as error:
            raise ReportTooWide("there is too much to count: ask for less time") from error
        finally:
            self._asked -= 1


async def _fetched(cursor: AsyncCursor[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """All rows of an answer. Making objects of tens of thousands takes long enough to be heard: calls go on between."""
    rows: list[tuple[Any, ...]] = []
    while some := await cursor.fetchmany(ROWS_AT_ONCE):
        rows += some
        await asyncio.sleep(0)
    return rows


async def _applied(connection: Connection) -> Applied:
    rows = await (await connection.execute(QUERIES["rules"].sql)).fetchall()
    return Applied(*rows[0])


def _key(found: date | int | str | None) -> str | None:
    """A key as reports have it: days by ISO 8601, hours with two digits. A million are grouped before that."""
    match found:
        case date():
            return found.isoformat()
        case int():
            return f"{found:02}"
        case _:
            return found


def _text(name: str) -> Any:
    # LiteralString is what the driver asks for; the text is our own file's.
    return QUERIES[name].sql.decode()


def _view(kpi: str | None) -> sql.Identifier:
    return sql.Identifier("kpi", "fact" if kpi is None else KPIS[kpi].name)


def _bounds(asked: Selection, time_zone: str) -> dict[str, Any]:
    """The selection as the queries have it: the moments at which its days begin and end."""
    zone = ZoneInfo(time_zone)
    return {
        "zone": time_zone,
        "since": datetime.combine(asked.since, time.min, zone),
        "until": datetime.combine(asked.until + timedelta(days=1), time.min, zone),
        "queue": asked.queue,
        "queues": None if asked.within is None else list(asked.within),
        "line": asked.line,
        "language": asked.language,
        "agent": asked.agent,
    }
