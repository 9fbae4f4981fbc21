"""A log line is one event, bound to what it belongs to, and safe to read."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from infra.telemetry.logs import bound, configure


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield io.StringIO()
    root.handlers[:], root.level = before[0], before[1]
    for name in ("httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    structlog.get_logger("gateway.app").info("call answered", line="대표번호", seconds=0.5)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "call answered",
        "level": "info",
        "logger": "gateway.app",
        "line": "대표번호",
        "seconds": 0.5,
    }


async def test_what_is_bound_is_in_every_line_also_of_tasks_started_inside(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    log = structlog.get_logger("a")

    async def later() -> None:
        await asyncio.sleep(0)
        log.info("later")

    with bound(call_id="CA0123456789", tenant=None):
        task = asyncio.create_task(later())
        logging.getLogger("library").warning("from %s", "outside")
    await task
    log.info("after")
    assert [(line["event"], line.get("call_id")) for line in lines(stream)] == [
        ("from outside", "CA0123456789"),
        ("later", "CA0123456789"),
        ("after", None),
    ]
    assert all("tenant" not in line for line in lines(stream))


def test_calls_side_by_side_do_not_mix(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    log = structlog.get_logger("a")

    async def call(name: str) -> None:
        with bound(call_id=name):
            for _ in range(3):
                await asyncio.sleep(0)
                log.info(name)

    async def both() -> None:
        await asyncio.gather(call("one"), call("two"))

    asyncio.run(both())
    assert len(lines(stream)) == 6
    assert all(line["event"] == line["call_id"] for line in lines(stream))


def test_secrets_and_personal_data_do_not_get_in(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    structlog.get_logger("a").info("call from 010-1234-5678", auth_token="hunter2", caller={"mail": "kim@example.com"})
    logging.getLogger("library").error("connecting to postgresql://aicc:hunter2@db/aicc failed for %s", "01012345678")
    text = stream.getvalue()
    assert "[phone]" in text
    assert not any(secret in text for secret in ("hunter2", "010", "kim@"))


def test_nor_do_they_by_way_of_an_exception(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    for logger in (structlog.get_logger("a"), logging.getLogger("library")):
        try:
            raise ValueError("no such customer: 010-1234-5678")
        except ValueError:
            logger.exception("it failed")
    first, second = lines(stream)
    for line in (first, second):
        assert "ValueError: no such customer: [phone]" in line["exception"]


@pytest.mark.parametrize("name", ["httpx", "httpx2", "httpcore.http11", "httpcore2.connection"])
@pytest.mark.parametrize(("level", "shown"), [("debug", True), ("info", True), ("error", False)])
def test_clients_of_http_tell_of_trouble_and_not_whom_they_ask(
    stream: io.StringIO, name: str, level: str, shown: bool
) -> None:
    configure(json=True, level=level, stream=stream)
    logging.getLogger(name).info("HTTP Request: GET https://carrier.example/Calls.json?To=shop")
    assert lines(stream) == []
    logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in lines(stream)] == (["trouble"] if shown else [])


def test_ids_that_we_made_are_kept_whole(stream: io.StringIO) -> None:
    configure(json=True, stream=stream)
    structlog.get_logger("a").info("x", call_id="20261121123456789", order="20261121123456789")
    (line,) = lines(stream)
    assert (line["call_id"], line["order"]) == ("20261121123456789", "[number]")


def test_the_level_is_kept_and_configuring_again_replaces(stream: io.StringIO) -> None:
    configure(json=True, stream=io.StringIO())
    configure(json=True, level="warning", stream=stream)
    structlog.get_logger("a").info("hidden")
    structlog.get_logger("a").warning("shown")
    assert [line["event"] for line in lines(stream)] == ["shown"]


def test_a_person_gets_readable_lines(stream: io.StringIO) -> None:
    configure(stream=stream)
    structlog.get_logger("a").info("call answered", line="shop")
    assert "call answered" in stream.getvalue()
    assert "line=shop" in stream.getvalue()


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="loud"):
        configure(level="loud")


def test_what_only_a_language_knows_to_be_personal_is_concealed_by_whoever_knows_it(stream: io.StringIO) -> None:
    configure(json=True, stream=stream, conceal=lambda text: text.replace("공일공", "[phone]"))
    structlog.get_logger("a").info("heard 공일공", said=["공일공"])
    logging.getLogger("library").warning("공일공")
    assert [(line["event"], line.get("said")) for line in lines(stream)] == [
        ("heard [phone]", ["[phone]"]),
        ("[phone]", None),
    ]
