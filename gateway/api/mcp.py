"""The door to the tenants' MCP servers: ``POST /v1/tenants/{tenant}/mcp``.

A client shows the house's token, as for every other route, or one of its own (``AICC_GATEWAY_MCP_TOKENS``), which opens
nothing but the servers of the tenants that name it in their ``mcp.yaml``. Whom it acts for does not stand in what a
model writes but in headers, which whoever connects it sets: ``Aicc-Customer`` names the customer, if the tenant lets
this client act for customers; ``Aicc-Contact`` the contact; ``Accept-Language`` chooses among the tenant's languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Header, HTTPException, Request, Response
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from dialog.actions.rules import Identity, Standing
from gateway.api.bearer import CHALLENGE, MISSING, bearer_token, is_secret
from gateway.api.mcp_contacts import Visitor
from gateway.api.mcp_offer import HOUSE, Offer
from gateway.api.mcp_server import McpServers
from infra.telemetry.metrics import metrics

_REFUSED: Final = metrics.counter(
    "aicc_mcp_refused", "Requests of MCP clients that were refused at the door", ["reason"]
)

_ID = re.compile(r"[A-Za-z0-9_.:@-]{1,64}", re.ASCII)


def mcp_router(servers: McpServers, token: SecretStr | None, clients: Mapping[str, SecretStr]) -> APIRouter:
    """``POST /v1/tenants/{tenant}/mcp``. ``token`` is the house's (None: none is asked for), ``clients`` are the tokens
    of MCP clients by their name."""
    router = APIRouter(tags=["mcp"])

    @router.post("/v1/tenants/{tenant}/mcp", response_class=Response)
    async def serve(
        tenant: str,
        request: Request,
        authorization: Annotated[str, Header()] = "",
        aicc_customer: Annotated[str, Header()] = "",
        aicc_contact: Annotated[str, Header()] = "",
        accept_language: Annotated[str, Header()] = "",
    ) -> Response:
        client = _client(authorization, token, clients)
        if client is None:
            raise _refused(401, "token", MISSING, CHALLENGE)
        calls = servers.calls.get(tenant)
        if calls is None:
            raise _refused(404, "tenant", f"tenant {tenant} offers nothing over MCP")
        offer = calls.offer
        if client != HOUSE and client not in offer.clients:
            raise _refused(403, "client", f"tenant {tenant} does not name the client {client} in its mcp.yaml")
        visitor = Visitor(
            client,
            _standing(offer, client, aicc_customer),
            _language(accept_language, calls.release.tenant.languages),
            _contact(aicc_contact),
        )
        return _Served(servers, tenant, visitor)

    return router


class _Served(Response):
    """An answer that the tenant's MCP server gives itself."""

    def __init__(self, servers: McpServers, tenant: str, visitor: Visitor) -> None:
        super().__init__()
        self._servers = servers
        self._tenant = tenant
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the server answer; what it refuses by itself is counted."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                _REFUSED.labels("protocol").inc()
            await send(message)

        await self._servers.serve(self._tenant, self._visitor, scope, receive, watched)


def _client(authorization: str, token: SecretStr | None, clients: Mapping[str, SecretStr]) -> str | None:
    """Whose credentials these are; without a token of the house, whoever shows none is on this machine."""
    shown = bearer_token(authorization)
    if shown is None:
        return HOUSE if token is None and not authorization else None
    known = {**clients, **({} if token is None else {HOUSE: token})}
    found = [name for name, secret in known.items() if is_secret(shown, secret)]
    return found[0] if found else None


def _standing(offer: Offer, client: str, customer: str) -> Standing:
    if not customer:
        return Standing()
    level = offer.clients.get(client, Identity.NONE)
    if level is Identity.NONE:
        raise _refused(
            403, "customer", f"the client {client} may not act for customers: see acts_for_customers in mcp.yaml"
        )
    if not _ID.fullmatch(customer):
        raise _refused(400, "customer", "Aicc-Customer is no customer's id")
    return Standing(identity=level, customer=customer)


def _contact(name: str) -> str:
    if name and not _ID.fullmatch(name):
        raise _refused(400, "contact", "Aicc-Contact is a name of at most 64 letters, digits and _.:@-")
    return name


def _language(accepted: str, languages: tuple[str, ...]) -> str:
    """The first language of the tenant's that is accepted (RFC 9110, section 12.5.4, taken in the order given)."""
    wanted = [part.split(";")[0].split("-")[0].strip().lower() for part in accepted.split(",")]
    return next((code for code in wanted if code in languages), languages[0])


def _refused(status: int, reason: str, why: str, headers: Mapping[str, str] | None = None) -> HTTPException:
    _REFUSED.labels(reason).inc()
    return HTTPException(status, why, dict(headers or {}))
