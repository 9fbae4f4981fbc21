"""The harness itself: what it refuses, what it hears, what it holds against a call. No call is made here."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from infra.audio import AudioFrame
from stt.transcript import Transcript, Word
from tests.calls import golden, sounds
from tests.calls.exchange import number
from tests.calls.matching import Happened, matches, problems
from tests.calls.prompter import Prompter
from tests.calls.scenario import Matcher, Scenario, ScenarioInvalid, all_scenarios, read

SCENARIO = """\
title: A call
language: en
steps:
  - say: hello there
    after: reply.heard
expect:
  - reply.heard: {complete: true}
    within: 2
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "en" / "a_call.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


# --- scenarios -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "line", "what"),
    [
        (SCENARIO.replace("title: A call", "title: ''"), 1, "title"),
        (SCENARIO.replace("language: en", "language: fr"), 2, "language"),
        (SCENARIO.replace("    after:", "    afer:"), 5, "afer"),
        (SCENARIO.replace("    after: reply.heard", "    press: '12'"), 4, "exactly one of"),
        (SCENARIO.replace("{complete: true}", "done"), 7, "needs its fields"),
        (SCENARIO.replace("reply.heard: {", "reply heard: {"), 7, "kind"),
        (SCENARIO.replace("within: 2", "within: -2"), 8, "greater than 0"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, wrong: str, line: int, what: str) -> None:
    with pytest.raises(ScenarioInvalid, match=f"en/a_call.yaml:{line}: .*{what}"):
        read(written(tmp_path, wrong))


def test_what_is_no_yaml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid, match=r"en/a_call\.yaml is not YAML"):
        read(written(tmp_path, "title: [a"))


def test_every_scenario_has_a_number_of_its_own_and_no_golden_log_is_left_over() -> None:
    scenarios = all_scenarios()
    assert len({number(scenario) for scenario in scenarios}) == len(scenarios)
    kept = {f"{path.parent.name}/{path.stem}" for path in golden.GOLDEN.glob("*/*.yaml")}
    assert kept <= {scenario.name for scenario in scenarios}


def test_every_english_word_is_recorded_and_all_of_it_is_small() -> None:
    for scenario in all_scenarios():
        for step in scenario.steps:
            if scenario.language == "en" and step.say is not None:
                assert sounds.recorded(step.say, step.voice).seconds > 0.2, step.say
    assert sum(path.stat().st_size for path in sounds.RECORDINGS.glob("*.wav")) < 3_000_000


# --- judging ---------------------------------------------------------------------------------------------


def event(kind: str, at: float = 0.0, seq: int = 1, **payload: object) -> Happened:
    return Happened(kind, dict(payload), at, seq)


def scenario(text: str = SCENARIO, **changes: object) -> Scenario:
    return Scenario.model_validate({"name": "en/a_call", **yaml.safe_load(text), **changes})


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"text": "five won"}, True),
        ({"text": "five"}, False),
        ({"text": "/^five/"}, True),
        ({"text": {"contains": "won"}}, True),
        ({"text": {"not": {"contains": "won"}}}, False),
        ({"citations": {"contains": "fees.md"}}, True),
        ({"citations.0.document": "fees.md"}, True),
        ({"citations.1.document": "fees.md"}, False),
        ({"silent": False}, True),
        ({"missing": "/x/"}, False),
    ],
)
def test_fields_match_exactly_by_pattern_or_by_part(fields: dict[str, object], fits: bool) -> None:
    happened = event("reply.decided", text="five won", citations=[{"document": "fees.md"}], silent=False)
    assert matches(Matcher(kind="reply.decided", fields=fields), happened) is fits


GOOD = (
    event("reply.decided", 0.5, 1, reply=1, text="Hello there"),
    event("reply.heard", 1.5, 2, reply=1, text="Hello there", complete=True),
    event("call.ended", 2.0, 3, reason="completed"),
)


def test_a_good_call_has_no_problems() -> None:
    assert list(problems(scenario(), GOOD)) == []


def test_what_is_missing_late_or_forbidden_is_told() -> None:
    late = (GOOD[0], event("reply.heard", 4.0, 2, reply=1, text="Hello there", complete=True), GOOD[2])
    assert "too late" in " ".join(problems(scenario(), late))
    assert "expected: reply.heard" in " ".join(problems(scenario(), (GOOD[0], event("call.ended", seq=2))))
    forbidden = scenario(absent=["call.ended"])
    assert "must not happen: call.ended" in " ".join(problems(forbidden, GOOD))


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ((*GOOD[:2], event("call.ended", 2.0, 4)), "holes"),
        (GOOD[:2], "does not end with call.ended"),
        (
            (GOOD[0], event("reply.heard", 1.0, 2, reply=1, text="Goodbye", complete=False), GOOD[2]),
            "heard what was not decided",
        ),
        (
            (GOOD[0], event("reply.heard", 1.0, 2, reply=1, text="Hello", complete=True), GOOD[2]),
            "heard completely or not",
        ),
    ],
)
def test_no_call_may_have_a_log_like_that(events: tuple[Happened, ...], what: str) -> None:
    whatever = scenario(expect=["reply.decided"])
    assert what in " ".join(problems(whatever, events))


def test_a_golden_log_keeps_what_must_not_change_and_nothing_else() -> None:
    heard = event("reply.heard", 1.0, 2, reply=1, text="Hello", complete=True, latency=0.4)
    assert golden.normalised(scenario(language="ko"), [heard]) == [{"reply.heard": {"text": "Hello", "complete": True}}]
    assert golden.normalised(scenario(), [heard]) == [{"reply.heard": {"complete": True}}]
    assert golden.normalised(scenario(), [event("far_end.voice", seq=0)]) == []


# --- the recognizer that is prompted ---------------------------------------------------------------------


async def heard(*spans: tuple[float, float]) -> list[Transcript]:
    """What it makes of "one" (1.0-1.4 s) and "two" (2.0-2.4 s) when it is fed these spans as utterances."""
    prompter = Prompter()
    prompter.will_sound([Word("one", 1.0, 1.4, 0.9)], "ko")
    prompter.will_sound([Word("two", 2.0, 2.4, 0.6)], "en")
    stream = await prompter.open(language="ko", tenant="shop")
    for start, end in spans:
        for frame in range(round(start * 50), round(end * 50)):
            stream.feed(AudioFrame(bytes(320), 8000, frame * 0.02))
        stream.end_utterance()
    await stream.close()
    return [transcript async for transcript in stream.transcripts()]


async def test_words_fall_into_the_utterance_in_which_they_sound() -> None:
    finals = [transcript for transcript in await heard((0.8, 1.7), (1.8, 2.6)) if transcript.final]
    assert [transcript.text for transcript in finals] == ["one", "two"]
    assert [transcript.utterance for transcript in finals] == [0, 1]
    assert [transcript.language for transcript in finals] == ["ko", "en"]


async def test_partials_grow_and_the_final_is_as_sure_as_its_least_sure_word() -> None:
    *partials, final = await heard((0.5, 3.0))
    assert [transcript.text for transcript in partials] == ["one", "one two"]
    assert (final.text, final.confidence) == ("one two", 0.6)


async def test_noise_without_a_word_is_an_empty_final() -> None:
    [final] = await heard((3.0, 4.0))
    assert final.final
    assert final.text == ""


# --- sounds ----------------------------------------------------------------------------------------------


def test_pauses_stand_between_what_is_said() -> None:
    assert list(sounds.pieces("음 [0.9] 배송비요")) == ["음", 0.9, "배송비요"]


@pytest.mark.parametrize("kind", ["cafe", "street", "hum", "babble"])
def test_noise_is_as_loud_as_it_was_asked_to_be(kind: str) -> None:
    noise = sounds.background(kind, snr_db=10.0, seconds=4.0).astype(float)
    loudness = 20 * math.log10((noise**2).mean() ** 0.5 / 32768)
    assert loudness == pytest.approx(sounds.VOICE_DBFS - 10.0, abs=0.5)
