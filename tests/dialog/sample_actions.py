"""A module that offers actions, for the tests of actions in Python. Runs in a worker process."""

from __future__ import annotations

import os
import signal
import time

HELD: dict[str, str] = {}


def quote(arguments: dict[str, object], key: str) -> dict[str, object]:
    if arguments["item"] == "nothing":
        raise KeyError("there is no such item")
    return {"price": 39000, "cost": 12000}


def hold(arguments: dict[str, object], key: str) -> dict[str, object]:
    match arguments["item"]:
        case "sold":
            raise ValueError("it is sold")
        case "broken":
            raise RuntimeError("half done")
        case "slow":
            time.sleep(5)
        case "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        case "odd":
            return {"price": "much"}
    HELD[str(arguments["item"])] = key
    return {"price": len(HELD)}


def not_offered(arguments: dict[str, object], key: str) -> dict[str, object]:
    raise AssertionError("nobody may call this")


ACTIONS = (quote, hold)
