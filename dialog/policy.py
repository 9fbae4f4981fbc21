"""Who may do what. Pure.

It is asked when an action is proposed and again right before it is carried out, because what was allowed a turn ago may
not be any more: by then the record has been read anew, and whoever calls may have been handed to a human.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialog.actions.action import Action
from dialog.actions.rules import Permission, Refusal, Rules, Standing

__all__ = ["Permission", "Standing", "decide", "may_act"]


def may_act(action: Action, standing: Standing) -> Permission:
    """What can be said before the arguments are known: whether anything may be done, and for this caller.

    Nothing at all is permitted once a human has taken over. That a change has been confirmed is not asked here: the
    runner carries out none without the confirmation of exactly its proposal.
    """
    if standing.handed_over:
        return _refused(Refusal.HANDED_OVER, "a human has taken over")
    rules = action.rules
    if standing.identity < rules.identity:
        needed = rules.identity.name.lower()
        return _refused(Refusal.IDENTITY, f"{action.id} needs a caller identified by {needed}")
    if rules.owner is not None and standing.customer is None:
        return _refused(Refusal.OWNER, f"{action.id} is for the owner of the record, and nobody knows who calls")
    return Permission(True)


def decide(
    action: Action, standing: Standing, arguments: Mapping[str, object], record: Mapping[str, object] | None
) -> Permission:
    """Whether the action may be carried out with these arguments now; for one that reads, whether its result is told.

    ``record`` is what the system of record says at this moment of the thing that it is about; None where it could
    not be read, which refuses whatever depends on it.
    """
    permission = may_act(action, standing)
    if not permission.granted:
        return permission
    rules = action.rules
    for name, allowed in rules.one_of.items():
        if name in arguments and arguments[name] not in allowed:
            return _refused(Refusal.REASON, f"{name} is none of {', '.join(map(str, allowed))}")
    if record is None and rules.needs_record:
        return _refused(Refusal.RECORD, f"the record that decides about {action.id} could not be read")
    return _by_record(rules, standing, arguments, record or {})


def _by_record(
    rules: Rules, standing: Standing, arguments: Mapping[str, object], record: Mapping[str, object]
) -> Permission:
    if rules.owner is not None and record.get(rules.owner) != standing.customer:
        return _refused(Refusal.OWNER, "the record belongs to somebody else")
    for name, allowed in rules.states.items():
        if record.get(name) not in allowed:
            return _refused(Refusal.STATE, f"{name} is {record.get(name)!r}, and not {' or '.join(map(str, allowed))}")
    for name, ceiling in rules.at_most.items():
        most = ceiling.most if ceiling.field is None else record.get(ceiling.field)
        if name in arguments and not _within(arguments[name], most):
            return _refused(Refusal.AMOUNT, f"{name} is more than {most}")
    return Permission(True)


def _within(value: object, most: object) -> bool:
    """Whether both are numbers and the one is no more than the other."""
    numbers = isinstance(value, int | float) and isinstance(most, int | float)
    return numbers and not isinstance(value, bool) and float(value) <= float(most)  # type: ignore[arg-type]


def _refused(refusal: Refusal, why: str) -> Permission:
    return Permission(False, why, refusal)
