"""What ``aicc bench capacity`` was asked for, read from its options.

Refuses: guessing. An option that cannot be meant is told with what can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from infra.errors import AiccError

Subject = Literal["turn", "feed", "echo", "floor"]
"""What is loaded: the gateway by callers who talk or who only listen, its media transport as an echo, a bare echo."""

SETTLE = 10.0
"""Seconds after the last call came in: by then the first callers are over the greeting."""

SLOWEST_RAMP = 8.0
CALLS_A_SECOND = 25
"""Calls come in at this pace, but never all within one turn of talk: they would speak in chorus."""

WARM_UP = 14.0
"""Seconds for which two calls warm a gateway up, so that what is loaded once is not counted as memory of a call."""


class OrderRefused(AiccError):
    """An option of the benchmark cannot be meant."""

    code = "order_refused"


@dataclass(frozen=True, slots=True)
class Order:
    """One run: what is loaded, with how many calls at most (or which ones), how long. Times in seconds."""

    mode: Subject = "turn"
    most: int = 400
    seconds: float = 20.0
    tries: tuple[int, ...] = ()
    settle: float = SETTLE
    slowest_ramp: float = SLOWEST_RAMP
    warm_up: float = WARM_UP

    @property
    def talks(self) -> bool:
        """Whether a whole gateway is loaded, which needs to be warmed up and greets its callers."""
        return self.mode in ("turn", "feed")

    def options(self) -> str:
        """The options of the command line that order the same."""
        tries = f"--calls {','.join(map(str, self.tries))}" if self.tries else f"--most {self.most}"
        return f"--mode {self.mode} {tries} --seconds {self.seconds:g}"

    def ramp(self, calls: int) -> float:
        """Seconds within which so many calls come in."""
        return max(calls / CALLS_A_SECOND, self.slowest_ramp if self.talks else 1.0)


def capacity_order(mode: str, *, most: int, seconds: float, calls: str | None) -> Order:
    """The order that the options make. Raises ``OrderRefused``."""
    if mode not in get_args(Subject):
        raise OrderRefused(f"--mode {mode} is not known; there are: {', '.join(get_args(Subject))}")
    return Order(cast("Subject", mode), most, seconds, _numbers(calls) if calls is not None else ())


def _numbers(listed: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in listed.split(","))
    except ValueError as error:
        raise OrderRefused(f"--calls {listed} is not a list of numbers such as 10,20,40") from error
    if min(numbers) < 1:
        raise OrderRefused(f"--calls {listed}: at least one call is needed")
    return numbers
