"""What is open for telephone systems and platforms beside the carriers: sockets' doors, and routes over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from gateway.telephony.entrance import Door


@dataclass(frozen=True, slots=True)
class OpenSystems:
    """Doors for the HTTP server to hand sockets to, and routes for it to serve."""

    doors: tuple[Door, ...] = ()
    routers: tuple[APIRouter, ...] = ()

    def __add__(self, other: OpenSystems) -> OpenSystems:
        return OpenSystems((*self.doors, *other.doors), (*self.routers, *other.routers))
