from __future__ import annotations

import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra import worker_process as wire
from infra.worker_process import Ask, RemoteError, Servant, Tell
from tests.infra.worker_hosts import Host, NoSuchVoice


class Wire:
    """The pool's end of the socket, one message at a time."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        self.connection = connection
        self.reader = connection.makefile("rb")

    def say(self, *message: Any) -> None:
        self.connection.sendall(wire.frame(message))

    def hear(self) -> Any:
        (length,) = wire.HEADER.unpack(self.reader.read(wire.HEADER.size))
        return pickle.loads(self.reader.read(length))

    def hello(self, factory: Any, *args: Any) -> Any:
        self.say(Ask.HELLO, pickle.dumps((Ask.HELLO, factory, args)))
        return self.hear()


@contextmanager
def served() -> Iterator[tuple[Wire, threading.Thread]]:
    """The pool's end of a servant, and the servant."""
    ours, theirs = socket.socketpair()
    servant = threading.Thread(target=Servant(theirs).run)
    servant.start()
    end = Wire(ours)
    yield end, servant
    end.reader.close()
    ours.close()
    servant.join(20)
    theirs.close()
    assert not servant.is_alive(), "a servant whose pool is gone must end"


@pytest.fixture
def pool_end() -> Iterator[Wire]:
    with served() as (end, _):
        yield end


def test_it_is_ready_when_its_host_is_built(pool_end: Wire) -> None:
    assert pool_end.hello(Host, "hi") == (Tell.READY,)
    pool_end.say(Ask.CALL, 7, 0, "greet", ("you",))
    assert pool_end.hear() == (Tell.RESULT, 7, "hi you")


def test_it_says_why_a_host_cannot_be_built(pool_end: Wire) -> None:
    kind, error = pool_end.hello(dict, 3)
    assert kind == Tell.FAILED
    assert isinstance(error, RemoteError)
    assert "TypeError" in str(error)


def test_a_session_answers_in_order_and_acknowledges_every_step_of_casts(pool_end: Wire) -> None:
    pool_end.hello(Host)
    pool_end.say(Ask.LEASE, 1, 50, 2, (10,))
    assert pool_end.hear() == (Tell.RESULT, 1, None)
    for amount in (1, 2):
        pool_end.say(Ask.CAST, 50, "add", (amount,))
    pool_end.say(Ask.CALL, 2, 50, "total", ())
    assert [pool_end.hear() for _ in range(4)] == [
        (Tell.EVENT, 50, 11),
        (Tell.EVENT, 50, 13),
        (Tell.TAKEN, 50, 2),
        (Tell.RESULT, 2, 13),
    ]


def test_a_cast_to_a_session_that_was_released_is_passed_over(pool_end: Wire) -> None:
    pool_end.hello(Host)
    pool_end.say(Ask.LEASE, 1, 50, 2, (10,))
    pool_end.say(Ask.RELEASE, 2, 50)
    pool_end.say(Ask.CAST, 50, "add", (1,))
    pool_end.say(Ask.PING, 9)
    assert [pool_end.hear() for _ in range(2)] == [(Tell.RESULT, 1, None), (Tell.RESULT, 2, None)]
    assert pool_end.hear()[:2] == (Tell.PONG, 9)


def test_stop_ends_it_while_its_pool_is_still_there() -> None:
    with served() as (end, servant):
        end.hello(Host)
        assert servant.is_alive()
        end.say(Ask.STOP)
        servant.join(20)
        assert not servant.is_alive()


class OnlyBuiltWithTwoWords(NoSuchVoice):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def test_an_error_of_ours_travels_as_itself_unless_it_cannot() -> None:
    error = NoSuchVoice("none")
    assert wire.portable(error) is error
    assert isinstance(wire.portable(OnlyBuiltWithTwoWords("a", "b")), RemoteError)
    assert isinstance(wire.portable(ValueError("x")), RemoteError)


def test_a_message_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_MESSAGE", 100)
    with pytest.raises(ValueError, match="file's path"):
        wire.frame((Ask.CALL, b"x" * 200))
