"""The example's order service, kind to all orders but those that a scenario wants to be treated badly.

It is the program of the example itself, on a real socket, in a thread; it is asked for its failures by the drills that
it knows.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

from tests.calls.scenario import BackEnd, Scenario, ScenarioInvalid
from tests.house import EXAMPLE

SERVICES = EXAMPLE / "services"


@contextmanager
def order_service(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """The service, running; its base URL. Raises ``ScenarioInvalid`` when two scenarios disagree about an order."""
    drills = _drills(scenarios)
    service = _program()

    class Drilled(service.OrderRequest):  # type: ignore[name-defined,misc]
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            treated = drills.get(self.path.rpartition("/")[2])
            if treated is not None:
                self.path += f"?drill_delay_ms={round(treated.delay * 1000)}"
                self.path += f"&drill_status={treated.status}" if treated.status else ""
                self.path += "&drill_body=broken" if treated.broken else ""
            super().do_GET()

    server = service.build_server(service.load_orders(SERVICES / "orders.json"))
    server.RequestHandlerClass = Drilled
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="order service")
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _drills(scenarios: Iterable[Scenario]) -> dict[str, BackEnd]:
    drills: dict[str, BackEnd] = {}
    for scenario in scenarios:
        wanted = scenario.back_end
        if wanted is not None and drills.setdefault(wanted.order, wanted) != wanted:
            raise ScenarioInvalid(f"{scenario.name}: order {wanted.order} is treated otherwise in another scenario")
    return drills


def _program() -> ModuleType:
    name = "hanbit_order_service"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, SERVICES / "order_service.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
