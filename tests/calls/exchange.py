"""The house that the scenarios call: ``aicc serve`` itself in this process, with a line of its own for each scenario.

Everything is the product's: server, ledger, voice activity, pocketsphinx with the tenant's words, espeak-ng, retrieval.
Only what a scenario says to be different is: its tenant's settings, the time of day, the ear for Korean.

Refuses: reaching into rooms. It stands where the composition root hands the tenants' services to the switchboard, and
adds lines there.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console

import gateway.app
from gateway.commands.serve import serve
from gateway.commands.server import RunningGateway, find
from gateway.session.ports import Services
from gateway.session.switchboard import Switchboard
from gateway.session.tenant import Tenant
from tests.calls.outside import Free, Line
from tests.calls.prompter import Prompter
from tests.calls.scenario import Scenario
from tests.calls.shop import order_service
from tests.house import small_tenant

TENANT = "hanbit-store"
SECRETIVE = "hanbit-secret"
"""The same shop, but for that order numbers are secrets of the caller's there; it has no documents."""
READY_WITHIN = 240.0
DOCUMENTS = tuple(
    f"{language}/{document}"
    for language in ("ko", "en")
    for document in (
        "delivery/standard-delivery.md",
        "returns/refund-times.md",
        "returns/returns-and-exchanges.md",
        "services/gift-wrapping.md",
        "services/price-match.md",
        "stores/visiting-our-stores.md",
    )
)


def number(scenario: Scenario) -> str:
    """The number that leads to this scenario: made of its name, so that it stays when others come and go."""
    return f"+8270{sum(ord(c) * 131**i for i, c in enumerate(scenario.name)) % 10**9:09d}"


def tenant_of(scenario: Scenario) -> str:
    """The tenant that is called."""
    return SECRETIVE if scenario.secret_numbers else TENANT


@asynccontextmanager
async def house(
    folder: Path, scenarios: Sequence[Scenario], prompters: Mapping[str, Prompter], *, at_once: int
) -> AsyncIterator[RunningGateway]:
    """The house, open on any free port with its data in ``folder``, with a line for each scenario."""
    output = io.StringIO()
    with order_service(scenarios) as orders, _settings(folder, orders, at_once), _lines(scenarios, prompters):
        tenants = _tenants(folder)
        playing = asyncio.current_task()
        assert playing is not None

        def stop(_: object) -> None:
            playing.cancel()  # Ctrl-C tells the house to stop, and then nobody would answer any more

        serving = asyncio.create_task(serve(folder / "data", tenants, Console(file=output, width=120)))
        try:
            gateway = await _ready(folder / "data", serving, output)
            serving.add_done_callback(stop)
            yield gateway
        finally:
            serving.remove_done_callback(stop)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def _tenants(folder: Path) -> list[Path]:
    """The example tenant with some of its documents and a greeting of few words, and its secretive neighbour."""
    for old in (TENANT, SECRETIVE):
        shutil.rmtree(folder / old, ignore_errors=True)
    tenant = small_tenant(folder, DOCUMENTS)
    _edit(tenant / "templates.ko.yaml", r"(greeting\.help: ).*", r'\1"말씀해 주세요."')
    secretive = folder / SECRETIVE
    shutil.copytree(tenant, secretive, ignore=shutil.ignore_patterns("knowledge"))
    _edit(secretive / "tenant.yaml", f"id: {TENANT}", f"id: {SECRETIVE}")
    _edit(secretive / "tenant.yaml", r'number: "\+82', 'number: "+83')
    _edit(secretive / "tenant.yaml", r'number: "\+1', 'number: "+2')
    _edit(secretive / "tenant.yaml", "alias: hanbit", "alias: secret")
    _edit(secretive / "flows" / "order_status.yaml", r"(\n +kind: digits)", r"\1\n    secret: true")
    for code, instead in (("ko", "그 번호"), ("en", "that number")):  # what is secret is not said back
        templates = secretive / f"templates.{code}.yaml"
        _edit(templates, r"\n +order_status\.order_number\.read_back:.*", "")
        _edit(templates, r"(order_status\.order_number\..*)\{order_number:digits\}", rf"\1{instead}")
    return [tenant, secretive]


def _edit(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text("utf-8"))
    assert count, f"{path} has no {pattern}"
    path.write_text(text, "utf-8")


async def _ready(data: Path, serving: asyncio.Task[None], output: io.StringIO) -> RunningGateway:
    try:
        async with asyncio.timeout(READY_WITHIN):
            while not serving.done():
                if (gateway := await find(data)) is not None:
                    return gateway
                await asyncio.sleep(0.1)
        await serving
    except TimeoutError:
        pass
    raise AssertionError(f"the house did not open:\n{output.getvalue()[-3000:]}")


@contextmanager
def _settings(folder: Path, orders: str, at_once: int) -> Iterator[None]:
    """The product's own settings, given as an operator gives them."""
    settings = {
        "AICC_GATEWAY_PORT": "0",
        "AICC_GATEWAY_NODE": f"calls-{folder.name[-40:]}",
        "AICC_GATEWAY_MAX_CALLS": str(2 * at_once),
        "AICC_GATEWAY_LOG_LEVEL": "error",
        # Both ends of every call live on this one loop, and a late transcript is the harness's own measure of pace.
        "AICC_GATEWAY_MAX_LOOP_LAG": "0.3",
        "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "60",
        "AICC_GATEWAY_MAX_RECOGNITION_LOAD": "60",
        "AICC_TELEPHONY_IDLE_TIMEOUT": "6",
        "AICC_STT_STREAMS": str(2 * at_once),
        "AICC_DIALOG_SERVICE_URLS": f"orders={orders}",
    }
    with mock.patch.dict("os.environ", settings):
        yield


@contextmanager
def _lines(scenarios: Sequence[Scenario], prompters: Mapping[str, Prompter]) -> Iterator[None]:
    """Let the composition root's switchboard have a line for each scenario beside the tenant's own."""

    class Exchange(Switchboard):
        def __init__(self, ledger: Any, services: Mapping[str, Services], *rest: Any, **named: Any) -> None:
            own = {
                scenario.name: _serving(services[tenant_of(scenario)], scenario, prompters.get(scenario.name))
                for scenario in scenarios
            }
            super().__init__(ledger, {**services, **own}, *rest, **named)

    with mock.patch.object(gateway.app, "Switchboard", Exchange):
        yield


def _serving(base: Services, scenario: Scenario, prompter: Prompter | None) -> Services:
    tenant = base.tenant
    line = tenant.line(scenario.line or next(line.alias for line in tenant.lines if line.language == scenario.language))
    assert line is not None, f"{scenario.name}: the tenant has no line {scenario.line}"
    here = {**line.model_dump(), "number": number(scenario), "alias": scenario.name}
    quiet = _merged(tenant.model_dump(), {"recording": {"consent": "never"}})  # nor is that announced
    different = _merged(quiet, {**scenario.tenant, "lines": [here]})
    trunk = None if scenario.outside is None else Line(scenario.outside)
    return replace(
        base,
        tenant=Tenant.model_validate(different),
        recognizer=prompter or base.recognizer,
        now=lambda: scenario.now,
        trunk=lambda: trunk,
        toll=base.toll if trunk is None else Free(),
    )


def _merged(whole: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(whole)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
