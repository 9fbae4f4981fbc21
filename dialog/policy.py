"""Who may do what. Pure.

It is asked when an action is proposed and again right before it is carried out, because what was allowed a turn ago may
not be any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.action import Action, Risk


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the conversation that wants something done: whether a human has taken it over."""

    handed_over: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether it may be done; ``why`` says why not."""

    granted: bool
    why: str = ""


def may_act(action: Action, standing: Standing) -> Permission:
    """Whether the action may be carried out now.

    Only reading is permitted: what changes something needs a confirmation bound to the exact proposal, which this
    dialog does not have. Nothing at all is permitted once a human has taken over.
    """
    if standing.handed_over:
        return Permission(False, "a human has taken over")
    if action.risk is not Risk.READ_ONLY:
        return Permission(False, f"{action.id} changes something ({action.risk}) and cannot be confirmed here")
    return Permission(True)
