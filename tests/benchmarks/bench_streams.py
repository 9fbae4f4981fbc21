"""What one message of a carrier's costs in each dialect, and what one of ours does: the codec alone, without sockets.

    python -m tests.benchmarks.bench_streams

Time of the process, the best of many runs that are taken in turn, so that a busy machine touches all alike. Compared
with Twilio's, whose path every change of the codec is held to, and with the floor: the JSON, the base64 and the G.711
that nobody can do without.
"""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence

import orjson

from gateway.telephony.streams.codec import MediaStreamCodec
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.messages import Connected, Media, Start, write_carrier_message
from infra.audio import mulaw_decode, mulaw_encode

MESSAGES = 1000
RUNS = 40
PCM = bytes(320)
"""20 ms at 8 kHz."""

Work = Callable[[], Sequence[Callable[[], object]]]
"""Makes the two things to be timed: to hear all messages, and to say as many."""


def stream(name: str) -> Work:
    """A stream in a dialect, 20 ms a message."""
    dialect = DIALECTS[name]
    opening = [*([Connected()] if dialect.greets else []), Start("stream", 1, "account", "call")]
    first = [write_carrier_message(message, dialect) for message in opening]
    sound = dialect.heard.encode(PCM)
    said = [
        write_carrier_message(Media("stream", number + 2, number + 1, number * 20, sound), dialect)
        for number in range(MESSAGES)
    ]

    def begin() -> Sequence[Callable[[], object]]:
        codec = MediaStreamCodec(dialect)
        for message in first:
            codec.receive(message)
        return (
            lambda: [codec.receive(message) for message in said],
            lambda: [codec.encode_media(PCM) for _ in said],
        )

    return begin


def floor() -> Sequence[Callable[[], object]]:
    """What is needed however it is written."""
    said = [
        write_carrier_message(Media("stream", number + 2, number + 1, number * 20, mulaw_encode(PCM)))
        for number in range(MESSAGES)
    ]
    return (
        lambda: [mulaw_decode(b64decode(orjson.loads(message)["media"]["payload"])) for message in said],
        lambda: [b64encode(mulaw_encode(PCM)) for _ in said],
    )


def main() -> None:
    """Measure and say."""
    works: dict[str, Work] = {"floor": floor, **{name: stream(name) for name in DIALECTS}}
    best = {name: [float("inf"), float("inf")] for name in works}
    for _ in range(RUNS):
        for name, begin in works.items():
            for way, work in enumerate(begin()):
                since = time.process_time()
                work()
                best[name][way] = min(best[name][way], time.process_time() - since)
    print(f"{'':11} {'in':>8} {'of Twilio':>9}   {'out':>8} {'of Twilio':>9}")
    for name, (heard, said) in best.items():
        shares = heard / best["twilio"][0], said / best["twilio"][1]
        micro = heard / MESSAGES * 1e6, said / MESSAGES * 1e6
        print(f"{name:11} {micro[0]:5.2f} µs {shares[0]:9.2f}   {micro[1]:5.2f} µs {shares[1]:9.2f}")


if __name__ == "__main__":
    main()
