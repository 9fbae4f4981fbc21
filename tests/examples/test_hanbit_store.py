"""The example tenant is whole: its languages agree, its calls have their recordings, its service has its orders."""

from __future__ import annotations

import json
import re
import wave
from datetime import date
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanbit-store"
CALLS = EXAMPLE / "calls"
CALLERS = yaml.safe_load((CALLS / "callers.yaml").read_text(encoding="utf-8"))["callers"]


def documents(language: str) -> set[str]:
    folder = EXAMPLE / "knowledge" / language
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_korean_and_english_callers_are_told_of_the_same_things() -> None:
    stems = [{name.rsplit(".", 1)[0] for name in documents(language)} for language in ("ko", "en")]
    assert stems[0] == stems[1]
    assert len(documents("ko") | documents("en")) >= 20


def test_every_format_that_can_be_read_is_there() -> None:
    suffixes = {name.rsplit(".", 1)[1] for language in ("ko", "en") for name in documents(language)}
    assert suffixes >= {"md", "html", "txt", "csv", "pdf", "docx"}


@pytest.mark.parametrize("topic", ["delivery/standard-delivery.md", "returns/returns-and-exchanges.md"])
def test_amounts_agree_between_the_languages(topic: str) -> None:
    amounts = [
        set(re.findall(r"\d{1,3}(?:,\d{3})+", (EXAMPLE / "knowledge" / language / topic).read_text(encoding="utf-8")))
        for language in ("ko", "en")
    ]
    assert amounts[0] == amounts[1]
    assert amounts[0]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_event_that_is_over_says_so(language: str) -> None:
    text = (EXAMPLE / "knowledge" / language / "events" / "summer-sale-2026.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---")[1])
    assert front["valid_until"] < date(2026, 11, 1)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller["file"])
def test_a_recorded_caller_is_a_telephone_utterance(caller: dict[str, str]) -> None:
    with wave.open(str(CALLS / caller["file"])) as sound:
        assert sound.getnchannels() == 1
        assert sound.getframerate() in (8000, 16000)
        seconds = sound.getnframes() / sound.getframerate()
    assert 0.3 < seconds < 8.0
    assert 0.1 < seconds / len(caller["text"].split()) < 1.2


@pytest.mark.parametrize("name", ["en-demo.yaml", "ko-chat.yaml"])
def test_a_scenario_uses_what_is_there(name: str) -> None:
    turns = yaml.safe_load((CALLS / name).read_text(encoding="utf-8"))["turns"]
    files = {caller["file"]: caller["text"] for caller in CALLERS}
    for turn in turns:
        if "audio" in turn:
            assert turn["text"] == files[turn["audio"]]
    assert len(turns) >= 3


def test_orders_are_valid_and_the_demos_order_exists() -> None:
    orders = json.loads((EXAMPLE / "services" / "orders.json").read_text(encoding="utf-8"))["orders"]
    numbers = [order["order_number"] for order in orders]
    assert len(set(numbers)) == len(numbers) >= 10
    for order in orders:
        assert re.fullmatch(r"\d{8}", order["order_number"])
        assert order["items"]
        assert all(item["name_ko"] and item["name_en"] and item["quantity"] > 0 for item in order["items"])
        assert (order["tracking_number"] is None) == (order["status"] in ("preparing", "cancelled"))
    assert "20261187" in numbers
