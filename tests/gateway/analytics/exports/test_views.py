"""The records of migration 0014: made of what happened, null where nothing is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from dialog.privacy.kinds import PersonalKind, placeholder
from infra.storage.database import Database
from tests.gateway.analytics.exports.logs import (
    NINE,
    add_steps,
    bot_call,
    new_tenant,
    person_call,
    reply,
    turn,
    write_call,
    write_floor,
)


async def rows(database: Database, tenant: str, view: str, order: str = "contact") -> list[dict[str, Any]]:
    async with database.tenant(tenant) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(f"SELECT * FROM analytics.{view} ORDER BY {order}".encode())
        return await cursor.fetchall()


async def the_contact(database: Database, tenant: str, call: str) -> dict[str, Any]:
    return next(row for row in await rows(database, tenant, "contact") if row["contact"] == call)


async def test_a_call_of_the_bot_alone(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", bot_call())
    contact = await the_contact(database, tenant, "a")
    assert (
        contact
        | {
            "initiation": "inbound",
            "answered_at": NINE + timedelta(seconds=1),
            "end_reason": "caller_hung_up",
            "bot_only": True,
            "resolved": True,
            "resolution_evidence": "answer_heard",
            "turns": 1,
            "bot_seconds": 19.0,
            "overlap_seconds": 0.0,
            "caller_speech_seconds": 2.0,
            "is_redacted": False,
            "updated_at": NINE + timedelta(seconds=20),
        }
        == contact
    )
    assert contact["bot_speech_seconds"] == pytest.approx(3.0 + 4.0)
    assert contact["silence_seconds"] == pytest.approx(19.0 - 2.0 - 7.0)
    nothing = ("previous_contact", "queue", "enqueued_at", "agent", "agent_joined_at", "waited_seconds", "abandoned")
    nothing += ("talk_seconds", "hold_seconds", "wrap_up_seconds", "escalation_reason", "transferred", "disposition")
    nothing += ("csat", "customer", "summary_unedited")
    assert {name: contact[name] for name in nothing} == dict.fromkeys(nothing)


async def test_a_call_that_a_person_took(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", person_call())
    contact = await the_contact(database, tenant, "a")
    assert (
        contact
        | {
            "queue": "billing",
            "agent": "mina",
            "waited_seconds": 20.0,
            "abandoned": False,
            "talk_seconds": 50.0,
            "hold_seconds": 10.0,
            "wrap_up_seconds": 15.0,
            "escalation_reason": "caller_asked",
            "bot_only": False,
            "resolved": None,
            "disposition": "refunded",
            "summary_unedited": False,
            "updated_at": NINE + timedelta(seconds=105),
        }
        == contact
    )
    # The bot had the caller from the answer to the queue, and for two seconds after somebody had accepted.
    assert contact["bot_seconds"] == pytest.approx(9.0 + 2.0)
    assert contact["silence_seconds"] is None, "no words' times were kept"
    segments = {row["segment"]: row for row in await rows(database, tenant, "segment", "started_at")}
    assert [(row["kind"], row["participant"], row["seconds"]) for row in segments.values()] == [
        ("bot", None, 9.0),
        ("queue", "general", 18.0),
        ("bot", None, 2.0),
        ("agent", "mina", 60.0),
        ("hold", "mina", 10.0),
    ]


@pytest.mark.parametrize(
    ("steps", "abandoned", "waited"),
    [
        pytest.param([(40.0, "call.ended", {"reason": "caller_hung_up"})], False, 30.0, id="nobody said why"),
        pytest.param(
            [(35.0, "handoff.abandoned", {"handoff": "h1"}), (35.0, "call.ended", {"reason": "caller_hung_up"})],
            True,
            25.0,
            id="the caller hung up",
        ),
        pytest.param(
            [
                (35.0, "callback.requested", {"handoff": "h1", "number": "[phone]"}),
                (36.0, "call.ended", {"reason": "completed"}),
            ],
            False,
            25.0,
            id="they will be called back",
        ),
        pytest.param([], None, None, id="they wait"),
    ],
)
async def test_only_who_left_a_queue_abandoned(
    database: Database, steps: list[Any], abandoned: bool | None, waited: float | None
) -> None:
    tenant = await new_tenant(database)
    queued = (10.0, "handoff.queued", {"handoff": "h1", "reason": "caller_asked", "queue": "general"})
    await write_call(database, tenant, "a", [(1.0, "call.answered", {}), queued, *steps])
    contact = await the_contact(database, tenant, "a")
    assert (contact["abandoned"], contact["waited_seconds"]) == (abandoned, waited)


@pytest.mark.parametrize(
    ("steps", "resolved", "evidence"),
    [
        pytest.param(bot_call()[1:-1], None, None, id="it goes on"),
        pytest.param(bot_call(complete=False)[1:], False, None, id="the answer was not heard to its end"),
        pytest.param(
            [
                *bot_call()[1:-1],
                turn(13, 2, "음"),
                *reply(14, 3, "무슨 말씀이신가요", "clarify", 15),
                (20.0, "call.ended", {"reason": "caller_hung_up"}),
            ],
            False,
            None,
            id="asked back at last",
        ),
        pytest.param([(20.0, "call.ended", {"reason": "no_input"})], None, None, id="nothing was asked"),
        pytest.param(
            [*bot_call()[1:-1], (20.0, "call.ended", {"reason": "connection_lost"})],
            False,
            None,
            id="the line was lost",
        ),
        pytest.param(
            [
                turn(3, 1, "주문 취소해 주세요"),
                (5.0, "action.proposed", {"key": "k", "name": "cancel"}),
                (6.0, "action.started", {"key": "k", "name": "cancel"}),
                (7.0, "action.unknown", {"key": "k", "name": "cancel", "error": "unknown"}),
                *reply(7.1, 1, "확인 중입니다", "act", 9),
                (20.0, "call.ended", {"reason": "caller_hung_up"}),
                (900.0, "action.reconciled", {"key": "k", "name": "cancel", "outcome": "action.succeeded"}),
            ],
            True,
            "action_succeeded",
            id="it was found out that it was done",
        ),
        pytest.param(
            [
                turn(3, 1, "주문 취소해 주세요"),
                (5.0, "action.proposed", {"key": "k", "name": "cancel"}),
                *reply(7.1, 1, "취소할까요", "act", 9),
                (20.0, "call.ended", {"reason": "caller_hung_up"}),
            ],
            False,
            None,
            id="only proposed",
        ),
        pytest.param(
            [
                turn(3, 1, "주문 취소해 주세요"),
                (5.0, "action.succeeded", {"key": "k", "name": "cancel"}),
                *reply(7.1, 1, "취소했습니다. 더 도와드릴까요", "act", 9),
                turn(10, 2, "아니요"),
                *reply(11, 2, "안녕히 계세요", "converse", 12),
                (20.0, "call.ended", {"reason": "completed"}),
            ],
            True,
            "action_succeeded",
            id="done, and goodbye",
        ),
        pytest.param(
            [
                turn(3, 1, "주문 취소해 주세요"),
                (5.0, "action.succeeded", {"key": "k", "name": "cancel"}),
                *reply(7.1, 1, "취소했습니다", "act", 9),
                turn(10, 2, "다른 주문도요"),
                *reply(11, 2, "주문 번호를 말씀해 주세요", "act", 13),
                (20.0, "call.ended", {"reason": "caller_hung_up"}),
            ],
            False,
            None,
            id="done, and something else left unfinished",
        ),
    ],
)
async def test_resolved_only_with_evidence(
    database: Database, steps: list[Any], resolved: bool | None, evidence: str | None
) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", [(1.0, "call.answered", {}), *steps])
    contact = await the_contact(database, tenant, "a")
    assert (contact["resolved"], contact["resolution_evidence"]) == (resolved, evidence)


async def test_a_turn_has_what_was_heard_and_how_it_came_about(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", [*bot_call(), *person_call()[9:10]])
    turns = await rows(database, tenant, "turn", "turn")
    assert [(one["speaker"], one["text"]) for one in turns] == [
        ("bot", "안녕하세요"),
        ("caller", "배송이 언제 오나요"),
        ("bot", "이틀 안에 도착합니다"),
        ("agent", "무엇을 도와드릴까요"),
    ]
    answer = turns[2]
    assert (
        answer
        | {
            "exchange": 2,
            "decision": "answer",
            "confidence": 0.87,
            "signals": {"best": 0.9},
            "citations": [{"passage": "p1", "document": "delivery.md"}],
            "latency_seconds": 0.4,
            "stages": {"dialog": 0.1, "total": 0.4},
            "release": "r1",
            "model": None,
            "complete": True,
            "silent": None,
        }
        == answer
    )
    assert turns[1]["confidence"] == 0.9
    assert turns[1]["complete"] is None


async def test_what_was_taken_out_is_told(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "card", [(1.0, "call.answered", {}), turn(2, 1, "카드는 [card]입니다")])
    await write_call(database, tenant, "plain", [(1.0, "call.answered", {}), turn(2, 1, "[이건] 괄호입니다")])
    assert {row["contact"]: row["is_redacted"] for row in await rows(database, tenant, "turn")} == {
        "card": True,
        "plain": False,
    }
    assert {row["contact"]: row["is_redacted"] for row in await rows(database, tenant, "contact")} == {
        "card": True,
        "plain": False,
    }


@pytest.mark.parametrize("hidden", [*(placeholder(kind) for kind in PersonalKind), "•••"])
async def test_every_placeholder_is_known(hidden: str, database: Database) -> None:
    async with database.tenant("nobody") as connection:
        asked = {"payload": Jsonb({"text": f"그건 {hidden}입니다"}), "other": Jsonb({"text": hidden.strip("[]•")})}
        told = await connection.execute("SELECT analytics.redacted(%(payload)s), analytics.redacted(%(other)s)", asked)
        assert await told.fetchone() == (True, False)


async def test_an_odd_payload_does_not_fail_a_report(database: Database) -> None:
    tenant = await new_tenant(database)
    odd = {"reply": [], "turn": "x", "confidence": "high", "complete": 7, "seconds": {}, "score": "good", "text": 3}
    kinds = [
        "caller.turn",
        "reply.decided",
        "reply.heard",
        "wrap_up.done",
        "survey.answered",
        "agent.joined",
        "call.held",
    ]
    kinds += [
        "transcript.final",
        "call.answered",
        "assist.shown",
        "quality.scored",
        "handoff.queued",
        "action.proposed",
    ]
    await write_call(database, tenant, "a", [(float(at), kind, odd) for at, kind in enumerate(kinds, 1)])
    for view in VIEWS:
        await rows(database, tenant, view, "tenant")
    assert (await the_contact(database, tenant, "a"))["csat"] is None


VIEWS = [
    *("contact", "segment", "turn", "action", "offer", "queue_event", "agent_state", "assist", "disposition", "csat"),
    *("consent", "disclosure", "quality", "tombstone"),
]


async def test_every_record_says_whose_it_is_how_new_and_whether_something_was_taken_out(database: Database) -> None:
    tenant = await new_tenant(database)
    for view in VIEWS:
        async with database.tenant(tenant) as connection:
            cursor = await connection.execute(f"SELECT * FROM analytics.{view} LIMIT 0".encode())
            names = {column.name for column in cursor.description or ()}
        wanted = {"tenant", "contact", "contact_started_at", "updated_at", "schema_version", "is_redacted", "written"}
        assert wanted <= names, view


async def test_nobody_sees_anothers_records(database: Database) -> None:
    mine, other = await new_tenant(database), await new_tenant(database)
    await write_call(database, other, "a", person_call())
    for view in VIEWS:
        assert await rows(database, mine, view, "tenant") == []


async def test_the_floor_tells_of_offers_queues_and_agents(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", person_call())
    item = {"item": "h1", "call": "a", "queue": "general", "enqueued_at": NINE.isoformat(), "attempts": 0, "reason": ""}
    offer = {"offer": "o1", "item": "h1", "agent": "mina", "made_at": NINE.isoformat(), "expires_at": NINE.isoformat()}
    offer |= {"state": "pending", "ended_at": None, "reason": ""}
    taken = offer | {"state": "accepted", "ended_at": (NINE + timedelta(seconds=6)).isoformat()}
    mina = {"agent": "mina", "name": "Mina", "presence": "available", "reason": "", "routing": "idle", "item": None}
    await write_floor(
        database,
        tenant,
        [
            (10.0, "item.queued", item),
            (11.0, "agent.joined", mina),
            (12.0, "offer.made", offer),
            (18.0, "offer.accepted", taken),
            (18.0, "item.accepted", item | {"agent": "mina"}),
            (18.0, "agent.routing", mina | {"routing": "on_contact", "item": "h1"}),
        ],
    )
    (one,) = await rows(database, tenant, "offer")
    assert (one["contact"], one["state"], one["rang_seconds"], one["reason"]) == ("a", "accepted", 6.0, None)
    steps = await rows(database, tenant, "queue_event", "queue_event")
    assert [(step["event"], step["since_enqueued_seconds"]) for step in steps] == [("queued", 10.0), ("accepted", 18.0)]
    states = await rows(database, tenant, "agent_state", "agent_state")
    assert [(state["routing"], state["seconds"], state["contact"]) for state in states] == [
        ("idle", 7.0, None),
        ("on_contact", None, "a"),
    ]


@pytest.mark.parametrize("odd", ["soon", "", "2026-13-45", "now", "infinity", 5, None, {"at": 1}])
async def test_what_is_no_moment_is_none_and_fails_no_report(database: Database, odd: object) -> None:
    tenant = await new_tenant(database)
    offer = {"offer": "o1", "item": "h1", "agent": "mina", "made_at": odd, "expires_at": odd, "ended_at": odd}
    item = {"item": "h1", "call": "a", "queue": "general", "enqueued_at": odd, "answered_at": odd, "attempts": 0}
    await write_floor(database, tenant, [(10.0, "item.queued", item), (12.0, "offer.made", offer)])
    [one] = await rows(database, tenant, "offer")
    assert (one["made_at"], one["expires_at"], one["ended_at"]) == (None, None, None)
    [step] = await rows(database, tenant, "queue_event", "queue_event")
    assert (step["enqueued_at"], step["since_enqueued_seconds"]) == (None, None)


async def test_a_change_is_newer_than_what_was_there(database: Database) -> None:
    """What commits later has a higher number than every transaction that was over before it began."""
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", bot_call())
    before = await the_contact(database, tenant, "a")
    async with database.tenant(tenant) as connection:
        (boundary,) = await (
            await connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        ).fetchone() or (None,)
    assert int(before["written"]) < int(boundary)
    async with database.tenant(tenant) as connection:
        late = [(300.0, "survey.answered", {"question": "csat", "score": 4})]
        await add_steps(connection, tenant, "a", late, after=40)
    after = await the_contact(database, tenant, "a")
    assert int(after["written"]) >= int(boundary)
    assert (after["csat"], after["updated_at"]) == (4.0, NINE + timedelta(seconds=300))
