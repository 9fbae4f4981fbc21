"""What people do with one live call, over HTTP: see it, follow it, hold, transfer, give back, take over, listen, act.

Commands carry the epoch that their page believes in; a stale one is refused with 409 and has changed nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.masking import masked_text
from gateway.access.sign_in_api import no_store
from gateway.desk.agent_api import DESK, After
from gateway.desk.assist import CallAssist, NoSuchCard
from gateway.desk.calls import LiveCalls
from gateway.desk.desk import Desk
from gateway.desk.feeds import CallFeed
from gateway.pages import event_stream
from gateway.session.conference import Mode
from infra.texts import Text

Id = Annotated[Text, StringConstraints(min_length=1, max_length=128)]


class Command(BaseModel):
    """A command on a call, with the epoch that its page believes in."""

    model_config = ConfigDict(extra="forbid")

    epoch: int | None = Field(default=None, ge=1)


class Return(Command):
    """Give the call back to the bot, which is to do this."""

    instruction: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class Transfer(Command):
    """To a queue, to an agent, or to a target outside."""

    queue: Id | None = None
    agent: Id | None = None
    target: Id | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.target is not None and (self.queue or self.agent):
            raise ValueError("a target is outside: name no queue and no agent beside it")
        return self


class Consultation(Command):
    """Where to ask whether they take the call."""

    target: Id


class Conference(Command):
    """Whom to ask to join."""

    agent: Id


class Edited(Command):
    """What an agent made of a card."""

    text: Annotated[Text, StringConstraints(max_length=4000)]


class ActionWanted(Command):
    """An action with its values."""

    name: Id
    arguments: dict[str, object] = {}


class Vouched(Command):
    """Who calls, as the agent is sure of it, and why."""

    customer: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=200)]
    why: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=400)]


def call_router(desk: Desk, guard: Guard) -> APIRouter:
    """``/v1/desk/calls/{call}/…``."""
    router = APIRouter(prefix="/v1/desk/calls/{call}", tags=["desk"], dependencies=[Depends(no_store)])
    at_desk = Depends(guard.require(*DESK))
    _seen(router, desk, guard, at_desk)
    _commands(router, desk.calls, at_desk)
    _supervision(router, desk.calls, Depends(guard.require(Role.SUPERVISOR)))
    _help(router, desk, at_desk)
    return router


def _seen(router: APIRouter, desk: Desk, guard: Guard, at_desk: Any) -> None:
    """What can be seen of the call. A page opens its feed again by itself: that is no use of the session."""
    reads_on = Depends(guard.require(*DESK, renew=False))

    @router.get("")
    async def card(call: str, who: Identity = at_desk) -> dict[str, Any]:
        return await desk.card(who, call)

    @router.get("/feed")
    async def feed(call: str, request: Request, after: After = 0, who: Identity = reads_on) -> Response:
        room = await desk.shown(who, call)
        seen = event_stream.last_seen(request.headers, after)

        async def may_look_on() -> bool:
            return await guard.still_holds(request, *DESK) and await desk.still_sees(who, call)

        return event_stream.answer(CallFeed(desk, room, seen).sources(), may_look_on)


def _commands(router: APIRouter, calls: LiveCalls, at_desk: Any) -> None:
    """What whoever has it can do with it."""

    @router.post("/hold")
    async def hold(call: str, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        await calls.hold(who, call, True, said.epoch)
        return {}

    @router.post("/resume")
    async def resume(call: str, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        await calls.hold(who, call, False, said.epoch)
        return {}

    @router.post("/mute")
    async def mute(call: str, who: Identity = at_desk) -> dict[str, Any]:
        await calls.mute(who, call, True)
        return {}

    @router.post("/unmute")
    async def unmute(call: str, who: Identity = at_desk) -> dict[str, Any]:
        await calls.mute(who, call, False)
        return {}

    @router.post("/hang-up")
    async def hang_up(call: str, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        await calls.hang_up(who, call, said.epoch)
        return {}

    @router.post("/return")
    async def give_back(call: str, said: Return, who: Identity = at_desk) -> dict[str, Any]:
        await calls.give_back(who, call, said.instruction, said.epoch)
        return {}

    @router.post("/transfer")
    async def transfer(call: str, said: Transfer, who: Identity = at_desk) -> dict[str, Any]:
        if said.target is not None:
            await calls.send_outside(who, call, said.target, said.epoch)
        else:
            await calls.transfer(who, call, said.queue, said.agent, said.epoch)
        return {}

    @router.post("/consult")
    async def consult(call: str, said: Consultation, who: Identity = at_desk) -> dict[str, Any]:
        await calls.consult(who, call, said.target, said.epoch)
        return {}

    @router.post("/stop-consulting")
    async def stop_consulting(call: str, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        await calls.stop_consulting(who, call, said.epoch)
        return {}

    @router.post("/conference")
    async def conference(call: str, said: Conference, who: Identity = at_desk) -> dict[str, Any]:
        await calls.invite(who, call, said.agent)
        return {}

    @router.post("/take-over")
    async def take_over(call: str, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        await calls.take_over(who, call, said.epoch)
        return {}

    @router.post("/leave")
    async def leave(call: str, who: Identity = at_desk) -> dict[str, Any]:
        await calls.leave(who, call)
        return {}


def _supervision(router: APIRouter, calls: LiveCalls, supervises: Any) -> None:
    """How supervisors take part."""

    def supervising(path: str, mode: Mode) -> None:
        @router.post(path, name=mode.value)
        async def supervise(call: str, who: Identity = supervises) -> dict[str, Any]:
            await calls.supervise(who, call, mode)
            return {}

    for path, mode in (("/listen", Mode.LISTEN), ("/whisper", Mode.WHISPER), ("/barge", Mode.TALK)):
        supervising(path, mode)


def _help(router: APIRouter, desk: Desk, at_desk: Any) -> None:
    """Cards and actions."""
    calls = desk.calls

    @router.post("/cards/{card}/{deed}")
    async def settle(
        call: str, card: Id, deed: Literal["used", "dismissed"], who: Identity = at_desk
    ) -> dict[str, Any]:
        followed = await _followed(desk, who, call)
        followed.used(card, who.user) if deed == "used" else followed.dismissed(card, who.user)
        return {}

    @router.post("/cards/{card}/edited")
    async def edited(call: str, card: Id, said: Edited, who: Identity = at_desk) -> dict[str, Any]:
        followed = await _followed(desk, who, call)
        followed.edited(card, who.user, said.text)
        return {}

    @router.post("/vouch")
    async def vouch(call: str, said: Vouched, who: Identity = at_desk) -> dict[str, Any]:
        acting = desk.acting(who, call)
        calls.room(who, call).check(said.epoch)
        await desk.tenants[who.tenant].actions.vouch(acting, who.user, said.customer, said.why, who.locale)
        return {}

    @router.post("/actions")
    async def propose(call: str, wanted: ActionWanted, who: Identity = at_desk) -> dict[str, Any]:
        acting = desk.acting(who, call)
        calls.room(who, call).check(wanted.epoch)
        actions, followed = desk.tenants[who.tenant].actions, desk.assistance.call(who.tenant, call)
        arguments = wanted.arguments if followed is None else followed.meant(wanted.arguments, masked_text)
        return await actions.propose(acting, who.user, wanted.name, arguments, who.locale)

    @router.post("/actions/{proposal}/confirm")
    async def confirm(call: str, proposal: Id, said: Command, who: Identity = at_desk) -> dict[str, Any]:
        acting = desk.acting(who, call)
        calls.room(who, call).check(said.epoch)
        return await desk.tenants[who.tenant].actions.confirm(acting, who.user, proposal, who.locale)

    @router.post("/actions/{proposal}/withdraw")
    async def withdraw(call: str, proposal: Id, who: Identity = at_desk) -> dict[str, Any]:
        acting = desk.acting(who, call)
        return await desk.tenants[who.tenant].actions.withdraw(acting, who.user, proposal, who.locale)


async def _followed(desk: Desk, who: Identity, call: str) -> CallAssist:
    await desk.calls.theirs(who, call)
    followed = desk.assistance.call(who.tenant, call)
    if followed is None:
        raise NoSuchCard("nobody is helped in this call")
    return followed
