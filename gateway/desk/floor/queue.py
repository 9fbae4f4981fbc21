"""The queues of a tenant: whom they ask for, and what they do with those who wait long. Read from ``hand_over`` in
``tenant.yaml``.

Refuses: calls and agents. Changes nothing after loading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.desk.floor.errors import NoSuchQueue, QueuesInvalid
from gateway.outbound.calling_hours import next_opening
from gateway.session.tenant import Hours


@dataclass(frozen=True, slots=True)
class Relaxation:
    """After so many seconds in the queue: these skills are not asked for any more, the others at levels lowered by so
    much, and agents of those queues are asked as well."""

    after: float
    drop_skills: tuple[str, ...] = ()
    lower_levels: int = 0
    also_queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overflow:
    """After so many seconds in the queue the call goes to the queue ``to``; none: the caller is offered a callback, and
    waits on."""

    after: float
    to: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with its ``name`` by language. Levels of skills are from 1 up; times are seconds.

    ``answer_within`` is the goal that the service level is measured against, ``offer_seconds`` how long a call rings at
    one agent, ``wrap_up_seconds`` how long the work afterwards may take. A callback of which nothing came is tried
    ``callback_attempts`` times, ``callback_pause`` apart, within ``hours`` of ``zone``.
    """

    id: str
    name: Mapping[str, str]
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    answer_within: float = 20.0
    offer_seconds: float = 15.0
    wrap_up_seconds: float = 60.0
    relax: tuple[Relaxation, ...] = ()
    overflow: Overflow | None = None
    callback_attempts: int = 3
    callback_pause: float = 900.0
    hours: Hours = field(default_factory=Hours)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def opening(self, moment: datetime) -> datetime | None:
        """``moment`` itself when people answer then, else when they do next; none: never."""
        return moment if not self.hours.weekly else next_opening(self.hours, self.zone, moment)


@dataclass(frozen=True, slots=True)
class Queues:
    """All queues of a tenant, by id; ``default`` is for calls that none of the others claims."""

    default: str
    by_id: Mapping[str, Queue]

    def __getitem__(self, queue: str) -> Queue:
        """The queue of that id. One that is not there any more is the default one: calls may still wait in it."""
        return self.by_id.get(queue) or self.by_id[self.default]

    def known(self, queue: str) -> Queue:
        """The queue of that id. Raises ``NoSuchQueue``."""
        if queue not in self.by_id:
            raise NoSuchQueue(f"there is no queue {queue!r}; there are {', '.join(self.by_id)}")
        return self.by_id[queue]

    @property
    def languages(self) -> frozenset[str]:
        """Those in which any queue is staffed."""
        return frozenset(language for queue in self.by_id.values() for language in queue.languages)


def language_skill(language: str) -> str:
    """A language as a skill."""
    return f"lang:{language}"


def skill_levels(written: Iterable[str]) -> dict[str, int]:
    """Skills as they are written, ``orders`` or ``orders:3``, with their levels; the lowest is 1, as without any."""
    return dict(map(_skill_level, written))


def _skill_level(text: str) -> tuple[str, int]:
    name, _, level = text.rpartition(":")
    return (name, max(1, int(level))) if name and level.isdecimal() else (text, 1)


def read_queues(hand_over: Mapping[str, Any] | None, *, hours: Hours | None = None, time_zone: str = "UTC") -> Queues:
    """The queues that a tenant's ``hand_over`` describes; without any, one that everybody serves.

    ``hours`` are the tenant's, for queues without their own. Raises ``QueuesInvalid``.
    """
    try:
        written = _HandOverShape.model_validate(hand_over or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("hand_over", *first["loc"])))
        raise QueuesInvalid(f"{place}: {first['msg']}") from error
    zone = ZoneInfo(time_zone)
    return Queues(written.default, {shape.id: shape.queue(hours or Hours(), zone) for shape in written.queues})


# --- how they are written ---------------------------------------------------------------------------------------------
class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _levels(written: object) -> object:
    if not isinstance(written, list | tuple) or not all(isinstance(skill, str) for skill in written):
        return written
    for skill in written:
        if not _SKILL.fullmatch(skill):
            raise ValueError(f"{skill!r} is no skill: write orders, or orders:3 for level 3 (the lowest is 1)")
    return skill_levels(written)


_SKILL = re.compile(r"[^:]+(:[^:\d][^:]*)*(:[1-9][0-9]*)?")
_Levels = Annotated[dict[str, int], BeforeValidator(_levels)]
_Seconds = Annotated[float, Field(gt=0, le=timedelta(days=7).total_seconds())]


class _RelaxShape(_Shape):
    after_seconds: _Seconds
    drop_skills: tuple[str, ...] = ()
    lower_levels: int = Field(default=0, ge=0)
    also_queues: tuple[str, ...] = ()


class _OverflowShape(_Shape):
    after_seconds: _Seconds
    to: str


class _QueueShape(_Shape):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    name: dict[str, str] = {}
    skills: _Levels = {}
    languages: tuple[str, ...] = ()
    answer_within_seconds: _Seconds = 20.0
    offer_seconds: _Seconds = 15.0
    wrap_up_seconds: _Seconds = 60.0
    relax: tuple[_RelaxShape, ...] = ()
    overflow: _OverflowShape | None = None
    callback_attempts: int = Field(default=3, ge=1, le=10)
    callback_pause_minutes: float = Field(default=15.0, gt=0)
    hours: Hours | None = None
    transfer: str | None = None
    """A target outside, to which its calls go; whoever has the call sends them there."""

    def queue(self, hours: Hours, zone: ZoneInfo) -> Queue:
        """The queue that is described."""
        steps = sorted(self.relax, key=lambda step: step.after_seconds)
        return Queue(
            id=self.id,
            name=self.name or dict.fromkeys(self.languages, self.id),
            skills=self.skills,
            languages=self.languages,
            answer_within=self.answer_within_seconds,
            offer_seconds=self.offer_seconds,
            wrap_up_seconds=self.wrap_up_seconds,
            relax=tuple(
                Relaxation(step.after_seconds, step.drop_skills, step.lower_levels, step.also_queues) for step in steps
            ),
            overflow=None if self.overflow is None else self._overflow(self.overflow),
            callback_attempts=self.callback_attempts,
            callback_pause=self.callback_pause_minutes * 60,
            hours=self.hours or hours,
            zone=zone,
        )

    @staticmethod
    def _overflow(shape: _OverflowShape) -> Overflow:
        return Overflow(shape.after_seconds, None if shape.to == _CALLBACK else shape.to)


_CALLBACK = "callback"
"""What stands instead of a queue when the caller shall be offered a callback."""


class _HandOverShape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # others have keys here as well

    default: str = "general"
    queues: tuple[_QueueShape, ...] = (_QueueShape(id="general"),)

    @model_validator(mode="after")
    def _consistent(self) -> _HandOverShape:
        ids = [queue.id for queue in self.queues]
        if len(ids) != len(set(ids)) or _CALLBACK in ids:
            raise ValueError(f"two queues have the same id, or one is called {_CALLBACK!r}")
        if self.default not in ids:
            raise ValueError(f"the default queue {self.default!r} is not among queues")
        for queue in self.queues:
            goes_to = {other for step in queue.relax for other in step.also_queues}
            if queue.overflow is not None and queue.overflow.to != _CALLBACK:
                goes_to.add(queue.overflow.to)
            for other in goes_to:
                if other not in ids or other == queue.id:
                    raise ValueError(f"queue {queue.id!r} leads to {other!r}, which is no other queue")
        return self
