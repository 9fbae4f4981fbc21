"""Each action goes to what reaches its kind of service."""

from __future__ import annotations

from dataclasses import replace

from dialog.actions.action import Failed, FailureKind, Risk, Service, Succeeded, Via
from dialog.actions.ports import ActionPorts, message_ports
from tests.dialog.shop import LOOK, Shop


class Closing(Shop):
    closed = False

    async def close(self) -> None:
        self.closed = True


async def test_each_goes_its_way_and_all_are_closed() -> None:
    web, database = Closing(), Closing(orders={"1001": {"order": "1001"}})
    ports = ActionPorts({Via.HTTP: web, Via.SQL: database})
    in_sql = replace(LOOK, service=Service("crm", "postgresql://crm"))
    assert await ports.perform(LOOK, {"order": "1002"}, key="k") == Succeeded(web.orders["1002"])
    assert await ports.perform(in_sql, {"order": "1001"}, key="k") == Succeeded({"order": "1001"})
    await ports.close()
    assert (web.closed, database.closed) == (True, True)


async def test_where_no_way_leads_nothing_is_done() -> None:
    outcome = await ActionPorts({}).perform(LOOK, {"order": "1001"}, key="k")
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.UNAVAILABLE


async def test_what_sends_messages_and_checks_codes_shares_the_codes() -> None:
    mail = replace(LOOK, service=Service("mails", "smtp://mail.example"), path="hello", risk=Risk.REVERSIBLE)
    ports = message_ports([LOOK, mail], {}, {})
    assert set(ports) == {Via.MAIL, Via.CODE}
    await ActionPorts(ports).close()
    assert message_ports([LOOK], {}, {}) == {}
