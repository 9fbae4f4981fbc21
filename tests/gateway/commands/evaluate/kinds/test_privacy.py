"""Whether the detector is judged rightly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dialog.privacy.kinds import Found, PersonalKind
from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.kinds.privacy import Options, judged, measure
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.privacy_sets import marked
from gateway.commands.evaluate.suite import SUITES, read_suite

LINE = marked("call [phone 650 253] now", "here")


def finder(*found: Found) -> Sequence[Found]:
    return found


@pytest.mark.parametrize(
    ("found", "recalled", "precise", "hidden"),
    [
        (Found(5, 12, PersonalKind.PHONE), True, True, True),
        (Found(0, 12, PersonalKind.PHONE), True, True, True),
        (Found(0, 16, PersonalKind.PHONE), True, False, True),
        (Found(5, 11, PersonalKind.PHONE), False, True, False),
        (Found(5, 12, PersonalKind.CARD), False, False, True),
    ],
)
def test_half_a_number_is_no_secret_kept(found: Found, recalled: bool, precise: bool, hidden: bool) -> None:
    results = judged([(LINE, "en")], lambda text, language: finder(found))
    assert [[one.right for one in part] for part in results] == [[recalled], [precise], [hidden]]


def write(folder: Path, name: str, *lines: str) -> str:
    content = "language: en\nutterances: |\n" + "".join(f"  {line}\n" for line in lines)
    (folder / name).write_text(content, encoding="utf-8")
    return name


def around(folder: Path) -> Surroundings:
    return Surroundings(folder, folder, folder / "work", None, lambda line: None)


def test_parts_are_told_apart_by_kind_with_what_went_wrong(tmp_path: Path) -> None:
    test = write(tmp_path, "test.yaml", "call me at [phone 650-253-0000]", "it is [card 12]", "thank you")
    found = measure(Options(sets={"test": (test,)}), around(tmp_path))
    figures = found.figures["test_en"]
    assert (figures["phone.recall"].value, figures["phone.recall"].count) == (1.0, 1)
    assert figures["card.recall"].value == 0.0
    assert figures["recall"].value == 0.5
    assert figures["account.recall"].value is None
    assert found.figures["test"]["p50_ms"].value is not None
    assert found.problems == ("test.yaml: missed card '12' in 'it is 12'",)


def test_parts_that_share_an_utterance_are_refused(tmp_path: Path) -> None:
    options = Options(sets={"a": (write(tmp_path, "a.yaml", "hello"),), "b": (write(tmp_path, "b.yaml", "hello"),)})
    with pytest.raises(SuiteInvalid, match="share"):
        measure(options, around(tmp_path))


def test_the_houses_own_suite_reaches_its_gates() -> None:
    suite = read_suite("privacy")
    found = measure(suite.options(Options), around(SUITES))
    for gate in suite.gates:
        figure = found.find(gate.figure)
        assert figure is not None and figure.value is not None
        assert gate.holds(figure.value), f"{gate.figure} is {figure.value}"
    assert sum(found.figures[part]["hidden"].count for part in ("train", "test")) >= 500
