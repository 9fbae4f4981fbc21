"""How refusals look over HTTP: ``{"code": …, "message": …}``: the code for programs and pages, the message for people.

What FastAPI answers by itself keeps its ``detail``. Refuses: repeating what was sent, for it may hold a password.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.access.errors import AccessError, SignInPaused
from infra.storage.errors import DatabaseUnavailable, StatementTimedOut, StorageError, ValueNotHeld

CODES = {400: "bad_request", 401: "not_signed_in", 403: "not_allowed", 404: "not_found", 409: "conflict"}
"""By status, where who refused named none."""


def answer_errors(app: FastAPI) -> None:
    """Let an application answer the errors of this house's entrance, and all others in the same form."""
    app.add_exception_handler(AccessError, _refused)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_exception_handler(StatementTimedOut, _unavailable)
    app.add_exception_handler(ValueNotHeld, _not_held)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(HTTPException, _declined)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AccessError)
    headers = {"retry-after": str(error.seconds)} if isinstance(error, SignInPaused) else None
    return JSONResponse({"code": error.code, "message": str(error)}, error.status, headers)


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StorageError)
    return JSONResponse({"code": error.code, "message": "what we keep cannot be reached: try again"}, 503)


async def _not_held(_request: Request, _error: Exception) -> JSONResponse:
    """Whatever named it, in an address or a query: it is nothing that we could have."""
    message = "what was sent holds something that cannot be kept, such as NUL: leave it out"
    return JSONResponse({"code": "invalid_request", "message": message}, 422)


async def _misunderstood(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems: list[dict[str, Any]] = [
        {"loc": problem["loc"], "msg": problem["msg"], "type": problem["type"]} for problem in error.errors()
    ]
    first = problems[0]
    message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return JSONResponse({"code": "invalid_request", "message": message, "detail": problems}, 422)


async def _declined(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.detail, dict):
        return JSONResponse(error.detail, error.status_code, error.headers)
    code = CODES.get(error.status_code, "refused")
    content = {"code": code, "message": error.detail, "detail": error.detail}
    return JSONResponse(content, error.status_code, error.headers)
