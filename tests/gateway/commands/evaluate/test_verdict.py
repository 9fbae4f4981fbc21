from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.suite import Gate
from gateway.commands.evaluate.verdict import Verdict, judge, overall

FINDINGS = Findings({"en": {"recall": Figure(0.8, 10), "speed": Figure(None)}})


def verdict(*gates: Gate, earlier: dict[str, dict[str, float | None]] | None = None) -> Verdict:
    return overall(judge(FINDINGS, gates, earlier))


def test_gates_hold_or_fail() -> None:
    assert verdict(Gate(figure="en.recall", at_least=0.8)) is Verdict.PASS
    assert verdict(Gate(figure="en.recall", at_least=0.81)) is Verdict.FAIL
    assert verdict() is Verdict.PASS


def test_what_was_not_measured_is_an_error_even_beside_a_failure() -> None:
    missing = Gate(figure="en.speed", at_most=3)
    assert verdict(missing) is Verdict.ERROR
    assert verdict(Gate(figure="ko.recall", at_least=0)) is Verdict.ERROR
    assert verdict(Gate(figure="en.recall", at_least=0.9), missing) is Verdict.ERROR


def test_a_loss_against_an_earlier_run_fails() -> None:
    gate = Gate(figure="en.recall", loses_at_most=0.01)
    assert verdict(gate) is Verdict.PASS
    assert verdict(gate, earlier={"en": {"recall": 0.805}}) is Verdict.PASS
    assert verdict(gate, earlier={"en": {"recall": 0.82}}) is Verdict.FAIL
    assert verdict(gate, earlier={"en": {"recall": None}}) is Verdict.ERROR


def test_exit_codes_tell_failures_from_errors() -> None:
    assert [one.exit_code for one in (Verdict.PASS, Verdict.FAIL, Verdict.ERROR)] == [0, 1, 2]
