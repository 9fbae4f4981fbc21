"""The example tenant's services on real sockets, kind to all orders but those that a dialog wants treated badly."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.dialog.surroundings import TENANT

SERVICES = TENANT / "services"
_DRILLS = {"503": "drill_status=503", "broken": "drill_body=broken", "slow": "drill_delay_ms=6000"}


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the services are, and what they hold."""

    urls: dict[str, str]
    orders: dict[str, dict[str, Any]]
    visits: dict[str, dict[str, Any]]


@contextmanager
def shop(drills: Mapping[str, str]) -> Iterator[Shop]:
    """Both services, running. Changes to the orders of ``drills`` are treated badly; looking them up is not."""
    orders, visits = _program("order_service"), _program("visit_service")

    class Drilled(orders.OrderRequest):  # type: ignore[name-defined,misc]
        def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
            self._drill(super().do_POST)

        def do_PUT(self) -> None:  # noqa: N802 - the name that http.server calls
            self._drill(super().do_PUT)

        def _drill(self, change: Any) -> None:
            treated = drills.get(self.path.split("/")[2])
            self.path += "" if treated is None else f"?{_DRILLS[treated]}"
            change()

    file = SERVICES / "orders.json"
    order_server = orders.build_server(orders.load_orders(file), orders.load_customers(file))
    order_server.RequestHandlerClass = Drilled
    visit_server = visits.build_server()
    with ExitStack() as stack:
        for server in (order_server, visit_server):
            stack.enter_context(_serving(server))
        urls = {"orders": order_server.url, "visits": visit_server.url}
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
