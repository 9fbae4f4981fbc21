"""Fuzzes every codec of the telephone: whatever comes, nothing but a ``ProtocolViolation`` is raised.

A case is a short call: the opening, then messages that are valid, valid ones with something wrong, or noise. Beside
what is raised, the events are looked at: an opening comes first and once, sound is whole samples that do not overlap,
and whatever is said to a leg that is open can be written. What breaks one of these is made as small as it gets and
printed as a test.

    python -m tests.benchmarks.fuzz_codecs --seconds 60 [--codec media-stream] [--seed 7]

The same cases, in the same order, come of the same seed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.telephony.codec import Introduced, LegStarted
from gateway.telephony.errors import ProtocolViolation
from gateway.telephony.leg import MediaReceived
from tests.benchmarks.fuzz_corpus import CODECS, Fuzzed, Heard, Receiver

Case = tuple[Heard, ...]

MOST_MESSAGES: Final = 8
SHRINKS: Final = 2000
"""Attempts at making a finding smaller."""

ENOUGH: Final = 3
"""Findings of one codec after which it is to be mended first."""

_ODD_VALUES: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e308, float("inf"), float("nan"),
    "", " ", "0", "-1", "1e3", "\x00", "\ud7ff", "٣", "🙂" * 50, "x" * 5000, "AAAA", "A", "====", "null", [], {}, [[]],
    [None] * 100, {"": {"": {}}}, {"event": "media"},
)  # fmt: skip
_ODD_TEXT: Final = (
    "",
    '"',
    "\\",
    "{",
    "}",
    "[" * 2000,
    "\x00",
    "\u202e",
    "\\ud800",
    ":",
    ",",
    " ",
    "é",
    "\r\n",
    "9" * 40,
)


class Broken(Exception):
    """A codec kept to its word in what it raised, but not in what it said."""


# --- making cases --------------------------------------------------------------------------------------------------


class Mutator:
    """Makes cases of a corpus, by chance."""

    def __init__(self, fuzzed: Fuzzed, seed: int) -> None:
        self._fuzzed = fuzzed
        self._random = random.Random(seed)

    def case(self) -> Case:
        """The next case."""
        chance = self._random
        opening = [*self._fuzzed.opening]
        if chance.random() < 0.3:
            at = chance.randrange(len(opening))
            opening[at] = self._wrong(opening[at])
        if chance.random() < 0.1:
            opening = opening[: chance.randrange(len(opening))]
        corpus = [*self._fuzzed.messages, *self._fuzzed.opening]
        return (*opening, *(self._message(corpus) for _ in range(chance.randint(1, MOST_MESSAGES))))

    def _message(self, corpus: Sequence[Heard]) -> Heard:
        kind = self._random.random()
        if kind < 0.35:
            return self._random.choice(corpus)
        if kind < 0.9:
            return self._wrong(self._random.choice(corpus))
        return self._noise()

    def _noise(self) -> Heard:
        size = self._random.choice((0, 1, 2, 3, 16, 160, 320, 644, 70_000))
        if self._random.random() < 0.5:
            return self._random.randbytes(size)
        return "".join(
            chr(self._random.choice((self._random.randrange(128), 0xE9, 0xAC00))) for _ in range(size % 1000)
        )

    def _wrong(self, message: Heard) -> Heard:
        for _ in range(self._random.choice((1, 1, 1, 2, 5))):
            message = self._once_wrong(message)
        return message

    def _once_wrong(self, message: Heard) -> Heard:
        if isinstance(message, bytes):
            return self._wrong_bytes(message)
        kind = self._random.random()
        if kind < 0.6:
            with suppress(ValueError, RecursionError):
                values = json.loads(message)
                if isinstance(values, dict):
                    self._wrong_value(values)
                    return json.dumps(values, ensure_ascii=self._random.random() < 0.5)
        if kind < 0.65:
            return message.encode("utf-8", "replace")
        at, end = self._span(len(message))
        return message[:at] + self._random.choice((*_ODD_TEXT, message[at:end] * 2)) + message[end:]

    def _wrong_bytes(self, message: bytes) -> Heard:
        at, end = self._span(len(message))
        kind = self._random.random()
        if kind < 0.05:
            return message.decode("latin-1")
        if kind < 0.6:
            return message[:at] + self._random.randbytes(end - at) + message[end:]
        return message[:at] + self._random.choice((b"", message[at:end] * 2, b"\xff" * 9)) + message[end:]

    def _wrong_value(self, values: dict[str, Any]) -> None:
        """Change one field somewhere in an object: to something odd, to nothing, or to another one's value."""
        keys = [*values]
        if not keys:
            values["event"] = self._random.choice(_ODD_VALUES)
            return
        key = self._random.choice(keys)
        inner = values[key]
        if isinstance(inner, dict) and self._random.random() < 0.7:
            self._wrong_value(inner)
            return
        kind = self._random.random()
        if kind < 0.2:
            del values[key]
        elif kind < 0.3:
            values[key] = values[self._random.choice(keys)]
        elif kind < 0.4:
            values[self._random.choice((key.upper(), key + "x", ""))] = inner
        elif kind < 0.5 and isinstance(inner, str):
            values[key] = inner + self._random.choice(_ODD_TEXT)
        else:
            values[key] = self._random.choice(_ODD_VALUES)

    def _span(self, size: int) -> tuple[int, int]:
        at = self._random.randrange(size + 1)
        return at, min(size, at + self._random.choice((0, 1, 1, 2, 4, size)))


# --- looking at what comes of them ---------------------------------------------------------------------------------


@dataclass
class _Leg:
    """What was seen of one leg."""

    opening: object = None
    until: float = 0.0
    rate: int | None = None

    def look(self, events: Sequence[object]) -> None:
        """Take in what a codec said. Raises ``Broken``."""
        for event in events:
            is_opening = isinstance(event, LegStarted | Introduced)
            if is_opening is (self.opening is not None):
                raise Broken(f"{type(event).__name__} {'after' if is_opening else 'before'} the opening")
            if is_opening:
                self.opening = event
                self.rate = event.info.rate if isinstance(event, LegStarted) else None
            if isinstance(event, MediaReceived):
                frame = event.frame
                if len(frame.pcm) % 2 or not frame.pcm:
                    raise Broken(f"{len(frame.pcm)} bytes are not whole samples")
                if frame.at < self.until - 1e-6:
                    raise Broken(f"sound at {frame.at} overlaps that until {self.until}")
                if self.rate not in (None, frame.rate):
                    raise Broken(f"sound at {frame.rate} Hz on a leg of {self.rate} Hz")
                self.until = frame.until


def run_case(fuzzed: Fuzzed, case: Case) -> None:
    """Play a case to a fresh codec. Raises what it may not raise, or ``Broken``."""
    codec, leg = fuzzed.make(), _Leg()
    for message in case:
        was_open = leg.opening is not None
        try:
            leg.look(codec.receive(message))
        except ProtocolViolation as violation:
            if not violation.reason or len(violation.reason.encode()) > 123:
                raise Broken("a violation's reason must have 1 to 123 bytes") from violation
            return
        if leg.opening is not None:
            if not was_open:
                fuzzed.opened(codec)
            _speak(codec)


def _speak(codec: Receiver) -> None:
    """Say all that can be said to a leg that is open."""
    for name, argument in (("encode_media", bytes(320)), ("encode_mark", "m-1"), ("encode_clear", None)):
        encode: Callable[..., Any] | None = getattr(codec, name, None)
        if encode is not None:
            encode() if argument is None else encode(argument)


# --- making findings small -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """A case that broke a codec, as small as it got."""

    codec: str
    case: Case
    error: Exception

    def as_test(self) -> str:
        """It as a test, to be pasted."""
        said = "".join(f"        {message!r},\n" for message in self.case)
        return (
            f"# {type(self.error).__name__}: {self.error}\n"
            f"def test_{self.codec.replace('-', '_')}_bears_what_fuzzing_found() -> None:\n"
            f"    run_case(CODECS[{self.codec!r}], (\n{said}    ))\n"
        )


def minimized(fuzzed: Fuzzed, case: Case, kind: type[Exception]) -> Case:
    """The smallest case found that still raises ``kind``: messages are left out, then pieces of them."""

    def still(smaller: Case) -> bool:
        try:
            run_case(fuzzed, smaller)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return type(error) is kind
        return False

    tries = 0
    shrunk = True
    while shrunk and tries < SHRINKS:
        shrunk = False
        for smaller in _smaller(case):
            tries += 1
            if still(smaller):
                case, shrunk = smaller, True
                break
            if tries >= SHRINKS:
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for at in range(len(case)):
        yield case[:at] + case[at + 1 :]
    for at, message in enumerate(case):
        size = len(message) // 2
        while size:
            for start in range(0, len(message), size):
                yield (*case[:at], message[:start] + message[start + size :], *case[at + 1 :])
            size //= 2


# --- running -------------------------------------------------------------------------------------------------------


@dataclass
class Result:
    """What came of fuzzing one codec."""

    cases: int = 0
    findings: list[Finding] = field(default_factory=list)


def fuzz(name: str, fuzzed: Fuzzed, *, seconds: float, seed: int, most_cases: int | None = None) -> Result:
    """Fuzz one codec for ``seconds``, or ``most_cases`` if that comes first; enough findings end it as well."""
    result = Result()
    mutator, kinds = Mutator(fuzzed, seed), set[str]()
    end = time.monotonic() + seconds
    while time.monotonic() < end and result.cases != most_cases and len(result.findings) < ENOUGH:
        case = mutator.case()
        result.cases += 1
        try:
            run_case(fuzzed, case)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            if f"{error!r:.60}" not in kinds:
                kinds.add(f"{error!r:.60}")
                result.findings.append(Finding(name, minimized(fuzzed, case, type(error)), error))
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz from the command line; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each codec")
    parser.add_argument("--codec", choices=sorted(CODECS), action="append", help="only this one; may be given again")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    found = 0
    for name in chosen.codec or sorted(CODECS):
        result = fuzz(name, CODECS[name], seconds=chosen.seconds, seed=chosen.seed)
        found += len(result.findings)
        print(f"{name}: {result.cases} cases, {len(result.findings)} findings", flush=True)
        for finding in result.findings:
            print(f"\n{finding.as_test()}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
