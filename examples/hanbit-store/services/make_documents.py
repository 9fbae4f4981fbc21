"""Make the documents of this tenant that are not plain text: repair-service.docx and business-orders.pdf.

Word and PDF files cannot be reviewed in a diff, so their words stand here and the files are made from them:
``python make_documents.py`` writes both languages under ``../knowledge``. The same words give the same bytes with the
same library, so that a change of a file always means a change of words.

The PDF is written by hand. English uses Helvetica, Korean the CID font that every PDF viewer substitutes for Korean
(PDF 32000-1:2008, 9.7.5.2, CMap UniKS-UCS2-H), with a ToUnicode map so that text can be taken out again; nothing is
embedded, which keeps the files small. It refuses everything but headings, paragraphs and page breaks.
"""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import docx
from docx.document import Document as WordDocument

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
WRITTEN_ON = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595, 842, 64


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences and, where there is one, a table whose first row is its head."""

    heading: str
    sentences: tuple[str, ...]
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The words of one document."""

    title: str
    language: str
    sections: tuple[Section, ...]


REPAIR = {
    "en": Content(
        "Repair service",
        "en",
        (
            Section(
                "How to ask for a repair",
                (
                    "To have a product repaired, call us or choose Repair under My Orders.",
                    "Please have your order number at hand.",
                    "The courier picks up the product within two business days.",
                    "For furniture a technician comes to your home within five business days.",
                ),
            ),
            Section(
                "How long a repair takes",
                (
                    "A repair takes seven to ten business days from the day on which the product reaches us.",
                    "We send you a message when the repair is finished.",
                    "We do not lend another product for the time of the repair.",
                ),
            ),
            Section(
                "What a repair costs",
                (
                    "A repair under warranty is free, and so are pick-up and return.",
                    "After the warranty has ended, the inspection costs 15,000 won.",
                    "The inspection is free if you have the product repaired.",
                    "A visit to your home after the warranty has ended costs 20,000 won.",
                    "We tell you the price first, and the repair begins only after you agree.",
                ),
                (
                    ("Usual repair", "Price after the warranty"),
                    ("Heating part of a kettle", "18,000 won"),
                    ("Wheels of an office chair", "9,000 won"),
                    ("Battery of a laptop", "89,000 won"),
                    ("Screen of a tablet", "120,000 won"),
                ),
            ),
            Section(
                "Repair counters",
                (
                    "The Seoul store and the Busan store have a repair counter.",
                    "Small repairs at the counter take about one hour.",
                ),
            ),
            Section(
                "After the repair",
                (
                    "A repaired part has a warranty of three months.",
                    "If a product cannot be repaired under warranty, you receive a new one or your money back.",
                    "We keep spare parts for five years after the last sale of a product.",
                ),
            ),
            Section(
                "Before you send a laptop or a phone",
                (
                    "Please save your data and switch off the screen lock.",
                    "Data on the device may be lost during the repair.",
                ),
            ),
        ),
    ),
    "ko": Content(
        "수리 서비스",
        "ko",
        (
            Section(
                "수리 신청 방법",
                (
                    "수리를 받으시려면 전화하시거나 나의 주문에서 수리를 골라 주세요.",
                    "주문 번호를 미리 준비해 주세요.",
                    "택배 기사가 영업일 기준 2일 안에 상품을 가지러 갑니다.",
                    "가구는 수리 기사가 영업일 기준 5일 안에 댁으로 방문합니다.",
                ),
            ),
            Section(
                "수리 기간",
                (
                    "수리는 상품이 저희에게 도착한 날부터 영업일 기준 7일에서 10일 걸립니다.",
                    "수리가 끝나면 메시지로 알려 드립니다.",
                    "수리하는 동안 대여 제품은 드리지 않습니다.",
                ),
            ),
            Section(
                "수리 비용",
                (
                    "보증 기간 안의 수리는 수거와 반송까지 모두 무료입니다.",
                    "보증 기간이 지난 뒤에는 점검비가 15,000원입니다.",
                    "수리를 맡기시면 점검비는 받지 않습니다.",
                    "보증 기간이 지난 뒤의 방문 수리 출장비는 20,000원입니다.",
                    "먼저 금액을 알려 드리고, 동의하신 뒤에만 수리를 시작합니다.",
                ),
                (
                    ("자주 하는 수리", "보증 기간 뒤의 금액"),
                    ("전기 주전자 열선", "18,000원"),
                    ("사무용 의자 바퀴", "9,000원"),
                    ("노트북 배터리", "89,000원"),
                    ("태블릿 화면", "120,000원"),
                ),
            ),
            Section(
                "수리 창구",
                (
                    "서울점과 부산점에 수리 창구가 있습니다.",
                    "창구에서 하는 간단한 수리는 1시간쯤 걸립니다.",
                ),
            ),
            Section(
                "수리한 뒤",
                (
                    "수리한 부품은 3개월 동안 보증됩니다.",
                    "보증 기간 안에 수리할 수 없는 상품은 새 상품으로 바꾸어 드리거나 환불해 드립니다.",
                    "부품은 상품의 판매가 끝난 뒤 5년 동안 보유합니다.",
                ),
            ),
            Section(
                "노트북이나 휴대폰을 보내시기 전에",
                (
                    "데이터를 따로 저장하시고 화면 잠금을 풀어 주세요.",
                    "수리 중에 기기의 데이터가 지워질 수 있습니다.",
                ),
            ),
        ),
    ),
}

BUSINESS = {
    "en": Content(
        "Business orders",
        "en",
        (
            Section(
                "Who can place a business order",
                (
                    "An order is a business order from 20 pieces of one product or from 2,000,000 won in all.",
                    "Companies, schools and public offices can place business orders.",
                ),
            ),
            Section(
                "Discounts",
                (
                    "Business orders from 2,000,000 won receive a discount of 5 percent.",
                    "Business orders from 5,000,000 won receive a discount of 8 percent.",
                    "Business orders from 10,000,000 won receive a discount of 12 percent.",
                    "Business orders earn no points.",
                ),
            ),
            Section(
                "Asking for an offer",
                (
                    "Please write to business@hanbit-store.example for an offer.",
                    "You receive the offer within one business day.",
                    "An offer is valid for 14 days.",
                ),
            ),
            Section(
                "Delivery",
                (
                    "Business orders are delivered free of charge within ten business days.",
                    "A business order can be sent to up to 20 addresses.",
                ),
            ),
            Section(
                "Payment",
                (
                    "Business orders are paid by bank transfer before delivery.",
                    "After a credit check a company can pay within 30 days of delivery.",
                    "The tax invoice is issued on the day of delivery.",
                ),
            ),
            Section(
                "Your logo",
                (
                    "We print your logo on mugs and towels from 100 pieces.",
                    "Printing a logo costs 1,500 won for each piece.",
                    "Printing adds five business days to the delivery time.",
                ),
            ),
            Section(
                "Returns",
                (
                    "Unopened boxes of a business order can be returned within seven days of delivery.",
                    "Products with a printed logo cannot be returned.",
                ),
            ),
        ),
    ),
    "ko": Content(
        "기업 주문",
        "ko",
        (
            Section(
                "기업 주문 기준",
                (
                    "같은 상품 20개 이상이거나 모두 합하여 2,000,000원 이상이면 기업 주문입니다.",
                    "기업과 학교, 관공서에서 기업 주문을 하실 수 있습니다.",
                ),
            ),
            Section(
                "할인",
                (
                    "2,000,000원부터 기업 주문은 5퍼센트 할인됩니다.",
                    "5,000,000원부터 기업 주문은 8퍼센트 할인됩니다.",
                    "10,000,000원부터 기업 주문은 12퍼센트 할인됩니다.",
                    "기업 주문에는 적립금이 쌓이지 않습니다.",
                ),
            ),
            Section(
                "견적 요청",
                (
                    "견적은 business@hanbit-store.example 로 메일을 보내 요청해 주세요.",
                    "견적서는 영업일 기준 1일 안에 보내 드립니다.",
                    "견적서는 14일 동안 유효합니다.",
                ),
            ),
            Section(
                "배송",
                (
                    "기업 주문은 영업일 기준 10일 안에 무료로 배송합니다.",
                    "기업 주문은 20곳까지 나누어 보내 드립니다.",
                ),
            ),
            Section(
                "결제",
                (
                    "기업 주문은 배송 전에 계좌 이체로 결제합니다.",
                    "신용 확인을 거친 기업은 배송 후 30일 안에 결제하실 수 있습니다.",
                    "세금계산서는 배송하는 날에 발행합니다.",
                ),
            ),
            Section(
                "로고 인쇄",
                (
                    "머그잔과 수건에 100개부터 로고를 인쇄해 드립니다.",
                    "로고 인쇄비는 한 개에 1,500원입니다.",
                    "로고를 인쇄하면 배송이 영업일 기준 5일 더 걸립니다.",
                ),
            ),
            Section(
                "반품",
                (
                    "뜯지 않은 기업 주문 상자는 받은 날부터 7일 안에 반품하실 수 있습니다.",
                    "로고를 인쇄한 상품은 반품하실 수 없습니다.",
                ),
            ),
        ),
    ),
}


def word_document(content: Content) -> bytes:
    """``content`` as a .docx file, with heading styles, paragraphs and tables."""
    document: WordDocument = docx.Document()
    properties = document.core_properties
    properties.title, properties.language = content.title, content.language
    properties.author = properties.last_modified_by = "Hanbit Store"
    properties.created = properties.modified = WRITTEN_ON
    document.add_heading(content.title, level=0)
    for section in content.sections:
        document.add_heading(section.heading, level=1)
        for sentence in section.sentences:
            document.add_paragraph(sentence)
        if section.table:
            table = document.add_table(rows=0, cols=len(section.table[0]))
            for row in section.table:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    made = io.BytesIO()
    document.save(made)
    return _with_fixed_times(made.getvalue())


def _with_fixed_times(archive: bytes) -> bytes:
    """The zip ``archive`` with the same date on every member, so that the same words give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, WRITTEN_ON.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def pdf_document(content: Content) -> bytes:
    """``content`` as a PDF with as many A4 pages as it needs."""
    korean = content.language == "ko"
    pages = [_page_stream(lines, korean) for lines in _pages(content)]
    font = 3 + 2 * len(pages)
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Lang ({content.language}) >>".encode(),
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
    ]
    for number, stream in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] "
            f"/Resources << /Font << /F1 {font} 0 R >> >> /Contents {4 + 2 * number} 0 R >>".encode()
        )
        objects.append(_stream(stream))
    objects += _korean_font(font) if korean else _english_font()
    title = content.title.encode("utf-16-be").hex().upper()
    information = f"<< /Title <FEFF{title}> /Author (Hanbit Store) /CreationDate (D:20260102090000Z) >>".encode()
    return _assemble([*objects, information])


def _pages(content: Content) -> list[list[tuple[int, str]]]:
    """The lines of each page, as (size of type, text)."""
    lines: list[tuple[int, str]] = [(20, content.title)]
    for section in content.sections:
        lines += [(10, ""), (14, section.heading)]
        lines += [(11, line) for sentence in section.sentences for line in _wrapped(sentence)]
    pages: list[list[tuple[int, str]]] = [[]]
    room = PAGE_HEIGHT - 2 * MARGIN
    for size, text in lines:
        room -= size * 2
        if room < 0:
            pages.append([])
            room = PAGE_HEIGHT - 2 * MARGIN - size * 2
        pages[-1].append((size, text))
    return pages


def _wrapped(sentence: str, columns: int = 84) -> list[str]:
    """``sentence`` in lines of at most ``columns`` columns, where a Korean letter takes two."""
    lines, width = [""], 0
    for word in sentence.split():
        columns_of_word = sum(2 if ord(letter) > 0x2E80 else 1 for letter in word) + 1
        if width and width + columns_of_word > columns:
            lines.append("")
            width = 0
        lines[-1] = f"{lines[-1]} {word}".strip()
        width += columns_of_word
    return lines


def _page_stream(lines: list[tuple[int, str]], korean: bool) -> bytes:
    """The drawing operators of one page."""
    operators = ["BT", f"{MARGIN} {PAGE_HEIGHT - MARGIN} Td"]
    for size, text in lines:
        operators.append(f"0 -{size * 2} Td /F1 {size} Tf")
        if text:
            shown = f"<{text.encode('utf-16-be').hex()}>" if korean else "(" + _escaped(text) + ")"
            operators.append(f"{shown} Tj")
    return "\n".join([*operators, "ET"]).encode("ascii")


def _escaped(text: str) -> str:
    """``text`` as the inside of a PDF string."""
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _english_font() -> list[bytes]:
    return [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]


def _korean_font(first: int) -> list[bytes]:
    """The font objects of a Korean page, numbered from ``first`` on."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        # A range may not cross a change of the first byte (PDF 32000-1:2008, 9.10.3), hence one for each.
        + b"".join(
            f"{len(block)} beginbfrange\n".encode()
            + b"".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>\n".encode() for high in block)
            + b"endbfrange\n"
            for block in ([0x00, 0x20, 0x30], list(range(0xAC, 0xD8)))
        )
        + b"endcmap CMapName currentdict /CMap defineresource pop end end\n"
    )
    return [
        f"<< /Type /Font /Subtype /Type0 /BaseFont /HYGoThic-Medium-UniKS-UCS2-H /Encoding /UniKS-UCS2-H "
        f"/DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 3} 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYGoThic-Medium /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Korea1) /Supplement 1 >> /DW 1000 /W [1 95 500 8094 8190 500] "
        f"/FontDescriptor {first + 2} 0 R >>".encode(),
        b"<< /Type /FontDescriptor /FontName /HYGoThic-Medium /Flags 4 /FontBBox [-6 -145 1003 880] /ItalicAngle 0 "
        b"/Ascent 752 /Descent -271 /CapHeight 737 /StemV 58 >>",
        _stream(to_unicode),
    ]


def _stream(content: bytes) -> bytes:
    return f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _assemble(objects: list[bytes]) -> bytes:
    """The file of ``objects``; the first is the catalogue, the last the information about the document."""
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(made))
        made += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
    return bytes(made + f"startxref\n{start}\n%%EOF\n".encode())


def main() -> int:
    """Write all four files and name them."""
    made = {
        path: content
        for language in ("en", "ko")
        for path, content in (
            (KNOWLEDGE / language / "warranty" / "repair-service.docx", word_document(REPAIR[language])),
            (KNOWLEDGE / language / "business" / "business-orders.pdf", pdf_document(BUSINESS[language])),
        )
    }
    for path, content in made.items():
        path.write_bytes(content)
        print(f"{path.relative_to(KNOWLEDGE)}: {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
