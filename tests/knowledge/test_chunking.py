from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.blocks import Block, Heading, ListItem, Paragraph, QuestionAnswer, Source, TableRow
from knowledge.chunking import cut, language_of, row_sentence, size, title_of
from knowledge.document import Document, Passage
from knowledge.limits import ReadLimits
from knowledge.readers import read

GUIDE = Document("guide.md", "Guide", "en", "d1")


def passages(*blocks: Block, longest: int = 120, document: Document = GUIDE) -> tuple[Passage, ...]:
    return cut(Source(blocks), document, longest)


def sentences_of(count: int, words: int = 10) -> str:
    return " ".join(" ".join([f"Word{number}"] + ["and"] * (words - 2) + ["end."]) for number in range(count))


def test_every_passage_knows_the_way_from_the_title() -> None:
    found = passages(
        Heading(1, "Guide"),
        Paragraph("Hello."),
        Heading(2, "Fees"),
        Heading(3, "Jeju"),
        Paragraph("Six."),
        Heading(2, "Times"),
        Paragraph("Nine."),
    )
    assert [passage.headings for passage in found] == [("Guide",), ("Guide", "Fees", "Jeju"), ("Guide", "Times")]
    assert [passage.text for passage in found] == ["Hello.", "Six.", "Nine."]
    assert [passage.ordinal for passage in found] == [0, 1, 2]


def test_what_stands_under_different_headings_is_never_merged() -> None:
    found = passages(Heading(2, "A"), Paragraph("One."), Heading(2, "B"), Paragraph("Two."))
    assert [passage.sentences for passage in found] == [("One.",), ("Two.",)]


def test_long_sections_are_cut_at_sentence_ends_and_nothing_is_lost() -> None:
    text = sentences_of(40)
    found = passages(Paragraph(text))
    assert all(60 <= size(passage.text) <= 120 for passage in found[:-1])
    assert " ".join(passage.text for passage in found) == text
    assert all(sentence.endswith("end.") for passage in found for sentence in passage.sentences)


def test_a_comfortable_passage_ends_with_its_paragraph() -> None:
    found = passages(Paragraph(sentences_of(8)), Paragraph(sentences_of(7)))
    assert [len(passage.sentences) for passage in found] == [8, 7]


def test_a_list_that_is_cut_keeps_the_line_that_announced_it() -> None:
    items = [ListItem(0, f"Item{number} " + "word " * 20) for number in range(12)]
    found = passages(Paragraph("You need the following:"), *items)
    assert len(found) > 1
    assert all(passage.sentences[0] == "You need the following:" for passage in found)


def test_an_inner_item_takes_the_outer_one_along_when_that_only_announces() -> None:
    (found,) = passages(ListItem(0, "Jeju:"), ListItem(1, "three days"))
    assert found.sentences == ("Jeju:", "Jeju: three days")


def test_a_row_is_a_sentence_with_its_headers() -> None:
    assert row_sentence(TableRow(("Region", "Fee"), ("Jeju", "6,000 won"))) == "Region: Jeju, Fee: 6,000 won."
    assert row_sentence(TableRow(("", "Fee"), ("Jeju", "6,000 won"))) == "Jeju, Fee: 6,000 won."
    assert row_sentence(TableRow(("Region", "Fee"), ("Jeju", ""))) == "Region: Jeju."
    assert row_sentence(TableRow(("A",), ("",))) == ""


def test_a_question_and_its_answer_are_a_passage_of_their_own() -> None:
    (found,) = passages(QuestionAnswer("How long?", "Two days. Three to Jeju.", "Delivery"))
    assert (found.question, found.headings) == ("How long?", ("Guide", "Delivery"))
    assert found.sentences == ("Two days.", "Three to Jeju.")


def test_a_heading_that_asks_is_the_question_of_what_follows() -> None:
    (found,) = passages(Heading(2, "배송은 얼마나 걸리나요?"), Paragraph("이틀입니다."))
    assert found.question == "배송은 얼마나 걸리나요?"


def test_ids_survive_changes_elsewhere_in_the_document() -> None:
    before = passages(Heading(2, "A"), Paragraph("One."), Heading(2, "B"), Paragraph("Two."))
    after = passages(
        Heading(2, "New"), Paragraph("Zero."), Heading(2, "A"), Paragraph("One."), Heading(2, "B"), Paragraph("2.")
    )
    assert after[1].id == before[0].id
    assert after[2].id != before[1].id
    assert all(passage.id.startswith("guide.md#") for passage in after)


def test_equal_passages_of_a_document_have_different_ids() -> None:
    found = passages(Heading(2, "A"), Paragraph("One."), Heading(2, "A"), Paragraph("One."))
    assert len({passage.id for passage in found}) == 2


def test_text_without_any_punctuation_is_still_cut() -> None:
    found = passages(Paragraph("word " * 1_000))
    assert len(found) >= 8
    assert all(size(passage.text) <= 121 for passage in found)


def test_korean_is_measured_in_heavier_words() -> None:
    assert size("배송은 보통 이틀 걸립니다") == pytest.approx(6.4)
    assert size("It takes two days") == 4


def test_nothing_but_headings_yields_no_passage() -> None:
    assert passages(Heading(1, "A"), Heading(2, "B")) == ()


def test_the_title_is_the_sources_own_else_its_first_heading_else_the_files_name() -> None:
    assert title_of(Source((Heading(1, "H"),), title="T"), "f") == "T"
    assert title_of(Source((Heading(1, "H"),)), "f") == "H"
    assert title_of(Source((Heading(5, "H"),)), "f") == "f"


def test_the_language_is_the_sources_own_else_what_it_is_written_in() -> None:
    assert language_of(Source((Paragraph("이틀입니다."),))) == "ko"
    assert language_of(Source((Paragraph("이틀입니다."),), language="en")) == "en"


def test_a_table_survives_as_rows_that_can_be_said_and_a_list_keeps_its_items(tmp_path: Path) -> None:
    page = (
        "# Delivery\n\nFees by region:\n\n| Region | Fee | Days |\n|---|---|---|\n| Seoul | 3,000 won | 1 |\n"
        "| Jeju | 6,000 won | 3 |\n\nNever sent:\n\n- live animals\n- lithium batteries\n  - except inside a device\n"
    )
    path = tmp_path / "delivery.md"
    path.write_text(page)
    source = read(path, "delivery.md", ReadLimits())
    sentences = [s for made in cut(source, Document("d", "Delivery", "en", "x"), 30) for s in made.sentences]
    assert "Region: Jeju, Fee: 6,000 won, Days: 3." in sentences
    assert "Region: Seoul, Fee: 3,000 won, Days: 1." in sentences
    assert {"live animals", "lithium batteries", "except inside a device"} <= set(sentences)
