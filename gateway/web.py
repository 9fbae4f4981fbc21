"""The house over HTTP and WebSocket: which routes there are, who guards them, and where sound comes in.

Refuses: opening anything; whoever serves a house has opened it.
"""

from __future__ import annotations

import uuid
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI

from dialog.clock import utc_now
from gateway.access.answers import answer_errors
from gateway.access.api import access_router
from gateway.access.sign_in_api import sign_in_router
from gateway.access.viewings import Viewings
from gateway.analytics.api import Choices, past_calls_router
from gateway.analytics.quality.api import QualityRoom, quality_router
from gateway.analytics.quality.judgements_api import judgements_router
from gateway.analytics.reports_api import ReportRoom, reports_router
from gateway.analytics.topics.finding import TopicSearch
from gateway.analytics.vault import CallVault
from gateway.analytics.vcon.api import vcon_router
from gateway.analytics.vcon.parties import Issuer
from gateway.analytics.vcon.settings import VconSettings
from gateway.analytics.vcon.signing import open_signer
from gateway.analytics.vcon.sounds import Sounds
from gateway.analytics.waveform import Waveforms
from gateway.api.bearer import doorkeeper
from gateway.api.callbacks import callbacks_router
from gateway.api.calls import calls_router
from gateway.api.chats import chats_router
from gateway.api.handoffs import handoffs_router
from gateway.api.health import health_router, metrics_router
from gateway.api.knowledge import knowledge_router
from gateway.api.memory import memory_router
from gateway.api.tenants import tenants_router
from gateway.api.web_calls import web_calls_router
from gateway.app import live_room
from gateway.custody.api import CustodyRoom, custody_router
from gateway.custody.audit_api import Verifier, audit_router
from gateway.desk.agent_api import agent_router
from gateway.desk.api import desk_router
from gateway.desk.call_api import call_router
from gateway.desk.closing import Closing
from gateway.desk.statuses import answer_refusals
from gateway.desk.wall_api import wall_router
from gateway.house import House, People
from gateway.pages.site import pages_router
from gateway.session.bot_turns import telling_bot_turns
from gateway.session.monitored import UNKNOWN, agent_of
from gateway.session.room import Room
from gateway.session.switchboard import Switchboard
from gateway.telephony.entrance import Door
from gateway.telephony.genesys.arrival import ServedLine
from gateway.telephony.genesys.connector import ConnectorLeg
from gateway.telephony.genesys.door import ConnectorDoor, Gate, MonitorDoor
from gateway.telephony.genesys.monitor import MonitorLeg
from gateway.telephony.genesys.settings import GenesysSettings
from gateway.telephony.leg import MediaLeg
from gateway.telephony.outbound_webhooks import outbound_router
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.softphone_door import SoftphoneDoor
from gateway.telephony.streams.carriers import open_carriers
from gateway.telephony.streams.door import MediaDoor
from gateway.telephony.streams.settings import CarrierSettings
from gateway.telephony.streams.webhooks import webhook_router
from infra.config import load
from infra.errors import ConfigError


def web_app(house: House) -> FastAPI:
    """The house over HTTP: telephony's webhooks, health, and ``/v1`` behind the token where one is set."""
    app = FastAPI(title="AICC", summary="A contact center backend", docs_url="/docs", redoc_url=None)
    answer_errors(app)
    model = house.language_model
    app.include_router(health_router(house.unready, "none" if model is None else model.identity))
    if house.switchboard is not None:
        for carrier in open_carriers(load(TelephonySettings), load(CarrierSettings)):
            app.include_router(webhook_router(carrier, load(TelephonySettings), house.switchboard))
    for router in house.systems.routers:
        app.include_router(router)
    if house.outbound is not None:
        app.include_router(outbound_router(load(TelephonySettings), house.outbound))

    def folder(tenant: str) -> Path | None:
        return house.tenants[tenant].folder if tenant in house.tenants else None

    guarded = [Depends(doorkeeper(house.settings.api_token))]
    if house.mcp is not None:
        from gateway.api.mcp import mcp_router

        app.include_router(mcp_router(house.mcp, house.settings.api_token, house.settings.mcp_tokens))
    for router in (
        metrics_router(),
        tenants_router(list(house.tenants.values())),
        calls_router(house.ledger, house.recording),
        chats_router(house.chats),
        knowledge_router(house.knowledge, folder, house.knowledge_changed),
        desk_router(house.ledger),
        handoffs_router(house.ledger, tuple(house.tenants)),
        callbacks_router(house.callbacks),
        memory_router(house.memories),
    ):
        app.include_router(router, dependencies=guarded)
    if house.people is not None:
        _let_people_in(app, house, house.people)
    return app


def _let_people_in(app: FastAPI, house: House, people: People) -> None:
    """The pages, and what they ask for: guarded by who is signed in, and not by the token, which is for programs."""
    entrance, desk = people.entrance, people.desk
    answer_refusals(app)
    guard, settings = entrance.guard, load(TelephonySettings)

    def choices(tenant: str) -> Choices:
        own = desk.tenants[tenant]
        ways = {language: own.wrap_ups.dispositions(language) for language in own.tenant.languages}
        names: dict[str, dict[str, str]] = {}
        for language, dispositions in ways.items():
            for one in dispositions:
                names.setdefault(one["id"], {})[language] = one["name"]
        queues = {queue.id: queue.name for queue in own.queues.by_id.values()}
        lines = {line.number: line.name or line.alias for line in own.tenant.lines}
        return Choices(queues, names, own.tenant.languages, lines)

    waveforms, viewings = Waveforms(), Viewings(entrance.audit, utc_now)
    topics = TopicSearch(people.reports, house.data)
    room = ReportRoom(people.reports, topics, people.search, entrance.audit, utc_now, choices)
    court = QualityRoom(house.ledger, people.search, people.judgements, entrance.store, viewings, people.rubrics.get)
    custody = CustodyRoom(people.custodians, entrance.store, viewings, utc_now)
    for router in (
        pages_router(entrance.settings.embed_origins),
        sign_in_router(entrance),
        access_router(entrance, CallVault(people.search)),
        agent_router(desk, guard, Closing(desk)),
        call_router(desk, guard),
        wall_router(desk, guard),
        past_calls_router(house.ledger, people.search, waveforms, house.recording, guard, viewings, choices),
        quality_router(court, guard),
        judgements_router(court, guard),
        reports_router(room, guard),
        custody_router(custody, guard),
        audit_router(custody, guard, Verifier()),
        _vcons(house, people, viewings),
        web_calls_router(people.web_calls, house.ledger, live_room(house), settings.web_calls, guard.origins),
    ):
        app.include_router(router)


def _vcons(house: House, people: People, viewings: Viewings) -> APIRouter:
    """Past calls for other systems."""
    settings = load(VconSettings)

    def issuer(tenant: str) -> Issuer:
        own = house.tenants[tenant]
        return Issuer(own.name.get(own.languages[0], own.id), settings.domain)

    sounds, guard = Sounds(house.recording, settings.domain), people.entrance.guard
    return vcon_router(house.ledger, people.search, guard, viewings, issuer, sounds.of, open_signer(settings))


def doors(house: House) -> tuple[Door, ...]:
    """Where sound comes in, from carriers and from browsers; the HTTP server hands them the sockets."""
    switchboard, people = house.switchboard, house.people
    assert switchboard is not None, "opened with the media"
    settings = load(TelephonySettings)
    carriers = open_carriers(settings, load(CarrierSettings))
    media: tuple[Door, ...] = tuple(
        MediaDoor(carrier, settings, switchboard, switchboard.serve) for carrier in carriers
    )
    media = (*media, *_genesys_doors(house, switchboard, settings), *house.systems.doors)
    if people is None:
        return media

    async def caller(leg: MediaLeg) -> None:
        await switchboard.serve(leg, leg.info.call_sid)

    return *media, SoftphoneDoor(settings, people, switchboard, caller, people.serve)


def _genesys_doors(house: House, switchboard: Switchboard, settings: TelephonySettings) -> tuple[Door, ...]:
    """Genesys Cloud's, where it has a key. Raises ``ConfigError`` for a key of nobody's."""
    genesys = load(GenesysSettings)
    for key in genesys.keys.values():
        tenant = house.tenants.get(key.tenant)
        if tenant is None:
            raise ConfigError(f"[genesys] keys: {key.tenant!r} is no tenant that is served here")
        if key.line and tenant.line(key.line) is None:
            raise ConfigError(f"[genesys] keys: {key.tenant} has no line {key.line!r}")

    def line(tenant: str, dialled: str) -> ServedLine | None:
        found = house.tenants[tenant].line(dialled)
        return None if found is None else ServedLine(found.number, house.tenants[tenant].languages)

    async def connect(leg: ConnectorLeg, tenant: str) -> None:
        call = uuid.uuid4().hex
        telling = telling_bot_turns(house.ledger, tenant, call, leg.tell) if genesys.bot_turns else nullcontext()
        async with telling:
            await switchboard.serve(leg, call)

    async def overhear(leg: MonitorLeg) -> None:
        agent, people = agent_of(leg.info), house.people
        follow = _nobody_helps if people is None or agent.id == UNKNOWN else people.desk.assistance.helping
        await switchboard.overhear(leg, leg.agent, agent, follow)

    gate = Gate(genesys, settings, switchboard, line)
    return (ConnectorDoor(gate, connect), MonitorDoor(gate, overhear)) if genesys.keys else ()


def _nobody_helps(room: Room) -> AbstractAsyncContextManager[None]:
    """Nobody knows at whose desk the call would be shown."""
    return nullcontext()
