from __future__ import annotations

from knowledge.blocks import Heading, ListItem, Paragraph, QuestionAnswer, TableRow
from knowledge.formats import web


def test_the_page_is_read_without_its_frame() -> None:
    page = web.read(
        "<html lang='ko-KR'><head><title>반품 안내</title><meta name='valid_until' content='2026-12-31'></head><body>"
        "<nav>Home</nav><header>Menu</header><h1>반품</h1><p>7일 <b>이내</b>.</p><script>x()</script>"
        "<form>Name</form><p hidden>secret</p><p style='display: none'>secret</p><footer>(c)</footer></body></html>"
    )
    assert page.blocks == [Heading(1, "반품"), Paragraph("7일 이내.")]
    assert (page.title, page.language, page.meta["valid_until"]) == ("반품 안내", "ko", "2026-12-31")


def test_the_main_part_is_preferred_and_keeps_its_header() -> None:
    page = web.read("<body><p>ad</p><main><header><h1>Fees</h1></header><p>3 won</p></main></body>")
    assert page.blocks == [Heading(1, "Fees"), Paragraph("3 won")]


def test_lists_nest_and_breaks_part() -> None:
    assert web.fragment("<ul><li>One<ul><li>Inner</li></ul></li><li>Two<br>Three</li></ul>") == [
        ListItem(0, "One"),
        ListItem(1, "Inner"),
        ListItem(0, "Two"),
        ListItem(0, "Three"),
    ]


def test_cells_that_span_rows_count_for_each_of_them() -> None:
    table = "<table><tr><th>Region<th>Size<th>Fee<tr><td rowspan=2>Jeju<td>S<td>1<tr><td>L<td>2</table>"
    assert web.fragment(table) == [
        TableRow(("Region", "Size", "Fee"), ("Jeju", "S", "1")),
        TableRow(("Region", "Size", "Fee"), ("Jeju", "L", "2")),
    ]


def test_a_column_of_heads_names_each_row() -> None:
    table = "<table><tr><th>Phone</th><td>1588-0000</td></tr><tr><th>Hours</th><td>9-18</td></tr></table>"
    assert web.fragment(table) == [TableRow(("Phone",), ("1588-0000",)), TableRow(("Hours",), ("9-18",))]


def test_a_first_row_of_plain_words_heads_the_table() -> None:
    table = "<table><tr><td>Region</td><td>Fee</td></tr><tr><td>Jeju</td><td>6,000</td></tr></table>"
    assert web.fragment(table) == [TableRow(("Region", "Fee"), ("Jeju", "6,000"))]


def test_a_fold_out_question_has_its_answer() -> None:
    assert web.fragment("<details><summary>얼마나 걸려요?</summary><p>이틀입니다.</p></details>") == [
        QuestionAnswer("얼마나 걸려요?", "이틀입니다.")
    ]


def test_definitions_keep_their_term() -> None:
    html = "<dl><dt>Is it free?</dt><dd>Yes.</dd><dt>Fee</dt><dd>3 won</dd></dl>"
    assert web.fragment(html) == [QuestionAnswer("Is it free?", "Yes."), TableRow(("Fee",), ("3 won",))]


def test_crossed_out_prices_are_not_told() -> None:
    assert web.fragment("<p>Now <del>5</del> <s>4</s> 3 won</p>") == [Paragraph("Now 3 won")]


def test_thousands_of_levels_neither_recurse_nor_lose_the_words() -> None:
    blocks = web.fragment("<div>" * 5_000 + "deep" + "</div>" * 5_000)
    assert "deep" in "".join(block.text for block in blocks if isinstance(block, Paragraph))


def test_a_table_that_only_lays_out_the_page_is_walked_through() -> None:
    html = "<table><tr><td><h2>Fees</h2><p>3 won</p></td></tr></table>"
    assert web.fragment(html) == [Heading(2, "Fees"), Paragraph("3 won")]
