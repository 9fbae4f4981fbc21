"""Every codec bears whatever comes: a short run of the fuzzer on each, always with the same cases."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from gateway.telephony.codec import CodecEvent
from gateway.telephony.softphone import SoftphoneCodec
from tests.benchmarks.fuzz_codecs import Mutator, fuzz, main, run_case
from tests.benchmarks.fuzz_corpus import CODECS, Fuzzed, Heard

SEED = 20261122


@pytest.mark.parametrize("name", sorted(CODECS))
def test_nothing_but_a_violation_is_raised(name: str) -> None:
    result = fuzz(name, CODECS[name], seconds=2.0, seed=SEED, most_cases=2500)
    assert result.cases
    assert [finding.as_test() for finding in result.findings] == []


@pytest.mark.parametrize("name", sorted(CODECS))
def test_the_corpus_opens_the_leg_and_each_of_its_messages_is_valid(name: str) -> None:
    fuzzed = CODECS[name]
    for message in fuzzed.messages:
        codec = fuzzed.make()
        for said in fuzzed.opening:
            codec.receive(said)
        fuzzed.opened(codec)
        codec.receive(message)


class Brittle(SoftphoneCodec):
    """A codec with a mistake: it believes that marks are numbers."""

    def receive(self, message: Heard) -> Sequence[CodecEvent]:
        events = super().receive(message)
        if isinstance(message, str) and '"mark"' in message and '"m"' not in message:
            int(json.loads(message)["name"])
        return events


def test_a_mistake_is_found_made_small_and_printed_as_a_test() -> None:
    softphone = CODECS["softphone"]
    brittle = Fuzzed(Brittle, softphone.opening, softphone.messages, softphone.opened)
    result = fuzz("brittle", brittle, seconds=30.0, seed=SEED)
    finding = result.findings[0]
    assert isinstance(finding.error, ValueError)
    assert len(finding.case) == 2  # the opening, and the mark
    with pytest.raises(ValueError, match="invalid literal"):
        run_case(brittle, finding.case)
    assert finding.as_test().startswith("# ValueError: invalid literal")
    assert "def test_brittle_bears_what_fuzzing_found() -> None:" in finding.as_test()


def test_the_same_seed_makes_the_same_cases() -> None:
    first, second = (Mutator(CODECS["softphone"], SEED) for _ in range(2))
    assert [first.case() for _ in range(50)] == [second.case() for _ in range(50)]


def test_the_command_line_says_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seconds", "0.05", "--codec", "softphone"]) == 0
    assert ", 0 findings" in capsys.readouterr().out
