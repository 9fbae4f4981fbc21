from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gateway.commands.services import ServiceNotStarted, example_services

EXAMPLE = Path(__file__).parents[3] / "examples" / "hanbit-store"


async def test_the_example_service_answers_while_it_is_wanted_and_not_after() -> None:
    async with example_services([EXAMPLE]) as urls:
        assert set(urls) == {"mails", "orders", "visits"}
        assert urls.pop("mails").startswith("smtp://")
        async with httpx.AsyncClient(trust_env=False) as http:
            for url in urls.values():
                assert (await http.get(f"{url}/health")).status_code == 200
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in urls.values():
            with pytest.raises(httpx.ConnectError):
                await http.get(f"{url}/health")


async def test_a_service_that_does_not_come_up_is_named(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "bad_service.py").write_text("print('hello')")
    with pytest.raises(ServiceNotStarted, match=r"bad_service\.py did not say where it listens"):
        async with example_services([tmp_path]):
            pass
