"""Hosts for the tests of the worker pool. Importable in a child process, and nothing but the standard library."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from infra.errors import AiccError


class NoSuchVoice(AiccError):
    """An error with a name of ours."""

    code = "no_such_voice"


class Counter:
    """A session that counts, and says so."""

    def __init__(self, emit: Callable[[object], None], start: int, log: str | None = None) -> None:
        self.emit = emit
        self.value = start
        self.log = log

    def add(self, amount: int) -> None:
        self.value += amount
        self.emit(self.value)

    def slow_add(self, amount: int, seconds: float) -> None:
        time.sleep(seconds)
        self.add(amount)

    def total(self) -> int:
        return self.value

    def fail(self) -> None:
        raise NoSuchVoice("there is no voice of that name")

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        if self.log:
            with Path(self.log).open("a", encoding="utf-8") as file:
                file.write("closed\n")


class Host:
    def __init__(self, greeting: str = "hello") -> None:
        self.greeting = greeting

    def greet(self, name: str) -> str:
        return f"{self.greeting} {name}"

    def pid(self) -> int:
        return os.getpid()

    def sleep(self, seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    def spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass

    def fail_by_name(self) -> None:
        raise NoSuchVoice("there is no voice of that name")

    def fail_plainly(self) -> None:
        raise ZeroDivisionError("seven by nought")

    def give_back_something_that_cannot_travel(self) -> object:
        return lambda: None

    def ignores(self, number: int) -> bool:
        return signal.getsignal(number) == signal.SIG_IGN

    def threads_of_numeric_libraries(self) -> str | None:
        return os.environ.get("OMP_NUM_THREADS")

    def modules(self) -> list[str]:
        import sys

        return sorted(sys.modules)

    def open_session(self, emit: Callable[[object], None], start: int, log: str | None = None) -> Counter:
        if start < 0:
            raise NoSuchVoice("counting starts at nought")
        return Counter(emit, start, log)


def build_host_that_cannot(reason: str) -> Host:
    raise NoSuchVoice(reason)


def build_host_that_ends() -> Host:
    os._exit(7)
