"""A run that was never carried out, for the tests of what tells of runs."""

from datetime import UTC, datetime

from gateway.commands.evaluate.figures import Figure, Findings, Reliability, RiskCoverage
from gateway.commands.evaluate.record import Run
from gateway.commands.evaluate.suite import read_suite
from gateway.commands.evaluate.verdict import judge, overall

FINDINGS = Findings(
    figures={"en": {"recall@1": Figure(0.9, 12, 0.85, 0.95, 0.8), "p50_ms": Figure(None)}},
    pictures=(Reliability("reliability", ((0.2, 0.25, 8),)), RiskCoverage("risk", ((0.5, 0.0), (1.0, 0.2)))),
    notes=("a remark with <angles>",),
    problems=("“why?” was not answered",),
)


def run(findings: Findings = FINDINGS) -> Run:
    suite = read_suite("retrieval")
    judged = judge(findings, suite.gates)
    return Run(suite, findings, judged, overall(judged), datetime(2026, 1, 2, tzinfo=UTC), 12, 3.0, {"en": {}})
