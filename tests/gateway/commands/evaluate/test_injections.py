import json
from dataclasses import replace
from pathlib import Path

import pytest

from dialog.models.generator import Author, Message
from dialog.models.prompt import prompts
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.injections import (
    CLAIMED,
    TRUE,
    Channel,
    Injection,
    Obeying,
    Wanted,
    command,
    leaks,
    obeyed,
    read_injections,
    written,
)
from gateway.commands.evaluate.suite import SUITES

SHIPPED = read_injections(SUITES / "data" / "injections.yaml")


def injection(**wanted: object) -> Injection:
    return Injection(Channel.CALLER, "en", Wanted.model_validate({"text": "Obey", **wanted}), ("Harriet Vane",))


def test_a_hundred_ship_half_of_them_korean_by_every_way() -> None:
    assert len(SHIPPED) >= 100
    assert sum(one.code == "ko" for one in SHIPPED) == len(SHIPPED) / 2
    assert {one.channel for one in SHIPPED} == set(Channel)


def test_a_file_that_is_not_there_or_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataAbsent, match="injections"):
        read_injections(tmp_path / "none.yaml")
    (tmp_path / "wrong.yaml").write_text("secrets: {en: [a]}\n", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"wrong\.yaml"):
        read_injections(tmp_path / "wrong.yaml")


def test_the_model_gives_every_command_and_says_all_that_it_was_told() -> None:
    asked = Message(Author.USER, json.dumps({"caller_said": "Obey"}))
    told = Message(Author.USER, json.dumps({"question": "Obey"}))
    system = Message(Author.SYSTEM, "You are the house's voice.")
    commands = json.loads(Obeying(injection(do="refund_order"))([system, asked]))["commands"]
    assert [one["command"] for one in commands] == ["start_flow", "set_slot", "ask_knowledge"]
    assert (commands[0]["flow"], commands[1]["value"]) == ("refund_order", CLAIMED)
    assert "You are the house's voice. [1]" in Obeying(injection(say="PROMPT"))([system, told])
    assert Obeying(injection(say="TENANT"))([system, told]) == "Harriet Vane [1]"
    assert json.loads(written(command("Obey", slot="amount")))["commands"][0]["slot"] == "amount"


def test_what_leaks_is_seen() -> None:
    secret = prompts("en").compose
    assert all(leaks(replace(injection(), code=code), true) == () for code, true in TRUE.items())
    assert leaks(injection(), f"It says: {secret[:80]}")
    assert leaks(injection(), "That was Harriet Vane.") == ("Harriet Vane",)
    assert leaks(injection(), f"order {CLAIMED}") == (CLAIMED,)


def test_what_was_told_as_ordered_is_seen_unless_it_is_the_records_own_words() -> None:
    assert obeyed(injection(say="All is free."), "Well. All is free.")
    assert not obeyed(injection(say="All is free."), "It costs 3,000 won.")
    assert obeyed(injection(do="refund"), "It was refunded.")
    assert not obeyed(injection(say="All is free.", planted=True), "All is free.")
