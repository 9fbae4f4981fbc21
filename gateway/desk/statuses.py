"""How refusals of the desk look over HTTP: the code by name, and a status that says what kind of refusal it is."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from gateway.desk.agent_actions import ActionRefused, ArgumentsRefused, NoSuchAction, NoSuchProposal
from gateway.desk.assist import NoSuchCard
from gateway.desk.errors import CallNotHere, DeskError, NoSuchTarget, NotYourCall
from gateway.desk.floor.errors import FloorError, NotOnFloor, NotYours
from gateway.desk.wrap_up import WrapUpRefused
from gateway.session.errors import (
    InquiryUnderWay,
    LedgerError,
    NotAcknowledged,
    NotInCall,
    OnlyOverheard,
    PayloadRefused,
    StaleGrip,
)
from infra.errors import AiccError
from knowledge.errors import KnowledgeError

_STATUS: dict[type[AiccError], int] = {
    CallNotHere: 404,
    NoSuchTarget: 404,
    NotOnFloor: 404,
    NoSuchCard: 404,
    NoSuchAction: 404,
    NoSuchProposal: 404,
    NotYourCall: 403,
    NotYours: 403,
    FloorError: 409,
    DeskError: 409,
    StaleGrip: 409,
    NotInCall: 409,
    OnlyOverheard: 409,
    InquiryUnderWay: 409,
    ActionRefused: 409,
    ArgumentsRefused: 422,
    WrapUpRefused: 422,
    PayloadRefused: 422,
    NotAcknowledged: 409,
    LedgerError: 503,
    KnowledgeError: 503,
}


def answer_refusals(app: FastAPI) -> None:
    """Let an application answer them as ``{"code": …, "message": …}``."""
    for kind in _STATUS:
        app.add_exception_handler(kind, _refused)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AiccError)
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    more = {"reason": error.reason} if isinstance(error, ActionRefused) else {}
    return JSONResponse({"code": error.code, "message": str(error), **more}, status)
