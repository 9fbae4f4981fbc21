"""The composition root: the only place that constructs engines and wires the rooms together.

``open_house`` opens as much of the house as is asked for, the slow parts side by side, and closes it in reverse order.
Refuses: any rule of its own. What it decides is only who is given to whom.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from dialog.actions.action import Action, ActionPort, Via
from dialog.actions.digests import Digests
from dialog.actions.dispatch import Dispatcher
from dialog.actions.http_actions import HttpActions
from dialog.actions.ports import ActionPorts, message_ports
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.python_actions import open_python_actions
from dialog.actions.runner import ActionRunner
from dialog.actions.sealed import SealedActionStore
from dialog.actions.sql_actions import SqlActions, read_statements
from dialog.actions.store import ActionStore, MemoryActionStore
from dialog.actions.sweep import Sweep, keep_sweeping
from dialog.clock import utc_now
from dialog.errors import ToolMisfit
from dialog.manager import DialogueManager
from dialog.memory.flows import MemoryActions, with_memory
from dialog.memory.sweep import keep_forgetting
from dialog.models.language_model import LanguageModel, open_language_model
from dialog.releases.content import name_of
from dialog.releases.release import Release, load_release
from dialog.releases.teaching import all_taught
from dialog.settings import DialogSettings, LanguageModelSettings
from gateway.access.entrance import open_entrance
from gateway.access.postgres import PostgresAccess
from gateway.access.settings import AccessSettings
from gateway.analytics.call_metrics import CallMetrics
from gateway.analytics.following import following
from gateway.analytics.kpis.reports import open_reports
from gateway.analytics.kpis.settling import Settling, keep_settling
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.rubric import rubrics_of
from gateway.analytics.quality.sweep import Scoring, keep_scoring
from gateway.analytics.search import CallSearch
from gateway.analytics.tracing.tracer import tracing
from gateway.analytics.webhooks.opening import open_webhooks
from gateway.analytics.webhooks.settings import WebhookSettings
from gateway.api.chats import Chats
from gateway.api.mcp_contacts import Contacts, Visitor
from gateway.api.mcp_offer import read_offer
from gateway.api.web_calls import WebCalls
from gateway.custody.opening import Custodian, custodian_of, eraser_of, kept_of
from gateway.custody.sweep import keep_letting_go
from gateway.desk.floor.postgres import PostgresFloorStore
from gateway.desk.floor.sweep import keep_sweeping as keep_sweeping_floors
from gateway.desk.handoff import HandoffDesk
from gateway.desk.opening import Calls, Ways, open_desk, queues_of
from gateway.house import House, Parts, People
from gateway.outbound.callback_actions import CallbackActions
from gateway.outbound.desk import OutboundDesk
from gateway.outbound.forgetting import reaching_due_calls
from gateway.outbound.opening import choose_dialer, due_calls, kept_calls, tenant_desk
from gateway.outbound.placing import Placing, keep_placing
from gateway.outbound.settings import OutboundSettings
from gateway.outbound.sweep import keep_sweeping_calls
from gateway.outbound.toll_store import TollGate
from gateway.session.aftermath import Aftermath
from gateway.session.call_load import CallLoad
from gateway.session.clear_numbers import keep_sealing
from gateway.session.disclosure import Disclosure
from gateway.session.ledger import CallLog, Ledger
from gateway.session.memories import open_memories
from gateway.session.memory_log import MemoryContactLog
from gateway.session.numbers import open_numbers, served
from gateway.session.ports import CallRecorder, Services
from gateway.session.processing import Processing
from gateway.session.recording import FOLDER, Recordings, open_recordings
from gateway.session.room import Room
from gateway.session.store import ContactLog
from gateway.session.strain import LoopLag, Strain
from gateway.session.switchboard import Switchboard
from gateway.session.tenant import Tenant, load_tenant
from gateway.session.text import TextSession
from gateway.settings import GatewaySettings
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.sip.opening import sip_endpoint
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.systems import open_systems
from infra.config import load
from infra.errors import ConfigError
from infra.settings import DatabaseSettings, TracesSettings
from infra.storage.database import Database
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.sealed_values import SealedValues
from infra.storage.sealed_words import SealedWords, open_sealed_words
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys
from infra.supervision import ended
from infra.workers import WorkerPool
from knowledge.hosting import WorkerRetriever, knowledge_host
from knowledge.settings import KnowledgeSettings, QdrantSettings
from stt import engines as ears
from stt.final_lag import FinalLag
from stt.melody import Melody
from stt.settings import SttSettings
from stt.vad import Segmenter, SileroModel, VoiceActivity
from tts import engines as voices
from tts.settings import TtsSettings

Steps = Callable[[str, str], None]
"""Told of each step: its name, and ``started`` or ``done``."""

START_WITHIN = 180.0
"""Seconds that a part may take to start."""


@asynccontextmanager
async def open_house(data: Path, folders: Sequence[Path], parts: Parts, steps: Steps) -> AsyncIterator[House]:
    """Open the house with its data in ``data`` for the tenants in ``folders``.

    Raises ``ConfigError`` and the packages' own errors; whatever was opened until then is closed again.
    """
    tenants = await asyncio.to_thread(_load_tenants, data, folders)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.TaskGroup() as opening:
                ledger = opening.create_task(_open_ledger(stack, data, parts, tenants, steps))
                knowledge = opening.create_task(_open_knowledge(stack, data, steps))
                model = opening.create_task(_open_language_model(stack, parts, steps))
                dialogue = opening.create_task(asyncio.to_thread(_load_dialogs, folders, steps))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group  # the one that a person can act upon
        log, storage = ledger.result()
        database = None if storage is None else storage.database
        house = _furnish(data, tenants, log, knowledge.result(), stack)
        house.language_model = model.result()
        if Parts.MEDIA in parts:
            await stack.enter_async_context(following(log, CallMetrics().saw, "not counted"))
            await stack.enter_async_context(tracing(log, load(TracesSettings), house.settings.node))
        taught_ones = await all_taught(dialogue.result(), house.knowledge)
        releases = {tenant: with_memory(release) for tenant, release in taught_ones.items()}
        house.memories = open_memories(releases.values(), house.tenants, database, data)
        if storage is not None:
            house.keys, house.numbers = storage.keys, storage.numbers
            await _open_due_calls(stack, house, storage.database, storage.keys)
            if Parts.MEDIA in parts:
                sealing = keep_sealing(storage.database, storage.numbers)
                stack.push_async_callback(ended, asyncio.create_task(sealing, name="seal numbers from before"))
                telling = open_webhooks(storage.database, tenants.values(), load(WebhookSettings), utc_now)
                await stack.enter_async_context(telling)
        ways = await _open_dialogues(stack, house, releases, database)
        if Parts.MEDIA in parts:
            await _open_people(stack, house, ways, database)
            await _open_media(stack, house, database, steps)
            _open_outbound(stack, house)
            await _open_mcp(stack, house, releases, ways)
        stack.push_async_callback(ended, asyncio.create_task(keep_forgetting(house.memories.values()), name="forget"))
        stack.push_async_callback(house.chats.close_idle, everything=True)
        yield house


@dataclass(frozen=True, slots=True)
class _Storage:
    """Where contacts are kept, contacts' own keys, and by tenant what numbers are sealed with."""

    database: Database
    keys: SubjectKeys
    numbers: dict[str, SealedWords]


def _load_tenants(data: Path, folders: Sequence[Path]) -> dict[str, Tenant]:
    data.mkdir(parents=True, exist_ok=True)
    tenants = {tenant.id: tenant for tenant in map(load_tenant, folders)}
    if len(tenants) != len(folders):
        raise ConfigError("two tenants have the same id; each folder needs its own")
    return tenants


def _furnish(
    data: Path, tenants: dict[str, Tenant], ledger: Ledger, knowledge: WorkerRetriever, stack: AsyncExitStack
) -> House:
    dialogues: dict[str, DialogueManager] = {}
    desk = HandoffDesk(ledger)

    def open_chat(tenant: str, language: str) -> TextSession:
        if language not in tenants[tenant].languages:
            raise KeyError(language)
        log = ledger.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="chat", language=language, channel="chat")
        own = tenants[tenant]
        disclosure, processing = Disclosure(own.disclosure.version), Processing(own.processing.consent)
        return TextSession(dialogues[tenant], desk, log, language, disclosure, processing)

    return House(
        settings=load(GatewaySettings),
        data=data,
        tenants=tenants,
        dialogues=dialogues,
        ledger=ledger,
        desk=desk,
        knowledge=knowledge,
        chats=Chats(open_chat),
    )


async def _open_ledger(
    stack: AsyncExitStack, data: Path, parts: Parts, tenants: dict[str, Tenant], steps: Steps
) -> tuple[Ledger, _Storage | None]:
    if Parts.LEDGER not in parts:
        memory = MemoryContactLog()
        await memory.start()
        stack.push_async_callback(memory.close)
        return memory, None
    steps("database", "started")
    database = await stack.enter_async_context(open_storage(load(DatabaseSettings), data))
    for tenant in tenants:
        await database.enter_tenant(tenant)
    keys = await stack.enter_async_context(open_subject_keys(load(KeySettings), database, data))
    storage = _Storage(database, keys, await open_numbers(keys, tenants))
    node = load(GatewaySettings).node
    # Two processes of one name would fence each other: a command line beside a gateway is a node of its own.
    name = node if Parts.MEDIA in parts else f"{node}-{os.getpid()}"
    ledger = ContactLog(database, name, served(storage.numbers))
    await ledger.start()
    stack.push_async_callback(ledger.close)
    steps("database", "done")
    return ledger, storage


async def _open_knowledge(stack: AsyncExitStack, data: Path, steps: Steps) -> WorkerRetriever:
    steps("knowledge", "started")
    settings = load(KnowledgeSettings)
    pool = WorkerPool(knowledge_host, load(QdrantSettings), settings, data, processes=1, name="knowledge")
    stack.push_async_callback(pool.close)
    await pool.start(START_WITHIN)
    steps("knowledge", "done")
    return WorkerRetriever(pool, settings, data)


async def _open_language_model(stack: AsyncExitStack, parts: Parts, steps: Steps) -> LanguageModel | None:
    settings = load(LanguageModelSettings)
    if Parts.LANGUAGE_MODEL not in parts or settings.engine == "none":
        return None
    steps("language model", "started")
    model = await open_language_model(settings)
    if model is not None:
        stack.push_async_callback(model.close)
    steps("language model", "done")
    return model


def _load_dialogs(folders: Sequence[Path], steps: Steps) -> dict[str, Release]:
    steps("dialog", "started")
    releases = {load_tenant(folder).id: _named(load_release(folder), folder) for folder in folders}
    steps("dialog", "done")
    return releases


def _named(release: Release, folder: Path) -> Release:
    """A folder that a release was laid out as bears its name, which covers the knowledge and the models as well."""
    return replace(release, id=name_of(folder) or release.id)


async def _open_dialogues(
    stack: AsyncExitStack, house: House, releases: Mapping[str, Release], database: Database | None
) -> dict[str, tuple[ActionPort, ActionStore]]:
    """A dialogue manager for each tenant, with what its actions reach and where they are kept. Where there is a
    database, what an action changes is kept in it, and what another process left in the middle is looked after."""
    settings = load(DialogSettings)
    reached: dict[Via, ActionPort] = {Via.HTTP: HttpActions(settings.service_urls)}
    stack.push_async_callback(ActionPorts(reached).close)
    if settings.action_modules:
        reached[Via.PYTHON] = await open_python_actions(settings.action_modules)
    actions = [action for release in releases.values() for action in release.actions.values()]
    if any(action.service.via is Via.MCP for action in actions if not action.steps):
        reached[Via.MCP] = await _open_mcp_actions(actions, settings)
    ways: dict[str, tuple[ActionPort, ActionStore]] = {}
    sweeps = []
    for tenant, release in releases.items():
        statements = read_statements(house.tenants[tenant].folder, release.actions.values())
        posted = message_ports(release.actions.values(), release.templates, settings.service_urls)
        stack.push_async_callback(ActionPorts(posted).close)
        calls = house.due_calls.get(tenant)
        if calls is not None and (desk := tenant_desk(house.tenants[tenant], calls, release)) is not None:
            house.callbacks[tenant] = desk
            posted = {**posted, Via.CALLS: CallbackActions(desk)}
        memory = house.memories.get(tenant)
        if memory is not None:
            posted = {**posted, Via.MEMORY: MemoryActions(memory, release)}
        port = ActionPorts({**reached, **posted, Via.SQL: SqlActions(statements, settings.service_urls)})
        store = await _action_store(house, tenant, database)
        ways[tenant] = port, store
        house.dialogues[tenant] = DialogueManager(
            release, house.knowledge, port, settings=settings, store=store, model=house.language_model, memory=memory
        )
        tidings = None if database is None else Aftermath(house.ledger, tenant)
        sweeps.append(Sweep(store, Dispatcher(port, store), release.actions, tidings=tidings))
    stack.push_async_callback(ended, asyncio.create_task(keep_sweeping(sweeps), name="sweep actions"))
    return ways


async def _action_store(house: House, tenant: str, database: Database | None) -> ActionStore:
    if database is None:
        return MemoryActionStore()
    assert house.keys is not None, "opened with the database"
    store = PostgresActionStore(database, tenant, Digests(await house.keys.of(tenant, "digests:actions")))
    await store.key_digests()
    return SealedActionStore(store, SealedValues(house.keys, tenant, "actions"))


async def _open_mcp_actions(actions: Sequence[Action], settings: DialogSettings) -> ActionPort:
    """What reaches MCP servers, compared with what they offer. Its client takes a while to import."""
    from dialog.actions.mcp_actions import McpActions

    port = McpActions(settings.service_urls, settings.service_tokens)
    try:
        await port.check(actions)
    except ToolMisfit:
        await port.close()
        raise
    return port


async def _open_mcp(
    stack: AsyncExitStack,
    house: House,
    releases: Mapping[str, Release],
    ways: Mapping[str, tuple[ActionPort, ActionStore]],
) -> None:
    """The MCP servers of the tenants that offer something. The SDK takes a while to import."""
    offers = {tenant: read_offer(house.tenants[tenant].folder, release) for tenant, release in releases.items()}
    if not any(offers.values()):
        return
    from gateway.api.mcp_calls import ToolCalls
    from gateway.api.mcp_server import McpServers

    patience = load(DialogSettings).journal_timeout
    calls = {}
    for tenant, offer in offers.items():
        if offer is not None:
            port, store = ways[tenant]
            runner = ActionRunner(port, store=store, journal_timeout=patience)
            contacts = Contacts(partial(_open_contact, house.ledger, tenant))
            calls[tenant] = ToolCalls(offer, releases[tenant], runner, store, house.knowledge, contacts)
    house.mcp = McpServers(calls, open_door=house.settings.api_token is None)
    await house.mcp.start()
    stack.push_async_callback(house.mcp.close)


def _open_contact(ledger: Ledger, tenant: str, visitor: Visitor, contact: str) -> CallLog:
    """Begin the record of an MCP client's contact."""
    return ledger.open_call(
        tenant=tenant, call_id=contact, line="mcp", language=visitor.language, channel="mcp", caller=visitor.client
    )


async def _open_media(stack: AsyncExitStack, house: House, database: Database | None, steps: Steps) -> None:
    ledger = house.ledger
    if database is None or house.keys is None or not isinstance(ledger, ContactLog):
        raise ConfigError("calls are taken only with a durable ledger: open Parts.LEDGER as well")
    steps("speech", "started")
    stt = load(SttSettings)
    recognizer = house.recognizer = await ears.choose(stt, house.data, tuple(house.tenants))
    stack.push_async_callback(recognizer.close)
    synthesizer = voices.choose(load(TtsSettings))
    stack.push_async_callback(synthesizer.close)
    final_lag = FinalLag()
    melody = await _open_melody(stack, stt.turn_model)
    activity = VoiceActivity(await asyncio.to_thread(SileroModel))
    stack.push_async_callback(activity.close)
    recordings = house.recordings = await stack.enter_async_context(open_recordings(house.data, house.keys, _today()))
    await voices.warm(synthesizer)
    segmenter = partial(
        Segmenter,
        start=stt.vad_start,
        stop=stt.vad_stop,
        min_speech=stt.vad_min_speech,
        min_silence=stt.vad_min_silence,
        margin=stt.vad_margin,
    )
    services = {
        tenant.id: Services(
            tenant=tenant,
            dialogue=house.dialogues[tenant.id],
            recognizer=recognizer,
            final_lag=final_lag,
            synthesizer=synthesizer,
            activity=activity,
            segmenter=segmenter,
            desk=house.reception or house.desk,
            record=_recorder(recordings, tenant.id),
            now=utc_now,
            melody=melody,
            hotwords=_hotwords(house, tenant.id),
            trunk=lambda: None if house.sip is None else house.sip.trunks,
            toll=TollGate(database, tenant, utc_now),
        )
        for tenant in house.tenants.values()
    }
    lag = LoopLag()
    stack.push_async_callback(ended, asyncio.create_task(lag.run(), name="loop lag"))
    settings = house.settings
    call_load = CallLoad(recognizer.cores * settings.max_recognition_load)
    strain = Strain(lag, lambda: recognizer.waiting, call_load, settings.max_loop_lag, settings.max_recognition_wait)
    switchboard = house.switchboard = Switchboard(ledger, services, settings.max_calls, strain.too_much)
    house.sip = sip_endpoint(load(SipSettings), switchboard, switchboard.serve, house.data)
    watching = strain.watch(lambda: recognizer.spent, lambda: (switchboard.calls, switchboard.speaking))
    stack.push_async_callback(ended, asyncio.create_task(watching, name="call load"))
    house.systems = await stack.enter_async_context(open_systems(switchboard, switchboard.serve))
    steps("speech", "done")


async def _open_people(
    stack: AsyncExitStack,
    house: House,
    ways: Mapping[str, tuple[ActionPort, ActionStore]],
    database: Database | None,
) -> None:
    """Who signs in, and the desk that calls are handed over to."""
    if database is None or house.keys is None:
        raise ConfigError("calls are taken only with a durable ledger: open Parts.LEDGER as well")
    entrance = open_entrance(load(AccessSettings), PostgresAccess(database), tuple(house.tenants), utc_now)
    stack.push_async_callback(entrance.close)
    queues = {tenant.id: queues_of(tenant) for tenant in house.tenants.values()}
    callbacks = {tenant: await open_sealed_words(house.keys, tenant, "callbacks") for tenant in house.tenants}
    floors = PostgresFloorStore(database, queues.__getitem__, callbacks.__getitem__)
    await floors.start()
    stack.push_async_callback(floors.close)
    patience = load(DialogSettings).journal_timeout
    desk, reception = open_desk(
        tenants=house.tenants,
        managers=house.dialogues,
        ways={
            tenant: Ways(ActionRunner(port, store=store, journal_timeout=patience), store)
            for tenant, (port, store) in ways.items()
        },
        knowledge=house.knowledge,
        ledger=house.ledger,
        floors=floors,
        handoffs=house.desk,
        audit=entrance.audit,
        calls=Calls(
            live_room(house),
            lambda: [] if house.switchboard is None else house.switchboard.rooms,
        ),
        node=house.settings.node,
        now=utc_now,
    )
    stack.push_async_callback(desk.close)
    stack.push_async_callback(ended, asyncio.create_task(desk.run(), name="desk"))
    sweeping = keep_sweeping_floors(floors, house.tenants, now=utc_now)
    stack.push_async_callback(ended, asyncio.create_task(sweeping, name="sweep floors"))
    house.reception = reception
    reports = await open_reports(database, house.tenants.values())
    settling = keep_settling([Settling(database, tenant) for tenant in house.tenants])
    stack.push_async_callback(ended, asyncio.create_task(settling, name="settle contacts"))
    folders = {tenant.id: tenant.folder for tenant in house.tenants.values()}
    rubrics = await asyncio.to_thread(rubrics_of, folders)
    judging = keep_scoring([Scoring(database, house.ledger, tenant, own) for tenant, own in rubrics.items()])
    stack.push_async_callback(ended, asyncio.create_task(judging, name="judge contacts"))
    web_calls = WebCalls(house.tenants.values())
    judgements, search = JudgementSearch(database), CallSearch(database, served(house.numbers))
    custodians = _custodians(house, database, house.keys)
    house.people = People(entrance, desk, search, reports, web_calls, rubrics, judgements, custodians)


def _custodians(house: House, database: Database, keys: SubjectKeys) -> dict[str, Custodian]:
    """By tenant, who holds and erases contacts for those who sign in."""
    shelf, audit, node = house.data / FOLDER, PostgresAccess(database), house.settings.node
    return {
        name: custodian_of(tenant, database, eraser_of(tenant, database, shelf, keys, audit, node), house.numbers[name])
        for name, tenant in house.tenants.items()
    }


async def _open_due_calls(stack: AsyncExitStack, house: House, database: Database, keys: SubjectKeys) -> None:
    """What became of calls of our own is kept for so long, and not of whoever wanted to be forgotten."""
    for tenant in house.tenants.values():
        house.due_calls[tenant.id] = await due_calls(tenant, database, keys)
    for name, memory in house.memories.items():
        house.memories[name] = reaching_due_calls(memory, house.due_calls[name])
    kept = [kept_calls(tenant, house.due_calls[tenant.id]) for tenant in house.tenants.values()]
    stack.push_async_callback(ended, asyncio.create_task(keep_sweeping_calls(kept), name="sweep due calls"))


def _let_go_of_contacts(stack: AsyncExitStack, house: House, database: Database, keys: SubjectKeys) -> None:
    """Contacts are kept for as long as their tenants want, and what somebody began to erase is erased."""
    shelf, audit = house.data / FOLDER, PostgresAccess(database)
    kept = [kept_of(tenant, database, shelf, keys, audit, house.settings.node) for tenant in house.tenants.values()]
    stack.push_async_callback(ended, asyncio.create_task(keep_letting_go(kept), name="let go of contacts"))


def _open_outbound(stack: AsyncExitStack, house: House) -> None:
    """Calls of our own: whoever answers one is taken to the switchboard; where a carrier is configured, they are
    placed while there is room to spare."""
    switchboard = house.switchboard
    assert switchboard is not None, "opened with the media"
    house.outbound = OutboundDesk(house.callbacks)
    switchboard.take_calls_of(house.outbound)
    settings = load(OutboundSettings)
    dialer = choose_dialer(settings, load(TelephonySettings))
    if dialer is None:
        return
    stack.push_async_callback(dialer.close)
    placings = [Placing(desk, dialer, house.ledger.call) for desk in house.callbacks.values()]
    placing = keep_placing(
        placings, lambda: min(settings.at_once, switchboard.spare(settings.reserve)), settings.interval
    )
    stack.push_async_callback(ended, asyncio.create_task(placing, name="place due calls"))


def _recorder(recordings: Recordings, tenant: str) -> Callable[[str, date, int], CallRecorder]:
    def record(call_id: str, day: date, rate: int) -> CallRecorder:
        return recordings.open(tenant, call_id, day, rate)

    return record


def _hotwords(house: House, tenant: str) -> Callable[[str], Sequence[str]]:
    return lambda language: house.hotwords.get((tenant, language), ())


async def _open_melody(stack: AsyncExitStack, model: Path | None) -> Melody | None:
    if model is None:
        return None
    melody = Melody(model)
    stack.push_async_callback(melody.close)
    await melody.start()
    return melody


def live_room(house: House) -> Callable[[str], Room | None]:
    """How to find a call that goes on, by its id."""
    return lambda call: None if house.switchboard is None else house.switchboard.live(call)


def _today() -> date:
    return utc_now().date()
