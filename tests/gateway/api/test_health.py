from __future__ import annotations

from gateway.api.health import health_router, metrics_router
from infra.telemetry.metrics import metrics
from tests.gateway.http import client


async def test_readiness_names_what_is_missing() -> None:
    problems: dict[str, str] = {"ledger": "fenced"}
    async with client(health_router(lambda: problems)) as http:
        assert (await http.get("/healthz")).status_code == 200
        response = await http.get("/readyz")
        assert (response.status_code, response.json()["problems"]) == (503, {"ledger": "fenced"})
        problems.clear()
        assert (await http.get("/readyz")).status_code == 200


async def test_the_language_model_is_named() -> None:
    async with client(health_router(dict)) as http:
        assert (await http.get("/readyz")).json()["language_model"] == "none"
    async with client(health_router(dict, "openai:small-ko")) as http:
        assert (await http.get("/readyz")).json()["language_model"] == "openai:small-ko"


async def test_metrics_are_in_prometheus_format() -> None:
    metrics.counter("aicc_test_health_total", "Something that a test counted").inc()
    async with client(metrics_router()) as http:
        assert "aicc_test_health_total 1.0" in (await http.get("/metrics")).text
