"""The house as it stands open: what there is, by name, for whoever serves requests, commands and tests.

Refuses: opening and closing anything (``gateway.app``), and routes (``gateway.web``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto
from pathlib import Path
from typing import TYPE_CHECKING

from dialog.manager import DialogueManager
from dialog.memory.tenant import TenantMemory
from dialog.models.language_model import LanguageModel
from dialog.releases.teaching import taught
from gateway.access.entrance import Entrance
from gateway.access.tickets import Purpose
from gateway.analytics.kpis.reports import Reports
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.search import CallSearch
from gateway.api.chats import Chats
from gateway.api.web_calls import WebCalls
from gateway.custody.opening import Custodian
from gateway.desk.desk import Desk
from gateway.desk.handoff import HandoffDesk
from gateway.desk.reception import Reception
from gateway.outbound.desk import OutboundDesk, TenantDesk
from gateway.outbound.store import DueCalls
from gateway.session.errors import NoRecording
from gateway.session.ledger import Ledger
from gateway.session.recorded_sound import RecordedSound
from gateway.session.recording import Recordings
from gateway.session.records import CallRecord
from gateway.session.switchboard import Switchboard
from gateway.session.tenant import Tenant
from gateway.settings import GatewaySettings
from gateway.telephony.leg import MediaLeg
from gateway.telephony.open_systems import OpenSystems
from gateway.telephony.sip.opening import SipEndpoint
from gateway.telephony.softphone_door import Visit, VisitorKind
from infra.storage.sealed_words import SealedWords
from infra.storage.subject_keys import SubjectKeys
from knowledge.hosting import WorkerRetriever
from stt import engines as ears
from stt.hotwords import hotwords

if TYPE_CHECKING:
    from gateway.api.mcp_server import McpServers


class Parts(Flag):
    """What to open beside tenants, knowledge and dialog."""

    NONE = 0
    LEDGER = auto()
    """The durable ledger; without it contacts are kept in memory and gone afterwards."""
    MEDIA = auto()
    """Ears, mouth and telephone; needs the ledger."""
    LANGUAGE_MODEL = auto()
    """The language model that is configured, if one is."""


@dataclass(frozen=True, slots=True)
class People:
    """Everything for people with a browser: who gets in, the agents' desk, past calls, reports, calls from a page."""

    entrance: Entrance
    desk: Desk
    search: CallSearch
    reports: Reports
    web_calls: WebCalls
    rubrics: Mapping[str, Rubrics]
    """By tenant, what its contacts are judged by, where they are."""
    judgements: JudgementSearch
    custodians: Mapping[str, Custodian] = field(default_factory=dict)
    """By tenant, who holds, erases and lets go of its contacts."""

    async def redeem(self, ticket: str) -> Visit | None:
        """Whoever shows a ticket at the softphone's door: a caller of our page, or somebody who is signed in."""
        visit = await self.web_calls.redeem(ticket)
        admission = None if visit is not None else await self.entrance.tickets.redeem(ticket, Purpose.SOFTPHONE)
        if admission is None:
            return visit
        who = admission.identity
        return Visit(VisitorKind.AGENT, who.tenant, admission.subject, who.user)

    async def serve(self, leg: MediaLeg, visit: Visit) -> None:
        """Let somebody of the desk into their call."""
        await self.desk.attendance.serve(leg, visit.tenant, visit.user, visit.call)


@dataclass(slots=True)
class House:
    """Everything that is open."""

    settings: GatewaySettings
    data: Path
    tenants: dict[str, Tenant]
    dialogues: dict[str, DialogueManager]
    ledger: Ledger
    desk: HandoffDesk
    """Where hand-overs are written down; of calls, the ``reception`` puts them into queues."""
    knowledge: WorkerRetriever
    chats: Chats
    keys: SubjectKeys | None = None
    """Contacts' own keys, where there is a database to keep them in."""
    numbers: dict[str, SealedWords] = field(default_factory=dict)
    """By tenant, what people's numbers are sealed with; none where there is no database."""
    recordings: Recordings | None = None
    """None where no calls are taken."""
    reception: Reception | None = None
    language_model: LanguageModel | None = None
    recognizer: ears.Engines | None = None
    switchboard: Switchboard | None = None
    systems: OpenSystems = field(default_factory=OpenSystems)
    """Where telephone systems and platforms beside the carriers bring calls."""
    sip: SipEndpoint | None = None
    """Where an address for SIP is set; it listens once it is told to."""
    due_calls: dict[str, DueCalls] = field(default_factory=dict)
    """By tenant: calls of our own that are to be made, or were; none where there is no database."""
    callbacks: dict[str, TenantDesk] = field(default_factory=dict)
    """The due calls of the tenants that make calls by themselves."""
    outbound: OutboundDesk | None = None
    """Where the carrier and sessions tell what becomes of those calls."""
    mcp: McpServers | None = None
    """What tenants offer to other programs; None where nobody offers anything, or nobody is served."""
    people: People | None = None
    """Those who sign in, their desk, and the calls from the web page; None where no calls are taken."""
    memories: dict[str, TenantMemory] = field(default_factory=dict)
    """By tenant: what is remembered of its customers."""
    hotwords: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By tenant and language: the words of its own that a recognizer is told to expect."""

    async def knowledge_changed(self, tenant: str) -> None:
        """Let the recognizer hear the words that a tenant's knowledge has now, and heads see what it sees of texts, if
        they could not before: a model may only have been converted since."""
        manager = self.dialogues[tenant]
        manager.renew(await taught(manager.release, self.knowledge))
        if self.recognizer is not None:
            for language in self.tenants[tenant].languages:
                texts = await self.knowledge.texts(tenant, language)
                self.hotwords[tenant, language] = hotwords(texts, language)
                await self.recognizer.learn(tenant, language, texts)

    def unready(self) -> dict[str, str]:
        """What keeps the node from taking calls, by part."""
        failure = getattr(self.ledger, "failure", None)
        return {"ledger": str(failure)} if failure is not None else {}

    async def recording(self, tenant: str, record: CallRecord) -> RecordedSound:
        """The recording of a call, open. Raises ``NoRecording``, and see ``Recordings.sound``."""
        if self.recordings is None:
            raise NoRecording("no calls are taken here, and none are recorded")
        return await self.recordings.sound(tenant, record.call_id, record.started_at.date())
