"""Rubrics as tenants write them, and the mistakes that are found in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialog.errors import TenantDialogInvalid
from gateway.analytics.quality.rubric import Side, read_rubrics, rubrics_of

EXAMPLE = Path(__file__).parents[4] / "examples" / "hanbit-store"

GOOD = """
rubrics:
  - id: service
    version: "1"
    criteria:
      - {id: sources, check: cited, weight: 2}
      - {id: greeting, check: said, by: person, any_of: {en: [hello there]}}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "quality.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_example_is_right_and_names_everything_in_both_languages() -> None:
    rubrics = read_rubrics(EXAMPLE)
    assert rubrics is not None
    for rubric in rubrics.rubrics:
        assert set(rubric.name) == {"ko", "en"}
        for criterion in rubric.criteria:
            assert set(criterion.name) == {"ko", "en"}, criterion.id
    assert {rubric.applies.served_by for rubric in rubrics.rubrics} == {None, Side.BOT, Side.PERSON}


def test_a_tenant_without_the_file_judges_nothing(tmp_path: Path) -> None:
    assert read_rubrics(tmp_path) is None


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    rubrics = read_rubrics(written(tmp_path, GOOD))
    assert rubrics is not None
    [rubric] = rubrics.rubrics
    assert (rubrics.after_seconds, rubric.passes_at, rubric.applies.channels) == (300.0, 80.0, ("voice", "chat"))
    assert [one.weight for one in rubric.criteria] == [2.0, 1.0]
    found = rubric.criterion("greeting")
    assert found is not None
    assert found.check == "said"
    assert rubric.criterion("nothing") is None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("check: cited", "check: cited, sources: 2", ":6: "),
        ("check: cited", "check: friendly", ":6: "),
        ("{id: sources", "{id: greeting", "several criteria"),
        ("weight: 2", "weight: -1", ":6: "),
        ("{en: [hello there]}", "{de: [guten Tag]}", "nobody here speaks de"),
        ("{en: [hello there]}", "{}", ":7: "),
        ('version: "1"', "passes_at: 80", "version"),
        ("rubrics:", "after_seconds: 5\nrubrics:", ":2: "),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in GOOD
    with pytest.raises(TenantDialogInvalid, match=told):
        read_rubrics(written(tmp_path, GOOD.replace(before, after)))


def test_a_rubric_by_which_nothing_counts_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("weight: 2", "weight: 0").replace("by: person", "weight: 0, by: person")
    with pytest.raises(TenantDialogInvalid, match="weight"):
        read_rubrics(written(tmp_path, text))


def test_of_several_tenants_those_are_found_that_judge(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written(tmp_path / "a", GOOD)
    assert list(rubrics_of({"a": tmp_path / "a", "b": tmp_path / "b"})) == ["a"]
