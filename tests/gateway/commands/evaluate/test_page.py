from gateway.commands.evaluate.figures import Figure
from gateway.commands.evaluate.page import cells, page
from tests.gateway.commands.evaluate.runs import run


def test_the_page_needs_nothing_beside_it() -> None:
    made = page(run())
    assert made.count("<svg") == 3
    assert "http" not in made.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in made
    assert "a remark with &lt;angles&gt;" in made
    assert 'class="error">ERROR' in made
    assert "a sample of at most 12 cases" in made


def test_what_was_not_measured_is_a_dash() -> None:
    assert cells(Figure(None), None) == ("–", "–", "0", "–", "–")
    assert cells(Figure(0.5, 4, 0.25, 0.75, 0.1), 0.2) == ("0.5", "0.25–0.75", "4", "0.1", "0.2")
