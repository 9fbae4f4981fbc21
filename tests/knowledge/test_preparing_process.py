from __future__ import annotations

from knowledge import lexical
from knowledge.index import Signal
from knowledge.payload import passage_values
from knowledge.preparing_process import Workbench, row_texts, whole_text
from tests.knowledge.twins import NO_MODEL, document, passage


def test_a_passage_is_found_by_its_place_its_question_and_its_words() -> None:
    made = passage(document("guide"), "Yes. Always.", question="Is it free?", heading="Fees")
    assert whole_text(made) == "guide. Fees. Is it free?\nYes. Always."
    assert row_texts(made) == ["Yes.", "Always.", "Is it free?"]


def test_a_passage_without_headings_is_its_words() -> None:
    made = passage(document(""), "Two days.")
    assert whole_text(made) == "Two days."


def test_a_heading_that_asks_is_not_said_twice() -> None:
    made = passage(document("guide"), "Yes.", question="Is it free?", heading="Is it free?")
    assert whole_text(made).count("Is it free?") == 1


def test_words_need_no_model_and_both_languages_have_characters() -> None:
    bench = Workbench(NO_MODEL, 8)
    english = bench.answer(
        {
            "do": "prepare",
            "language": "en",
            "dense": False,
            "passages": [passage_values(passage(document("a"), "Delivery."))],
        }
    )["entries"]
    korean = bench.answer(
        {
            "do": "prepare",
            "language": "ko",
            "dense": False,
            "passages": [passage_values(passage(document("a", "ko"), "이틀."))],
        }
    )["entries"]
    assert lexical.hashed("deli") in english[0]["characters"][0]
    assert korean[0][Signal.CHARACTERS.value][0]
    assert english[0]["dense"] is korean[0]["rows"] is None


def test_a_failure_with_a_name_is_an_answer() -> None:
    message = {
        "do": "prepare",
        "language": "fr",
        "dense": False,
        "passages": [passage_values(passage(document("a"), "x"))],
    }
    assert "ko or en" in Workbench(NO_MODEL, 8).answer(message)["error"]
