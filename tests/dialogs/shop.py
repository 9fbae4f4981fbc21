"""The example tenant's services on real sockets, in this process: new ones take milliseconds."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.dialog.surroundings import TENANT

SERVICES = TENANT / "services"


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the services are, and what they hold."""

    urls: dict[str, str]
    orders: dict[str, dict[str, Any]]
    visits: dict[str, dict[str, Any]]


@contextmanager
def shop() -> Iterator[Shop]:
    """All services, running, with nothing that has happened in them."""
    orders, visits, mails = (_program(name) for name in ("order_service", "visit_service", "mail_service"))
    file = SERVICES / "orders.json"
    order_server = orders.build_server(orders.load_orders(file), orders.load_customers(file))
    visit_server, mail_server = visits.build_server(), mails.build_server()
    with ExitStack() as stack:
        for server in (order_server, visit_server, mail_server):
            stack.enter_context(_serving(server))
        urls = {"orders": order_server.url, "visits": visit_server.url, "mails": mail_server.url}
        yield Shop(urls, order_server.orders, visit_server.visits)


@contextmanager
def _serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _program(name: str) -> ModuleType:
    known = f"hanbit_dialogs_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, SERVICES / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]
