"""The composition root: what it refuses to put together, who may pass its doors. Integration tests meet it whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from dialog.actions.ports import ActionPorts
from dialog.manager import DialogueManager
from gateway.app import _open_language_model, open_house
from gateway.desk.handoff import HandoffDesk
from gateway.house import House, Parts
from gateway.session.errors import LedgerClosed, TenantInvalid
from gateway.session.memory_log import MemoryContactLog
from gateway.session.tenant import load_tenant
from gateway.settings import GatewaySettings
from gateway.web import web_app
from infra.errors import ConfigError
from knowledge.encoding import Encoded
from tests.dialog.surroundings import SmallSearch
from tests.house import EXAMPLE, example_release


def quiet(step: str, state: str) -> None:
    """No progress is shown."""


async def test_two_tenants_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="same id"):
        async with open_house(tmp_path, [EXAMPLE, EXAMPLE], Parts.NONE, quiet):
            pass


async def test_a_folder_that_is_no_tenant_is_named(tmp_path: Path) -> None:
    with pytest.raises(TenantInvalid, match=r"tenant\.yaml"):
        async with open_house(tmp_path / "data", [tmp_path], Parts.NONE, quiet):
            pass


async def test_the_language_model_is_opened_for_whoever_converses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICC_LLM_ENGINE", "openai")
    async with AsyncExitStack() as stack:
        assert await _open_language_model(stack, Parts.NONE, quiet) is None
        with pytest.raises(ConfigError, match="AICC_LLM_MODEL"):
            await _open_language_model(stack, Parts.LANGUAGE_MODEL, quiet)
        monkeypatch.setenv("AICC_LLM_MODEL", "small-ko")
        model = await _open_language_model(stack, Parts.LANGUAGE_MODEL, quiet)
        assert model is not None and model.identity == "openai:small-ko"


def house(tmp_path: Path, token: str | None = None, ledger: Any = None) -> House:
    book = ledger or MemoryContactLog()
    tenant = load_tenant(EXAMPLE)
    return House(
        settings=GatewaySettings(api_token=SecretStr(token) if token else None),
        data=tmp_path,
        tenants={tenant.id: tenant},
        dialogues={},
        ledger=book,
        desk=HandoffDesk(book),
        knowledge=SimpleNamespace(),  # type: ignore[arg-type]
        chats=SimpleNamespace(),  # type: ignore[arg-type]
    )


def client(whole: House) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(web_app(whole)), base_url="http://test")


async def test_a_house_that_takes_no_calls_has_no_recordings(tmp_path: Path) -> None:
    whole = house(tmp_path)
    await whole.ledger.start()  # type: ignore[attr-defined]
    log = whole.ledger.open_call(tenant="hanbit-store", call_id="c1", line="l", language="en")
    await log.acknowledged()
    async with client(whole) as http:
        answer = await http.get("/v1/tenants/hanbit-store/calls/c1/recording")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_recording")


GUARDED = ["/v1/tenants", "/v1/tenants/hanbit-store/calls", "/v1/tenants/hanbit-store/handoffs", "/metrics"]


@pytest.mark.parametrize("path", GUARDED)
async def test_with_a_token_nobody_passes_without_it(tmp_path: Path, path: str) -> None:
    whole = house(tmp_path, token="secret")
    await whole.ledger.start()  # type: ignore[attr-defined]
    async with client(whole) as http:
        assert (await http.get(path)).status_code == 401
        for wrong in ("Bearer wrong", "Bearer", "secret", "Basic secret"):
            assert (await http.get(path, headers={"authorization": wrong})).status_code == 401
        assert (await http.get(path, headers={"authorization": "Bearer secret"})).status_code == 200
        assert (await http.get("/healthz")).status_code == 200


async def test_without_a_token_everybody_on_this_machine_passes(tmp_path: Path) -> None:
    async with client(house(tmp_path)) as http:
        assert (await http.get("/v1/tenants")).status_code == 200


async def test_a_ledger_that_fails_makes_the_node_not_ready(tmp_path: Path) -> None:
    class Failing(MemoryContactLog):
        failure = LedgerClosed("fenced by another")

    async with client(house(tmp_path, ledger=Failing())) as http:
        response = await http.get("/readyz")
    assert (response.status_code, response.json()["problems"]) == (503, {"ledger": "fenced by another"})


async def test_heads_are_taught_when_the_knowledge_can_see_more(tmp_path: Path) -> None:
    class Seeing:
        async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
            return [Encoded(tuple(text.split()), None) for text in texts]

    whole = house(tmp_path)
    (tenant,) = whole.tenants
    manager = DialogueManager(example_release(), SmallSearch(), ActionPorts({}))
    whole.dialogues[tenant], whole.knowledge = manager, Seeing()  # type: ignore[assignment]
    before, release = manager.release.understander, manager.release.id
    await whole.knowledge_changed(tenant)
    assert (manager.release.understander is before, manager.release.id) == (False, release)
