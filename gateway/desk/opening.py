"""Puts the desk together out of what the composition root has opened.

Refuses: constructing engines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.actions.requests import Requests
from dialog.actions.runner import ActionRunner
from dialog.actions.store import ActionStore
from dialog.answers.answering import KnowledgeSearch
from dialog.assist.guide import read_guide
from dialog.manager import DialogueManager
from gateway.access.audit import AuditLog
from gateway.access.viewings import Viewings
from gateway.desk.agent_actions import AgentActions
from gateway.desk.assist import AssistDesk, TenantAssist
from gateway.desk.assistance import Assistance
from gateway.desk.attendance import Attendance
from gateway.desk.boards import Boards
from gateway.desk.calls import LiveCalls, Means
from gateway.desk.desk import Desk, DeskTenant, day_began
from gateway.desk.floor.queue import Queues, read_queues
from gateway.desk.floor.store import FloorStore
from gateway.desk.handoff import HandoffDesk
from gateway.desk.reception import Reception
from gateway.desk.trends import Trends
from gateway.desk.witness import Witness
from gateway.desk.wrap_up import WrapUps, story_of
from gateway.session.ledger import Ledger
from gateway.session.room import Room
from gateway.session.tenant import Tenant


def queues_of(tenant: Tenant) -> Queues:
    """The queues of a tenant. Raises ``QueuesInvalid``."""
    return read_queues(tenant.hand_over, hours=tenant.hours, time_zone=tenant.time_zone)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a tenant's actions are carried out and kept."""

    runner: ActionRunner
    store: ActionStore


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of this node: one by its id, and all of them."""

    one: Callable[[str], Room | None]
    all: Callable[[], Sequence[Room]]


def open_desk(
    *,
    tenants: Mapping[str, Tenant],
    managers: Mapping[str, DialogueManager],
    ways: Mapping[str, Ways],
    knowledge: KnowledgeSearch,
    ledger: Ledger,
    floors: FloorStore,
    handoffs: HandoffDesk,
    audit: AuditLog,
    calls: Calls,
    node: str,
    now: Callable[[], datetime],
) -> tuple[Desk, Reception]:
    """The desk, and where the sessions' calls come to it."""
    queues = {tenant.id: queues_of(tenant) for tenant in tenants.values()}
    own = {
        tenant.id: _tenant(tenant, queues[tenant.id], managers[tenant.id], ways[tenant.id], knowledge, ledger)
        for tenant in tenants.values()
    }
    boards = Boards(floors, lambda tenant, at: day_began(tenants[tenant].time_zone, at), now)
    witness = Witness(floors, calls.one)
    assistance = Assistance(AssistDesk({tenant: one.assist for tenant, one in own.items()}), ledger)
    attendance = Attendance(floors, calls.one, assistance, now)
    means = Means(
        floors=floors,
        room=calls.one,
        known=witness.knows,
        handoffs=handoffs,
        attendance=attendance,
        audit=audit,
        queues=queues.__getitem__,
        targets=lambda tenant: tenants[tenant].transfers,
        node=node,
        now=now,
    )
    desk = Desk(
        tenants=own,
        floors=floors,
        boards=boards,
        calls=LiveCalls(means),
        attendance=attendance,
        assistance=assistance,
        witness=witness,
        trends=Trends(ledger),
        ledger=ledger,
        rooms=calls.all,
        viewings=Viewings(audit, now),
        now=now,
    )
    reception = Reception(handoffs, floors, boards, witness.knows, now, room=calls.one, assistance=assistance)
    return desk, reception


def _tenant(
    tenant: Tenant,
    queues: Queues,
    manager: DialogueManager,
    ways: Ways,
    knowledge: KnowledgeSearch,
    ledger: Ledger,
) -> DeskTenant:
    guide = read_guide(tenant.folder, manager.release)
    requests = Requests(manager.release, ways.runner, ways.store)
    language = tenant.languages[0]
    return DeskTenant(
        tenant=tenant,
        queues=queues,
        assist=TenantAssist.of(manager, knowledge, guide),
        actions=AgentActions(requests, guide.vouching),
        wrap_ups=WrapUps(lambda: manager.release, guide, lambda call: story_of(ledger, tenant.id, call, language)),
    )
