from gateway.commands.evaluate.figures import Figure, Findings, plain

FINDINGS = Findings({"en": {"recall@1": Figure(0.123456, 9), "p50_ms": Figure(None)}})


def test_a_figure_is_found_by_its_path() -> None:
    assert FINDINGS.find("en.recall@1") == Figure(0.123456, 9)
    assert FINDINGS.find("ko.recall@1") is None
    assert FINDINGS.find("en.recall@9") is None


def test_what_was_not_measured_is_null_and_never_nought() -> None:
    assert plain(FINDINGS.figures) == {"en": {"recall@1": 0.1235, "p50_ms": None}}
    assert plain(FINDINGS.figures, ("recall@5",)) == {"en": {"recall@5": None}}
