from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from gateway.desk.agent_actions import ActionRefused
from gateway.desk.errors import CallNotHere, NotYourCall
from gateway.desk.floor.errors import AgentBusy, NoSuchQueue, NotYours, OfferGone
from gateway.desk.statuses import answer_refusals
from gateway.desk.wrap_up import WrapUpRefused
from gateway.session.errors import LedgerFull, NotAcknowledged, NotInCall, PayloadRefused, StaleGrip
from infra.errors import AiccError
from knowledge.errors import KnowledgeError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallNotHere("x"), 404),
        (NoSuchQueue("x"), 404),
        (NotYourCall("x"), 403),
        (NotYours("x"), 403),
        (OfferGone("x"), 409),
        (AgentBusy("x"), 409),
        (StaleGrip("x"), 409),
        (NotInCall("x"), 409),
        (ActionRefused("too_often", "x"), 409),
        (WrapUpRefused("x"), 422),
        (PayloadRefused("x"), 422),
        (NotAcknowledged("x"), 409),
        (LedgerFull("x"), 503),
        (KnowledgeError("x"), 503),
    ],
)
async def test_a_refusal_has_its_code_its_words_and_a_status_of_its_kind(error: AiccError, status: int) -> None:
    app = FastAPI()
    answer_refusals(app)

    @app.post("/deed")
    async def deed() -> None:
        raise error

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        answer = await client.post("/deed")
    assert answer.status_code == status
    assert answer.json()["code"] == error.code
    assert answer.json()["message"] == "x"
    assert answer.json().get("reason") == getattr(error, "reason", None)
