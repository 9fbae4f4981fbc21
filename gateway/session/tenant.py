"""A tenant as the telephone sees it: its lines, voices, recording policy, hours and limits.

Read from ``tenant.yaml`` in the tenant's folder. What the dialog owns in that file (``dialog:``) is left to the dialog.

Refuses: intents, templates, knowledge. Changes nothing after loading: a call keeps the tenant it began with.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gateway.session.errors import TenantInvalid
from gateway.session.targets import Target, Toll
from infra.phone_numbers import ANYWHERE, NumberingPlan


class Consent(StrEnum):
    """When a call may be recorded."""

    NEVER = "never"
    NOTICE = "notice"
    """The greeting says so; staying on the line is agreement."""
    ASK = "ask"
    """Only after the caller said yes."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Part):
    """A number that callers dial. ``alias`` is its short name on a command line."""

    number: str
    alias: str
    language: str
    name: str = ""


class Recording(_Part):
    """The recording policy."""

    consent: Consent = Consent.NEVER
    keep_days: int = Field(default=90, ge=1)


class Disclosing(_Part):
    """What is kept of the disclosure that a machine speaks: ``version`` is the tenant's name for its wording."""

    version: str = Field(default="1", min_length=1, max_length=40)


class Processing(_Part):
    """Whether callers are asked before a machine understands and answers them. With ``notice`` the disclosure tells
    them, and staying on the line is agreement; with ``ask`` nothing is recognized until they agree."""

    consent: Literal[Consent.NOTICE, Consent.ASK] = Consent.NOTICE


class Surveyed(StrEnum):
    """Which contacts the caller is asked to rate."""

    NEVER = "never"
    BOT = "bot"
    """Those that the automatic service brought to their end."""
    PERSON = "person"
    """Those that a person of the desk ended."""
    ALL = "all"


class SurveyPolicy(_Part):
    """The question after a contact, how content the caller is; answers are counted under the name ``question``."""

    after: Surveyed = Surveyed.NEVER
    question: str = Field(default="csat", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")

    def asks(self, *, person: bool) -> bool:
        """Whether a contact is rated that a ``person``, or the automatic service, has ended."""
        return self.after is Surveyed.ALL or self.after is (Surveyed.PERSON if person else Surveyed.BOT)


class Retention(_Part):
    """For how many days a contact is kept beside its recording; none: for good. ``words``: whatever was said or
    written; ``records``: that there was a contact at all, and its figures."""

    words_days: int | None = Field(default=None, ge=1)
    records_days: int | None = Field(default=None, ge=1)


class VoiceChoice(_Part):
    """How one language is spoken; ``pace`` 1.0 is the voice's normal speed."""

    name: str = "default"
    pace: float = Field(default=1.0, gt=0.3, lt=3.0)


class Hours(_Part):
    """When people answer: spans of local time by weekday, and closed days."""

    weekly: dict[str, tuple[str, ...]] = {}
    closed: frozenset[date] = frozenset()

    @field_validator("weekly")
    @classmethod
    def _spans(cls, weekly: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for day, spans in weekly.items():
            if day not in _WEEKDAYS:
                raise ValueError(f"{day!r} is not a weekday ({', '.join(_WEEKDAYS)})")
            for span in spans:
                _span(span)
        return weekly

    def open_at(self, local: datetime) -> bool:
        """Whether people answer at that local time. Without any hours they always do."""
        if not self.weekly:
            return True
        if local.date() in self.closed:
            return False
        return any(start <= local.time() < end for start, end in self._spans_of(local.date()))

    def openings(self, day: date) -> tuple[time, ...]:
        """The local times at which a day's spans begin, in order."""
        return () if day in self.closed else tuple(sorted(start for start, _ in self._spans_of(day)))

    def _spans_of(self, day: date) -> list[tuple[time, time]]:
        return [_span(span) for span in self.weekly.get(_WEEKDAYS[day.weekday()], ())]


class Limits(_Part):
    """When patience ends."""

    no_input_seconds: float = Field(default=7.0, gt=0)
    no_input: int = Field(default=3, ge=1)
    no_match: int = Field(default=2, ge=1)
    after_silence: Literal["goodbye", "person"] = "goodbye"
    call_minutes: float = Field(default=15.0, gt=0)


class Voicemail(StrEnum):
    """What is done when a machine answers a call of ours."""

    TALK = "talk"
    """Nobody asks who answered: a person may have to wait for seconds until the carrier knows."""
    HANG_UP = "hang_up"
    MESSAGE = "message"
    """It is told who called, and nothing of why: nobody knows who will hear it."""


Pause = Annotated[float, Field(gt=0, le=7 * 24 * 60)]
"""Minutes until a call is tried again."""


class Outbound(_Part):
    """Calls that the house makes by itself. ``hours``: when somebody may be called (none: when people answer). A number
    without its country's code gets ``country_code`` for ``trunk_prefix``."""

    hours: Hours | None = None
    country_code: str = Field(default="", pattern=r"^([1-9][0-9]{0,2})?$")
    trunk_prefix: str = Field(default="0", pattern=r"^[0-9]{0,2}$")
    attempts: int = Field(default=3, ge=1, le=10)
    pauses_minutes: tuple[Pause, ...] = Field(default=(15.0, 60.0, 240.0), min_length=1, max_length=10)
    ring_seconds: int = Field(default=30, ge=5, le=120)
    keep_hours: float = Field(default=24.0, gt=0, le=31 * 24)
    voicemail: Voicemail = Voicemail.TALK
    record_days: int = Field(default=90, ge=1, le=36_500)
    """For how long it is kept what became of a call."""
    toll: Toll | None = None
    """What calls to targets may cost; none: there are none."""

    @property
    def numbering(self) -> NumberingPlan:
        """How numbers are written in its country."""
        return NumberingPlan(self.country_code, self.trunk_prefix)


class Tenant(BaseModel):
    """One enterprise. ``folder`` is where it was read from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: dict[str, str]
    languages: tuple[str, ...] = Field(min_length=1)
    time_zone: str = "UTC"
    lines: tuple[Line, ...] = ()
    recording: Recording = Recording()
    retention: Retention = Retention()
    disclosure: Disclosing = Disclosing()
    processing: Processing = Processing()
    survey: SurveyPolicy = SurveyPolicy()
    voices: dict[str, VoiceChoice] = {}
    hours: Hours = Hours()
    limits: Limits = Limits()
    hand_over: dict[str, Any] = {}
    """The queues of its people, as they are written; the desk reads them."""
    outbound: Outbound | None = None
    """How it calls by itself; none: it never does."""
    transfers: dict[str, Target] = {}
    """Where its calls may be moved to, by id."""
    webhooks: dict[str, Any] = {}
    """Who else is told of its events, by name, as they are written; the analytics reads them."""
    reports: dict[str, Any] = {}
    """What its figures are counted by, as it is written; analytics read it."""
    folder: Path

    @model_validator(mode="after")
    def _consistent(self) -> Tenant:
        for line in self.lines:
            if line.language not in self.languages:
                raise ValueError(f"line {line.number} speaks {line.language!r}, which is not among languages")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"time_zone {self.time_zone!r} is unknown") from error
        for target in self.transfers:
            if not _TARGET.fullmatch(target):
                raise ValueError(f"transfers: {target!r} is no id: small letters, digits and hyphens")
        for queue, target in self._sent_elsewhere.items():
            if target not in self.transfers:
                raise ValueError(f"hand_over: queue {queue!r} goes to {target!r}, which is not among transfers")
        return self

    @property
    def _sent_elsewhere(self) -> dict[str, str]:
        """The queues whose calls go to a target."""
        written = self.hand_over.get("queues") or ()
        queues = [queue for queue in written if isinstance(queue, dict)]
        return {str(queue.get("id")): str(queue["transfer"]) for queue in queues if queue.get("transfer")}

    def target_of(self, queue: str) -> str | None:
        """The target to which a queue's calls go instead of to our desk."""
        return self._sent_elsewhere.get(queue)

    def line(self, dialled: str) -> Line | None:
        """The line of that number or alias."""
        return next((line for line in self.lines if dialled in (line.number, line.alias)), None)

    @property
    def numbering(self) -> NumberingPlan:
        """How numbers are written where its callers are, as far as that is known."""
        return ANYWHERE if self.outbound is None else self.outbound.numbering

    def pace(self, language: str) -> float:
        """The speed at which that language is spoken."""
        return self.voices.get(language, VoiceChoice()).pace

    def desk_open(self, now: datetime) -> bool:
        """Whether people answer at that moment (an aware time)."""
        return self.hours.open_at(now.astimezone(ZoneInfo(self.time_zone)))


def load_tenant(folder: Path) -> Tenant:
    """Read ``tenant.yaml`` of a tenant's folder. Raises ``TenantInvalid`` that names the file and the key."""
    path = folder / "tenant.yaml"
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TenantInvalid(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise TenantInvalid(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise TenantInvalid(f"{path} must hold keys and values")
    try:
        return Tenant.model_validate({**content, "folder": folder.resolve()})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise TenantInvalid(f"{path}: {problems}") from error


_TARGET = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> tuple[time, time]:
    start, separator, end = text.partition("-")
    if not separator:
        raise ValueError(f"{text!r} is not a span like 09:00-18:00")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
