"""Passes each action to what reaches its kind of service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialog.actions.action import Action, ActionPort, Failed, FailureKind, Outcome, Via
from dialog.actions.codes import CodeActions, OneTimeCodes
from dialog.actions.smtp_actions import SmtpActions
from dialog.templates import Templates


class ActionPorts:
    """One port made of several. ``close`` closes them all."""

    def __init__(self, ports: Mapping[Via, ActionPort]) -> None:
        self._ports = ports

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out over the port for its service."""
        via = action.service.via
        port = self._ports.get(via)
        if port is None:
            return Failed(FailureKind.UNAVAILABLE, f"nothing here reaches services by {via}", attempts=0)
        return await port.perform(action, arguments, key=key)

    async def close(self) -> None:
        """Close all ports."""
        for port in self._ports.values():
            await port.close()


def message_ports(
    actions: Iterable[Action], texts: Mapping[str, Templates], overrides: Mapping[str, str]
) -> dict[Via, ActionPort]:
    """What sends a tenant's messages and checks the codes in them, if its actions do. ``texts`` are its words by
    language, ``overrides`` maps a service's id to another URL."""
    if not any(action.service.via in {Via.MAIL, Via.CODE} for action in actions if not action.steps):
        return {}
    codes = OneTimeCodes()
    return {Via.MAIL: SmtpActions(texts, codes, overrides), Via.CODE: CodeActions(codes)}
