"""The desk of the example tenant, put together."""

from __future__ import annotations

from datetime import UTC, datetime

from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.manager import DialogueManager
from gateway.desk.floor.store import MemoryFloorStore
from gateway.desk.handoff import HandoffDesk
from gateway.desk.opening import Calls, Ways, open_desk, queues_of
from gateway.session.memory_log import MemoryContactLog
from gateway.session.tenant import load_tenant
from tests.dialog.surroundings import ScriptedBackEnd, SmallSearch
from tests.gateway.desk.center import Book
from tests.house import EXAMPLE, example_release


def test_the_example_has_queues_dispositions_and_actions_for_its_agents_in_both_languages() -> None:
    tenant, release = load_tenant(EXAMPLE), example_release()
    ledger, back_end, store = MemoryContactLog(), ScriptedBackEnd({}), MemoryActionStore()
    queues = queues_of(tenant)
    desk, reception = open_desk(
        tenants={tenant.id: tenant},
        managers={tenant.id: DialogueManager(release, SmallSearch(), back_end)},
        ways={tenant.id: Ways(ActionRunner(back_end, store=store), store)},
        knowledge=SmallSearch(),
        ledger=ledger,
        floors=MemoryFloorStore(lambda _: queues, ledger),
        handoffs=HandoffDesk(ledger),
        audit=Book(),
        calls=Calls(lambda call: None, list),
        node="n1",
        now=lambda: datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
    )
    own = desk.tenants[tenant.id]
    assert set(own.queues.by_id) == {"general", "orders", "billing"}
    for language in ("ko", "en"):
        assert own.actions.offered(language)
        assert all(one["name"] for one in own.wrap_ups.dispositions(language))
    assert reception is not None
