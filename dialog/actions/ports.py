"""Passes each action to what reaches its kind of service."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.actions.action import Action, ActionPort, Failed, FailureKind, Outcome, Via


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
