from pathlib import Path

from gateway.commands.evaluate.kinds.reading import Options, measure
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from tests.gateway.commands.evaluate.corpora import written


def test_the_right_sentence_is_counted_end_to_end(tmp_path: Path) -> None:
    options = Options.model_validate({"sets": {"en": {"questions": ["set.json"]}}})
    around = Surroundings(written(tmp_path / "data"), tmp_path, tmp_path / "work", None, lambda line: None)
    found = measure(options, around)
    figures = found.figures["en"]
    assert figures["first"].count == 4
    values = [figures[name].value for name in ("first", "among_3", "spoken")]
    assert all(value is not None and value >= 0.75 for value in values)
    assert figures["first"].baseline is not None
    assert len(found.problems) == round(4 * (1 - (figures["among_3"].value or 0)))
