from __future__ import annotations

from fastapi import APIRouter

from gateway.telephony.open_systems import OpenSystems


def test_what_is_open_here_and_there_is_open() -> None:
    here, there = APIRouter(), APIRouter()
    both = OpenSystems((), (here,)) + OpenSystems() + OpenSystems((), (there,))
    assert both == OpenSystems((), (here, there))
