"""What agents have done for a caller: proposed, read back, confirmed, once, with the agent's authority.

An agent may ask for what the tenant's flows do out of values that a caller gives. The rules in ``actions.yaml`` hold
as they do for the bot: an agent's authority is that a person has taken over and answers for it by name, not that rules
are void. How surely the caller is known is what the call has shown, what the caller answers when the agent asks the
tenant's own identifying questions (checked by the system of record, counted, never written down), or, where the
tenant's ``desk.yaml`` lets agents vouch for callers, what an agent says and signs for.

Refuses: carrying out a change that was not confirmed after it was read back, proposals of other calls, and values that
a caller could not have given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from dialog.actions.action import Action, Failed, FailureKind, Journal, Outcome, Proposal, Succeeded, Unknown
from dialog.actions.read_back import read_back
from dialog.actions.request_words import failure, refusal
from dialog.actions.requests import Asker, Requests
from dialog.actions.rules import Identity, Permission, Refusal, Standing
from dialog.assist.next_action import AgentAction, agent_actions
from dialog.flows.plan import Identifies
from dialog.identification import Acquaintance
from dialog.policy import may_act
from gateway.session.records import EventKind
from infra.errors import AiccError

FIRST_TURN = 100_000
"""Agents' turns are counted from here: a proposal of an agent's is never taken for one of the bot's."""
LONGEST_REASON = 400
"""Characters that an agent may give for vouching."""


class NoSuchAction(AiccError):
    """The tenant has no such action for agents. Ask for one that the call's card names."""

    code = "desk_no_such_action"


class NoSuchProposal(AiccError):
    """There is no such proposal in this call. Propose anew."""

    code = "desk_no_such_proposal"


class ArgumentsRefused(AiccError):
    """The values do not fit what the action takes; the message says which, and how."""

    code = "desk_arguments_refused"


class ActionRefused(AiccError):
    """The rules do not allow it, or it could not be done; ``reason`` says which of them, by name."""

    code = "desk_action_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class ActingCall:
    """A call in which agents have things done: its record, the language it is held in, and who calls as far as it was
    shown (the conversation's own, so that the bot knows it when the call is given back). ``turn`` counts what was asked
    for."""

    call: str
    language: str
    journal: Journal
    caller: Acquaintance = field(default_factory=Acquaintance)
    turn: int = FIRST_TURN

    @property
    def standing(self) -> Standing:
        """What the policy is asked with: an agent acts, not the bot that has handed over."""
        return self.caller.standing(handed_over=False)


class AgentActions:
    """The actions of one tenant's agents. Keeps no state of its own: that of a call is in its ``ActingCall``.

    ``vouching`` is how surely a caller counts as known for whom an agent vouches; ``NONE``: agents may not.
    """

    def __init__(self, requests: Requests, vouching: Identity = Identity.NONE) -> None:
        self._requests = requests
        self._vouching = vouching
        self._offered = agent_actions(requests.release)
        self._identifying = {
            flow.identifies.by: (flow.id, flow.identifies)
            for flow in requests.release.flows.values()
            if flow.identifies is not None
        }

    def offered(self, language: str) -> list[dict[str, object]]:
        """All that agents can ask for: name, title, arguments (a JSON schema), and whether it ``changes`` something."""
        release = self._requests.release
        return [
            {
                "name": name,
                "title": one.title(release, language),
                "arguments": one.schema(release, language),
                "changes": one.changes,
                "identifies": name in self._identifying,
            }
            for name, one in self._offered.items()
        ]

    async def propose(
        self, call: ActingCall, agent: str, name: str, arguments: Mapping[str, object], locale: str
    ) -> dict[str, object]:
        """Ask for an action. Of a change: proposal, action, arguments, read_back (in the call's language, to be said to
        the caller), expires_at. What only reads is done: status, result.

        ``locale`` is the agent's language, in which errors are told. Raises ``NoSuchAction``, ``ArgumentsRefused``,
        ``ActionRefused``.
        """
        offered = self._offered.get(name)
        if offered is None:
            raise NoSuchAction(f"there is no action {name[:40]!r} for agents; there are {', '.join(self._offered)}")
        given, broken = self._requests.check(offered.action, arguments)
        if broken:
            raise ArgumentsRefused("; ".join(broken[:5]))
        identifying = self._identifying.get(name)
        if identifying is not None and call.caller.wrong_answers >= identifying[1].tries:
            raise ActionRefused(Refusal.TOO_OFTEN.value, refusal(Refusal.TOO_OFTEN, locale, needed="", given=""))
        became = await self._requests.ask(offered.action, given, self._asker(call, agent))
        match became:
            case Proposal():
                return self._proposed(became, offered, call.language)
            case Permission():
                raise _refused(offered.action, became, call.standing, locale)
            case _:
                if identifying is not None:
                    await self._identified(call, agent, *identifying, became)
                return _told(offered.action, became, call.standing, locale)

    async def confirm(self, call: ActingCall, agent: str, proposal: str, locale: str) -> dict[str, object]:
        """Commit a proposal of this call, which the caller agreed to: status (succeeded, failed, unknown), and result
        or reason and message. Again: the same. Raises ``NoSuchProposal``."""
        kept = await self._kept(call, proposal)
        outcome = await self._requests.confirm(kept, self._asker(call, agent), "confirmed at the desk")
        return _told(kept.action, outcome, call.standing, locale)

    async def withdraw(self, call: ActingCall, agent: str, proposal: str, locale: str) -> dict[str, object]:
        """Let a proposal of this call never be confirmed: status withdrawn, or what had become of it before. Raises
        ``NoSuchProposal``."""
        kept = await self._kept(call, proposal)
        before = await self._requests.withdraw(kept, self._asker(call, agent), "withdrawn at the desk")
        return {"status": "withdrawn"} if before is None else _told(kept.action, before, call.standing, locale)

    async def vouch(self, call: ActingCall, agent: str, customer: str, why: str, locale: str) -> None:
        """The agent says who calls, and why they are sure of it; it counts as ``vouching`` says and is recorded under
        their name. Raises ``ActionRefused`` where the tenant does not let agents, ``ArgumentsRefused`` without a
        reason, and the ledger's errors, after which nobody is known better than before."""
        if self._vouching is Identity.NONE:
            raise ActionRefused(FailureKind.NOT_PERMITTED.value, failure(FailureKind.NOT_PERMITTED, locale))
        if not customer.strip() or not why.strip():
            raise ArgumentsRefused("/customer and /why: an agent who vouches says for whom, and why they are sure")
        payload = {"method": "agent", "level": self._vouching.name.lower(), "customer": customer, "agent": agent}
        await call.journal.record(EventKind.CALLER_VERIFIED, {**payload, "words": why[:LONGEST_REASON]})
        call.caller.shown(self._vouching, customer)

    def _asker(self, call: ActingCall, agent: str) -> Asker:
        call.turn += 1
        return Asker(agent, call.standing, call.call, call.turn, call.journal)

    async def _kept(self, call: ActingCall, proposal: str) -> Proposal:
        actions = {name: offered.action for name, offered in self._offered.items()}
        kept = await self._requests.kept(proposal, actions, call.call)
        if kept is None or kept.call_id != call.call or kept.turn < FIRST_TURN:
            raise NoSuchProposal(f"there is no proposal {proposal[:64]!r} in this call; propose anew")
        return kept

    async def _identified(
        self, call: ActingCall, agent: str, flow: str, identifies: Identifies, outcome: Outcome
    ) -> None:
        """What identifying answers mean for who calls."""
        about: dict[str, object] = {"flow": flow, "identity": identifies.level.name.lower(), "agent": agent}
        match outcome:
            case Succeeded(result=result):
                customer = str(result[identifies.customer.rpartition(".")[2]])
                await call.journal.record(EventKind.CALLER_IDENTIFIED, {**about, "customer": customer})
                call.caller.shown(identifies.level, customer)
            case Failed(kind=FailureKind.NOT_FOUND):
                call.caller.answered_wrongly()
                wrong = call.caller.wrong_answers
                await call.journal.record(EventKind.CALLER_NOT_IDENTIFIED, {**about, "wrong_answers": wrong})
            case _:
                pass

    def _proposed(self, proposal: Proposal, offered: AgentAction, language: str) -> dict[str, object]:
        release, arguments = self._requests.release, proposal.arguments
        title, labels = offered.title(release, language), offered.labels(release, language)
        words = read_back(release, proposal.action, arguments, language, title=title, labels=labels)
        return {
            "proposal": proposal.id,
            "action": proposal.action.id,
            "arguments": dict(arguments),
            "read_back": words,
            "expires_at": proposal.expires_at.isoformat(),
        }


def _told(action: Action, outcome: Outcome, standing: Standing, locale: str) -> dict[str, object]:
    """What the desk is told of an outcome; secrets stay out of it."""
    match outcome:
        case Succeeded(result=result):
            shown = {name: value for name, value in result.items() if name not in action.secret}
            return {"status": "succeeded", "action": action.id, "result": shown}
        case Failed(kind=FailureKind.NOT_PERMITTED):
            refused = _refused(action, may_act(action, standing), standing, locale)
            return {"status": "failed", "action": action.id, "reason": refused.reason, "message": str(refused)}
        case Failed(kind=kind):
            message = failure(kind, locale)
            return {"status": "failed", "action": action.id, "reason": kind.value, "message": message}
        case Unknown():
            return {"status": "unknown", "action": action.id, "message": _UNKNOWN[locale]}
        case _:
            assert_never(outcome)


def _refused(action: Action, permission: Permission, standing: Standing, locale: str) -> ActionRefused:
    """Why the rules do not allow it. What was allowed and is refused all the same could not be written down."""
    if permission.refusal is None:
        kind = FailureKind.NOT_PERMITTED if permission.granted else FailureKind.NOT_RECORDED
        return ActionRefused(kind.value, failure(kind, locale))
    needed, given = action.rules.identity.name.lower(), standing.identity.name.lower()
    return ActionRefused(permission.refusal.value, refusal(permission.refusal, locale, needed=needed, given=given))


_UNKNOWN = {
    "ko": "처리되었는지 아직 모릅니다. 새로 시도하지 말고, 같은 제안을 나중에 다시 확인하세요.",
    "en": "It is not known whether it was done. Do not try again: confirm the same proposal later to learn it.",
}
