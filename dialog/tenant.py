"""What a tenant decides about its dialog: limits, queues, sensitive topics. Read from ``tenant.yaml``.

The tables ``dialog:`` and ``memory:`` are ours. Of what others own in that file we read only what the dialog has to
respect (languages, time zone, patience, queues, the recording policy), and bear with whatever else stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dialog.actions.rules import Identity
from dialog.answers.confidence import Thresholds
from dialog.arbiter import Bar
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.parsers.language import LANGUAGES
from dialog.yaml_source import Shape, YamlFile


@dataclass(frozen=True, slots=True)
class Topic:
    """A sensitive topic: the words that give it away, by language, and the queue that deals with it."""

    id: str
    words: Mapping[str, tuple[str, ...]]
    queue: str | None


class AfterSilence(StrEnum):
    """What becomes of a caller who says nothing any more."""

    GOODBYE = "goodbye"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class DialogPolicy:
    """A tenant's decisions. ``queue_of`` maps intents, flows and sensitive topics to queues, ``skills_of`` queues
    to skills.

    ``no_match`` is how many turns in a row without progress end in a human's hands, ``no_input`` how many in silence
    end as ``after_silence`` says.
    """

    thresholds: Thresholds
    bar: Bar
    default_queue: str
    queue_of: Mapping[str, str]
    skills_of: Mapping[str, tuple[str, ...]]
    sensitive: tuple[Topic, ...]
    no_match: int
    no_input: int
    after_silence: AfterSilence
    recording_notice: bool
    hand_over_key: str | None
    memory: MemoryPolicy = field(default_factory=MemoryPolicy)


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """Who the tenant is, as far as the dialog needs it."""

    id: str
    name: Mapping[str, str]
    languages: tuple[str, ...]
    time_zone: str


_THRESHOLDS = Thresholds()
_BAR = Bar()


class _ThresholdShape(Shape):
    answer: float = Field(default=_THRESHOLDS.answer, ge=0, le=1)
    clarify: float = Field(default=_THRESHOLDS.clarify, ge=0, le=1)
    sure: float = Field(default=_THRESHOLDS.sure, ge=0, le=1)
    recognition: float = Field(default=_THRESHOLDS.recognition, ge=0, le=1)
    rival: float = Field(default=_THRESHOLDS.rival, ge=0, le=1)
    start_flow: float = Field(default=_BAR.flow, ge=0, le=1)
    hand_over: float = Field(default=_BAR.human, ge=0, le=1)
    small_talk: float = Field(default=_BAR.polite, ge=0, le=1)
    digression: float = Field(default=_BAR.knowledge, ge=0, le=1)


class _TopicShape(Shape):
    queue: str | None = None
    words: dict[str, tuple[str, ...]]


class _DialogShape(Shape):
    thresholds: _ThresholdShape = _ThresholdShape()
    queues: dict[str, str] = Field(default={})
    sensitive: dict[str, _TopicShape] = Field(default={})
    hand_over_key: str | None = Field(default=None, pattern=r"^[0-9*#]$")


class _Tolerant(BaseModel):
    """A part of the file that belongs to somebody else."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _QueueShape(_Tolerant):
    id: str
    skills: tuple[str, ...] = ()


class _HandOverShape(_Tolerant):
    default: str = "general"
    queues: tuple[_QueueShape, ...] = ()


class _LimitsShape(_Tolerant):
    no_input: int = Field(default=3, ge=1)
    no_match: int = Field(default=2, ge=1)
    after_silence: AfterSilence = AfterSilence.GOODBYE


class _RecordingShape(_Tolerant):
    consent: str = "never"


class _MemoryShape(Shape):
    consent: Consent = Consent.OFF
    keep_days: int = Field(default=90, ge=1, le=3_650)
    identity: Literal["knowledge", "code"] = "knowledge"

    @field_validator("consent", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        """YAML takes off for a no."""
        return Consent.OFF if value is False else value


class _TenantShape(_Tolerant):
    id: str = Field(min_length=1)
    name: dict[str, str]
    languages: tuple[str, ...] = Field(min_length=1)
    time_zone: str = "UTC"
    hand_over: _HandOverShape = _HandOverShape()
    limits: _LimitsShape = _LimitsShape()
    recording: _RecordingShape = _RecordingShape()
    memory: _MemoryShape = _MemoryShape()


def read_tenant(file: YamlFile) -> tuple[TenantFacts, DialogPolicy]:
    """What ``tenant.yaml`` says to the dialog. Raises ``TenantDialogInvalid`` that names line and key."""
    tenant = file.shaped(_TenantShape)
    dialog = file.shaped(_DialogShape, under="dialog", default={})
    for index, code in enumerate(tenant.languages):
        if code not in LANGUAGES:
            raise file.complaint(
                ("languages", index), f"the dialog does not speak {code!r}, only {', '.join(LANGUAGES)}"
            )
    try:
        ZoneInfo(tenant.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise file.complaint(("time_zone",), f"{tenant.time_zone!r} is no time zone such as Asia/Seoul") from error
    _check_order(file, dialog.thresholds)
    known = {queue.id for queue in tenant.hand_over.queues} | {tenant.hand_over.default}
    for about, queue in dialog.queues.items():
        _check_queue(file, ("dialog", "queues", about), queue, known)
    for name, topic in dialog.sensitive.items():
        _check_topic(file, name, topic, tenant.languages, known)
    return TenantFacts(tenant.id, tenant.name, tenant.languages, tenant.time_zone), _policy(tenant, dialog)


def _policy(tenant: _TenantShape, dialog: _DialogShape) -> DialogPolicy:
    limits = dialog.thresholds
    return DialogPolicy(
        thresholds=Thresholds(limits.answer, limits.clarify, limits.sure, limits.recognition, limits.rival),
        bar=Bar(limits.start_flow, limits.hand_over, limits.small_talk, limits.digression),
        default_queue=tenant.hand_over.default,
        queue_of=dict(dialog.queues),
        skills_of={queue.id: queue.skills for queue in tenant.hand_over.queues},
        sensitive=tuple(Topic(name, dict(shape.words), shape.queue) for name, shape in dialog.sensitive.items()),
        no_match=tenant.limits.no_match,
        no_input=tenant.limits.no_input,
        after_silence=tenant.limits.after_silence,
        recording_notice=tenant.recording.consent == "notice",
        hand_over_key=dialog.hand_over_key,
        memory=_memory(tenant.memory),
    )


def _memory(shape: _MemoryShape) -> MemoryPolicy:
    return MemoryPolicy(shape.consent, timedelta(days=shape.keep_days), Identity[shape.identity.upper()])


def _check_order(file: YamlFile, limits: _ThresholdShape) -> None:
    if not limits.clarify <= limits.answer <= limits.sure:
        raise file.complaint(("dialog", "thresholds"), "must rise: clarify, then answer, then sure")


def _check_queue(file: YamlFile, place: tuple[str, ...], queue: str, known: set[str]) -> None:
    if queue not in known:
        raise file.complaint(
            place, f"there is no queue {queue!r} under hand_over; there are {', '.join(sorted(known))}"
        )


def _check_topic(file: YamlFile, name: str, topic: _TopicShape, languages: tuple[str, ...], known: set[str]) -> None:
    place = ("dialog", "sensitive", name)
    missing = [code for code in languages if not topic.words.get(code)]
    if missing:
        raise file.complaint((*place, "words"), f"has no words for {', '.join(missing)}")
    if topic.queue is not None:
        _check_queue(file, (*place, "queue"), topic.queue, known)
