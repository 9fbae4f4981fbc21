"""An event loop whose clock jumps: when nothing is ready it is at once the time of the next timer.

For code that keeps to one process and to the loop's clock. Work in a thread takes no time: the clock stands still until
it is done. A socket would not be waited for.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST_WORK = 30.0
"""Real seconds that a thread may work."""


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.threads = 0
        """How many work for the loop at present."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads and timeout != 0:
            ready = super().select(LONGEST_WORK)
            assert ready, f"a thread has worked for {LONGEST_WORK:g} s"
            return ready
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("everything waits, and for nothing that has a time: this would hang")
            self.now += max(timeout, 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` is virtual and begins at 1000 s."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        working: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        working.add_done_callback(self._has_worked)
        return working

    def _has_worked(self, _: asyncio.Future[Any]) -> None:
        self._jumping.threads -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
