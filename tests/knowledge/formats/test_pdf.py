from __future__ import annotations

import pytest

from knowledge.blocks import Paragraph
from knowledge.errors import UnreadableDocument
from knowledge.formats import pdf as reader
from tests.knowledge.formats.pdfs import pdf


def test_wrapped_lines_are_joined_and_the_title_is_taken() -> None:
    source = reader.read(
        pdf([["Refunds are made within three days of", "receiving the prod-", "uct.", "Ask us."]], title="Refunds"),
        "f",
        9,
    )
    assert source.title == "Refunds"
    assert source.blocks == (
        Paragraph("Refunds are made within three days of receiving the product."),
        Paragraph("Ask us."),
    )


def test_running_heads_and_page_numbers_go() -> None:
    rules = [f"Rule {number} holds for all of our customers everywhere." for number in range(1, 6)]
    pages = [[f"Hanbit Store Terms {at}", rule, f"Page {at} of 5"] for at, rule in enumerate(rules, start=1)]
    blocks = reader.read(pdf(pages), "f", 9).blocks
    assert " ".join(block.text for block in blocks if isinstance(block, Paragraph)) == " ".join(rules)


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="4 pages"):
        reader.read(pdf([["a"]], pages_of=4), "f", 3)


def test_pages_without_text_are_an_error_and_not_an_empty_document() -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        reader.read(pdf([[], []]), "scan.pdf", 9)


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\ngarbage" * 50, pdf([["a"]])[:200]])
def test_broken_files_are_an_error_with_a_name(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        reader.read(data, "f.pdf", 9)
