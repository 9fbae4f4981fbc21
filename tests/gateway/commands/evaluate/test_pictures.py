from xml.etree import ElementTree

from gateway.commands.evaluate.figures import Figure, Reliability, RiskCoverage
from gateway.commands.evaluate.pictures import amounts, bars, reliability, risk_coverage


def circles(svg: str) -> int:
    return len(ElementTree.fromstring(svg).findall("{http://www.w3.org/2000/svg}circle"))


def test_every_bin_is_a_dot() -> None:
    assert circles(reliability(Reliability("p & q", ((0.1, 0.1, 5), (0.9, 0.8, 50))))) == 2
    assert circles(reliability(Reliability("nothing", ()))) == 0


def test_risk_is_drawn_to_its_own_scale() -> None:
    drawn = risk_coverage(RiskCoverage("risk", ((0.5, 0.02), (1.0, 0.08))))
    assert ">0.1<" in drawn
    assert ElementTree.fromstring(drawn) is not None
    assert ElementTree.fromstring(risk_coverage(RiskCoverage("nothing", ()))) is not None


def test_bars_stand_beside_a_baseline_and_alone_only_where_there_is_none() -> None:
    both = {"recall": Figure(0.9, 5, 0.8, 1.0, 0.7), "alone": Figure(0.5, 5)}
    drawn = bars("en", both)
    assert "recall" in drawn
    assert "alone" not in drawn
    assert "baseline" not in bars("en", {"alone": Figure(0.5, 5)})
    assert "alone" in bars("en", {"alone": Figure(0.5, 5)})
    assert bars("en", {"unknown": Figure(None)}) == ""
    assert bars("en", {"milliseconds": Figure(12.0, 5, baseline=30.0)}) == ""


def test_what_is_no_share_is_drawn_to_its_own_scale() -> None:
    drawn = amounts("en", {"milliseconds": Figure(12.0, 5, baseline=30.0), "recall": Figure(0.9, 5, baseline=0.7)})
    assert [found.get("width") for found in ElementTree.fromstring(drawn).iter() if found.tag.endswith("rect")] == [
        "100.0",
        "250.0",
    ]
    assert amounts("en", {"recall": Figure(0.9, 5, baseline=0.7)}) == ""
