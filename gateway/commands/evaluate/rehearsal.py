"""Plays a script with the tenant's dialog and its real services, and holds everything against it: what was said, asked,
decided and done.

The services are the tenant's own example programs on real sockets, new for every dialog, whoever runs them; the clock
stands still, so that "next Tuesday" is the same day for ever. Refuses: looking into the services. What they hold is
asked of them as anybody would ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx

from dialog.actions.action import Action, ActionPort, Outcome, Risk, Via
from dialog.actions.http_actions import HttpActions
from dialog.actions.ports import ActionPorts, message_ports
from dialog.conversation import Conversation
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.reply import Reply
from dialog.turn import CallerTurn, Speaker, Utterance
from gateway.commands.evaluate.errors import EvaluationError
from gateway.commands.evaluate.scripts import Script, Treatment, Turn

_CODE = "{code}"
"""Stands in what a caller says or keys for the code that they were sent."""

ANSWER_WITHIN = 10.0
"""Seconds in which a service must say what it holds."""

_QUERY: Mapping[Treatment, str] = {
    "503": "drill_status=503",
    "broken": "drill_body=broken",
    "slow": "drill_delay_ms=6000",
}
"""How the example services are asked to behave badly."""

Open = Callable[[ActionPort], DialogueManager]
"""Opens the dialog that is rehearsed over what reaches the services."""


class Aspect(StrEnum):
    """What an expectation is about."""

    SAID = "said"
    ASKED = "asked"
    DECIDED = "decided"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Held:
    """One expectation, held against what happened; a ``complaint`` where it was not met."""

    aspect: Aspect
    complaint: str | None = None


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Ten in the morning of one day, for ever."""

    day: date = date(2026, 11, 21)

    def monotonic(self) -> float:
        """Seconds."""
        return 100.0

    def today(self, zone: str) -> date:
        """The day."""
        return self.day

    def now(self, zone: str) -> datetime:
        """Ten in the morning."""
        return datetime.combine(self.day, time(10), ZoneInfo(zone))


@dataclass(frozen=True, slots=True)
class DrilledActions:
    """Reaches the services; changes to the records of ``drills`` are treated badly there, looking them up is not."""

    port: ActionPort
    drills: Mapping[str, Treatment]

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out, in the drill if it is one's."""
        drill = next((self.drills[value] for value in map(str, arguments.values()) if value in self.drills), None)
        if drill is not None and action.risk is not Risk.READ_ONLY and action.service.via is Via.HTTP:
            action = replace(action, path=f"{action.path}?{_QUERY[drill]}")
        return await self.port.perform(action, arguments, key=key)

    async def close(self) -> None:
        """Give connections back."""
        await self.port.close()


async def rehearse(script: Script, urls: Mapping[str, str], opened: Open) -> tuple[Held, ...]:
    """Play a script with the services at ``urls``, in which nothing has happened yet. Raises ``EvaluationError`` when
    one cannot be asked."""
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as client:
        for visit in script.dialog.booked:
            await client.post(f"{urls['visits']}/visits", json=visit)
        ways: dict[Via, ActionPort] = {Via.HTTP: HttpActions(urls, jitter=lambda: 0.0)}
        port = DrilledActions(ActionPorts(ways), script.dialog.drills)
        manager, journal = opened(port), MemoryJournal()
        ways |= message_ports(manager.release.actions.values(), manager.release.templates, urls)
        code = script.dialog.language
        conversation = manager.begin(call_id=script.name, language=code, caller=script.dialog.number, journal=journal)
        await manager.recall(conversation)
        held: list[Held] = []
        try:
            for number, turn in enumerate(script.dialog.turns, 1):
                turn = await _with_code(turn, client, urls)
                replies = await _answered(manager, conversation, turn, number)
                held += _against(script, number, replies, conversation)
        finally:
            await manager.finish(conversation)
            await port.close()
        held += await _done(script, manager, journal, urls, client)
    return tuple(held)


def complaints(held: Sequence[Held]) -> tuple[str, ...]:
    """What was not as it must be."""
    return tuple(one.complaint for one in held if one.complaint is not None)


async def _with_code(turn: Turn, client: httpx.AsyncClient, urls: Mapping[str, str]) -> Turn:
    """The turn with the last code that came by mail in the place of ``{code}``."""
    if _CODE not in turn.caller + turn.keys:
        return turn
    texts = [str(message["text"]) for message in await _inbox(client, urls)]
    found = [digits for text in texts for digits in re.findall(r"\d{6}", text)]
    code = found[-1] if found else ""
    return turn.model_copy(update={"caller": turn.caller.replace(_CODE, code), "keys": turn.keys.replace(_CODE, code)})


async def _inbox(client: httpx.AsyncClient, urls: Mapping[str, str]) -> list[dict[str, object]]:
    """What the mail service took, oldest first. Raises ``EvaluationError``."""
    post = urlsplit(urls["mails"])
    url = f"http://{post.hostname}:{parse_qs(post.query)['inbox'][0]}/messages"
    try:
        answer = await client.get(url)
        return list(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise EvaluationError(f"{url} cannot be asked what came by mail: {error!r}") from error


async def _answered(manager: DialogueManager, conversation: Conversation, turn: Turn, number: int) -> list[Reply]:
    """The replies to a turn; the caller hears all of them."""
    said = CallerTurn(number, turn.caller, conversation.language, turn.heard, (), turn.keys, turn.silence)
    replies = [reply async for reply in manager.respond(conversation, said)]
    spoken = " ".join(reply.text for reply in replies)
    if spoken:
        manager.heard(conversation, Utterance(Speaker.BOT, spoken, number))
    return replies


def _against(script: Script, number: int, replies: Sequence[Reply], conversation: Conversation) -> Iterator[Held]:
    turn, line = script.dialog.turns[number - 1], script.lines[number - 1]
    said = " ".join(reply.text for reply in replies)
    where = f"{script.name}.yaml:{line}: to {turn.words!r} it said {said!r}"
    for words in turn.says:
        yield _held(Aspect.SAID, words in said, f"{where}, without {words!r}")
    for words in turn.never:
        yield _held(Aspect.SAID, words not in said, f"{where}, with {words!r}")
    if turn.expects is not None:
        expects = replies[-1].expects.value if replies else "nothing"
        yield _held(Aspect.ASKED, expects == turn.expects.value, f"{where}, expecting {expects}, not {turn.expects}")
    if turn.flow is not None:
        flow = conversation.flow.flow if conversation.flow is not None else "none"
        yield _held(Aspect.DECIDED, flow == turn.flow, f"{where}, with {flow} under way, not {turn.flow}")
    reason = next((reply.escalation.reason for reply in replies if reply.escalation is not None), None)
    wanted = turn.hands_over
    yield _held(Aspect.DECIDED, reason == wanted, f"{where}, handing over for {reason or 'nothing'}, not {wanted}")


async def _done(
    script: Script, manager: DialogueManager, journal: MemoryJournal, urls: Mapping[str, str], client: httpx.AsyncClient
) -> list[Held]:
    """What the services hold in the end, and which changes the record says were done."""
    found = []
    for service, records in script.dialog.then.records.items():
        for key, fields in records.items():
            holds = await _asked(client, f"{urls[service]}/{service}/{key}")
            there = {name: holds.get(name) for name in fields}
            found.append(_held(Aspect.DONE, there == fields, f"{script.name}: {key} has {there}, not {fields}"))
    subjects = script.dialog.then.mail
    if subjects is not None:
        came = tuple(str(message["subject"]) for message in await _inbox(client, urls))
        found.append(_held(Aspect.DONE, came == subjects, f"{script.name}: by mail came {came}, not {subjects}"))
    actions = manager.release.actions
    done = tuple(str(payload["name"]) for kind, payload in journal.events if kind == "action.succeeded")
    changes = tuple(name for name in done if actions[name].risk is not Risk.READ_ONLY)
    wanted = script.dialog.then.changes
    found.append(_held(Aspect.DONE, changes == wanted, f"{script.name}: did {changes}, not {wanted}"))
    return found


async def _asked(client: httpx.AsyncClient, url: str) -> Mapping[str, object]:
    """A record as its service tells it; empty where there is none."""
    try:
        answer = await client.get(url)
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise EvaluationError(f"{url} cannot be asked what it holds: {error!r}") from error
    return told if isinstance(told, dict) and answer.is_success else {}


def _held(aspect: Aspect, met: bool, complaint: str) -> Held:
    return Held(aspect, None if met else complaint)
