"""The action layer's promises, tried one by one against a service that misbehaves and counts.

Nothing without a yes to exactly this; nothing twice, however often it is resumed; nothing said to be done that was not,
and nothing said to be left undone that was done. Refuses: trusting the layer's own record. What happened is counted at
the service.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dialog.actions.action import (
    Action,
    ActionPort,
    Confirmation,
    Failed,
    FailureKind,
    Outcome,
    Proof,
    Proposal,
    Reading,
    Risk,
    Service,
    Succeeded,
    Unknown,
    propose,
)
from dialog.actions.rules import Rules
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.journal import MemoryJournal
from gateway.commands.evaluate.counted_service import Behaviour, CountedService

TIMEOUT = 1.5
"""Seconds of one request; an answer that is held takes longer."""
NAIVE_TRIES = 3
"""How often the baseline asks."""
AT_ONCE = 8
"""Trials under way at the same time: their requests shall not wait for one another."""

_BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_ID = {"type": "object", "required": ["record"], "properties": {"record": {"type": "string"}}}
_SHOWN: Mapping[str, object] = {
    "type": "object",
    "required": ["record", "state"],
    "properties": {"record": {"type": "string"}, "state": {"enum": ["new", "changed"]}},
}


class Path(StrEnum):
    """What becomes of a proposal."""

    APPROVE = "approve"
    REJECT = "reject"
    MODIFY = "modify"
    DEFER = "defer"
    DUPLICATE = "duplicate"
    """Resumed: again, at the same time, and by another process that knows the same store."""
    UNCONFIRMED = "unconfirmed"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one path led to with one behaviour: the effects on what was ``meant`` and on what was not, and what was
    told."""

    path: Path
    behaviour: Behaviour
    meant: int
    unmeant: int
    outcomes: tuple[Outcome, ...]

    @property
    def once(self) -> bool:
        """Whether nothing happened that was not meant, and what was meant at most once."""
        return self.unmeant == 0 and self.meant <= 1

    @property
    def truthful(self) -> bool:
        """Whether everything that was told is so."""
        return all(_true(outcome, self.meant) for outcome in self.outcomes)

    @property
    def kept(self) -> bool:
        """Whether all that is promised was kept: what is well done and confirmed also takes place."""
        done = self.path in {Path.APPROVE, Path.MODIFY, Path.DUPLICATE}
        works = self.meant == 1 or not (done and self.behaviour is Behaviour.WELL)
        return self.once and self.truthful and works

    @property
    def unknown(self) -> bool:
        """Whether nobody can say what became of it."""
        return any(isinstance(outcome, Unknown) for outcome in self.outcomes)

    @property
    def complaint(self) -> str:
        """What happened, in words."""
        told = ", ".join(type(outcome).__name__ for outcome in self.outcomes)
        return f"{self.path}, {self.behaviour}: {self.meant} effects, {self.unmeant} unmeant; told: {told}"


@dataclass(slots=True)
class _Case:
    """One trial under way: its records, its store, and the time of day."""

    url: str
    port: ActionPort
    records: tuple[str, str]
    store: MemoryActionStore = field(default_factory=MemoryActionStore)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    now: datetime = _BEGAN

    def runner(self) -> ActionRunner:
        return ActionRunner(self.port, store=self.store, now=lambda: self.now)

    def proposal(self, which: int = 0, rules: Rules | None = None) -> Proposal:
        action = _change(self.url)
        action = action if rules is None else replace(action, rules=rules)
        return propose(action, {"record": self.records[which]}, call_id=self.records[0], turn=which + 1, now=self.now)

    def yes(self, proposal: Proposal) -> Confirmation:
        return Confirmation(proposal.id, proposal.turn + 1, "yes", self.now)


async def tried(service: CountedService, port: ActionPort) -> list[Trial]:
    """Every path with every behaviour, a few at the same time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(path: Path, behaviour: Behaviour) -> Trial:
        async with room:
            return await _tried(service, port, path, behaviour)

    return list(await asyncio.gather(*(one(*pair) for pair in itertools.product(Path, Behaviour))))


async def naively(service: CountedService, port: ActionPort) -> dict[Behaviour, Trial]:
    """The baseline: a client that asks until it hears a success, and where it never does, says that it failed."""

    async def one(behaviour: Behaviour) -> Trial:
        record = f"naive-{behaviour}"
        service.add(record, behaviour)
        told: Outcome = Failed(FailureKind.UNAVAILABLE)
        for attempt in range(NAIVE_TRIES):
            told = await port.perform(_change(service.url), {"record": record}, key=f"{record}-{attempt}")
            if isinstance(told, Succeeded):
                break
        told = told if isinstance(told, Succeeded) else Failed(FailureKind.UNAVAILABLE)
        return Trial(Path.APPROVE, behaviour, service.effects[record], 0, (told,))

    trials = await asyncio.gather(*map(one, Behaviour))
    return {trial.behaviour: trial for trial in trials}


async def _tried(service: CountedService, port: ActionPort, path: Path, behaviour: Behaviour) -> Trial:
    records = (f"{path}-{behaviour}-1", f"{path}-{behaviour}-2")
    for record in records:
        service.add(record, behaviour)
    outcomes = await _PATHS[path](_Case(service.url, port, records))
    meant = {Path.APPROVE: records[0], Path.DUPLICATE: records[0], Path.MODIFY: records[1]}.get(path)
    unmeant = sum(service.effects[record] for record in records if record != meant)
    return Trial(path, behaviour, service.effects[meant] if meant else 0, unmeant, outcomes)


async def _approve(case: _Case) -> tuple[Outcome, ...]:
    proposal, runner = case.proposal(), case.runner()
    await runner.offer(proposal, case.journal)
    return (await runner.run(proposal, case.journal, case.yes(proposal)),)


async def _reject(case: _Case) -> tuple[Outcome, ...]:
    proposal, runner = case.proposal(), case.runner()
    await runner.offer(proposal, case.journal)
    await runner.withdraw(proposal, case.journal, "no")
    return (await runner.run(proposal, case.journal, case.yes(proposal)),)


async def _modify(case: _Case) -> tuple[Outcome, ...]:
    """Another thing is meant after all; a yes that comes late to the first is one to nothing."""
    first, second, runner = case.proposal(), case.proposal(1), case.runner()
    await runner.offer(first, case.journal)
    await runner.withdraw(first, case.journal, "no, the other one")
    await runner.offer(second, case.journal)
    done = await runner.run(second, case.journal, case.yes(second))
    late = await runner.run(first, case.journal, case.yes(first))
    return (done,) if isinstance(late, Failed) else (done, late)


async def _defer(case: _Case) -> tuple[Outcome, ...]:
    proposal, runner = case.proposal(), case.runner()
    await runner.offer(proposal, case.journal)
    case.now = proposal.expires_at + timedelta(seconds=1)
    return (await runner.run(proposal, case.journal, case.yes(proposal)),)


async def _duplicate(case: _Case) -> tuple[Outcome, ...]:
    proposal, runner, other = case.proposal(), case.runner(), case.runner()
    await runner.offer(proposal, case.journal)
    yes = case.yes(proposal)
    at_once = await asyncio.gather(*(one.run(proposal, case.journal, yes) for one in (runner, runner, other)))
    return (*at_once, await runner.run(proposal, case.journal, yes), await other.run(proposal, case.journal, yes))


async def _unconfirmed(case: _Case) -> tuple[Outcome, ...]:
    """No yes at all, and one to something else."""
    proposal, another, runner = case.proposal(), case.proposal(1), case.runner()
    await runner.offer(proposal, case.journal)
    await runner.offer(another, case.journal)
    without = await case.runner().run(proposal, case.journal)
    return without, await case.runner().run(proposal, case.journal, case.yes(another))


async def _forbidden(case: _Case) -> tuple[Outcome, ...]:
    proposal, runner = case.proposal(rules=Rules(states={"state": ("never",)})), case.runner()
    await runner.offer(proposal, case.journal)
    return (await runner.run(proposal, case.journal, case.yes(proposal)),)


_PATHS: Mapping[Path, Callable[[_Case], Awaitable[tuple[Outcome, ...]]]] = {
    Path.APPROVE: _approve,
    Path.REJECT: _reject,
    Path.MODIFY: _modify,
    Path.DEFER: _defer,
    Path.DUPLICATE: _duplicate,
    Path.UNCONFIRMED: _unconfirmed,
    Path.FORBIDDEN: _forbidden,
}


def _true(outcome: Outcome, effects: int) -> bool:
    match outcome:
        case Succeeded():
            return effects > 0
        case Failed():
            return effects == 0
        case Unknown():
            return True


def _change(url: str) -> Action:
    service = Service("counted", url)
    look = Action("look", service, "GET", "/records/{record}", Risk.READ_ONLY, TIMEOUT, _ID, _SHOWN)
    reading = Reading(look, {"record": "$record"})
    return Action(
        "change",
        service,
        "POST",
        "/records/{record}/change",
        Risk.IRREVERSIBLE,
        TIMEOUT,
        _ID,
        _SHOWN,
        record=reading,
        proof=Proof(reading, {"state": ("changed",)}),
    )
