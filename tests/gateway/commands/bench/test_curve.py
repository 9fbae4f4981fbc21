from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gateway.commands.bench.curve import Chart, Line, draw, ticks

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("top", "expected"),
    [(10, [0, 5, 10]), (60, [0, 20, 40, 60]), (1.3, [0, 0.5, 1, 1.5]), (8.4, [0, 5, 10])],
)
def test_ticks_are_round_and_reach_the_top(top: float, expected: list[float]) -> None:
    assert ticks(top) == expected


def test_the_picture_is_svg_with_a_point_for_each_figure_that_was_measured() -> None:
    chart = Chart("gap <p99>", (Line("p99", ((10, 20.0), (20, None), (40, 61.0))),), limit=60.0)
    root = ElementTree.fromstring(draw("Calls & core", "a note", [chart, Chart("none", (Line("x", ((10, None),)),))]))
    circles = root.findall(f"{SVG}circle")
    assert len(circles) == 2
    assert float(circles[0].attrib["cy"]) > float(circles[1].attrib["cy"]), "more is higher"
    assert float(circles[0].attrib["cx"]) < float(circles[1].attrib["cx"])
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"Calls & core", "gap <p99>", "limit 60", "p99"} <= set(texts)
