"""Panels as tables of a DOCX file, the same bytes every time."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table

from readerstudy.analysis.panels.panel import Panel, Row
from readerstudy.analysis.wording import printable

# Files carry no moment of their own: equal results make equal bytes.
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_ZIP_MOMENT = (2026, 1, 1, 0, 0, 0)
_TEXT, _SMALL = Pt(9), Pt(8)
_MUTED = RGBColor(0x56, 0x60, 0x69)
_MARGIN = Mm(18)
# The head stands again on every page.
_REPEATED = '<w:trPr><w:tblHeader w:val="true"/></w:trPr>'
# Width of a sign of the small text.
_SIGN = Pt(4.3)
_FOR_SENTENCES = 0.7


def docx(panels: Sequence[Panel], *, title: str, is_wide: bool = False) -> bytes:
    """A document with one table per panel; `is_wide` turns the page."""
    document = Document()
    _page(document, is_wide=is_wide)
    _properties(document, title)
    for number, panel in enumerate(panels, 1):
        _panel(document, panel, number)
    found = io.BytesIO()
    document.save(found)
    return _timeless(found.getvalue())


def _page(document: DocumentObject, *, is_wide: bool) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", _TEXT
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if is_wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN


def _properties(document: DocumentObject, title: str) -> None:
    properties = document.core_properties
    properties.title = printable(title)
    properties.author = properties.last_modified_by = "readerstudy"
    properties.comments = ""
    properties.created = properties.modified = _MOMENT
    properties.revision = 1


def _panel(document: DocumentObject, panel: Panel, number: int) -> None:
    caption = document.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(14)
    caption.add_run(f"Table {number}. ").bold = True
    caption.add_run(printable(panel.title))
    if panel.is_exploratory:
        caption.add_run(" (exploratory)").italic = True
    if panel.message:
        document.add_paragraph(printable(panel.message))
    if panel.rows:
        _table(document, panel)
    for note in panel.notes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        run = paragraph.add_run(printable(note))
        run.font.size, run.font.color.rgb = _SMALL, _MUTED


def _table(document: DocumentObject, panel: Panel) -> None:
    table = document.add_table(rows=0, cols=len(panel.columns))
    _rules(table)
    widths = _widths(panel, document)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    # Rows are written as XML at once: python-docx takes a millisecond for every cell,
    # and a study of many arms and readers has a hundred thousand.
    head = _row(Row(panel.columns, "total"), panel, widths, _REPEATED)
    rows = [_row(row, panel, widths) for row in panel.rows]
    made = parse_xml(f"<w:tbl {nsdecls('w')}>{head}{''.join(rows)}</w:tbl>")
    table._tbl.extend(list(made))


def _widths(panel: Panel, document: DocumentObject) -> list[int]:
    """Widths by what columns hold; a long text takes no more than a third."""
    section = document.sections[0]
    room = int(section.page_width or 0) - 2 * _MARGIN
    # Headings wrap between words; no word is broken.
    longest = [max(map(len, column.split() or [""])) + 1 for column in panel.columns]
    for row in panel.rows:
        if row.kind != "message":
            longest = list(map(max, longest, map(len, row.cells)))
    wanted = [_SIGN * (size + 3) for size in longest]
    widths = [min(each, room / 3) for each in wanted]
    scale = min(1.0, room / sum(widths))
    if any(row.kind == "message" for row in panel.rows):
        # A sentence over all columns has room too.
        scale = max(scale, _FOR_SENTENCES * room / sum(widths))
    return [int(each * scale) for each in widths]


def _row(row: Row, panel: Panel, widths: list[int], properties: str = "") -> str:
    if row.kind == "message":
        cell = _cell(row.cells[0], sum(widths), span=len(widths), kind="muted")
        return f"<w:tr>{properties}{cell}</w:tr>"
    cells = [
        _cell(text, width, is_number=place in panel.numbers, kind=row.kind)
        for place, (text, width) in enumerate(zip(row.cells, widths, strict=True))
    ]
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _cell(
    text: str, width: int, *, span: int = 1, is_number: bool = False, kind: str = ""
) -> str:
    over = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    right = '<w:jc w:val="right"/>' if is_number else ""
    bold = "<w:b/>" if kind == "total" else ""
    colour = f'<w:color w:val="{_MUTED}"/>' if kind == "muted" else ""
    lines = [
        f'<w:t xml:space="preserve">{escape(line)}</w:t>'
        for line in printable(text).splitlines()
    ]
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{Length(width).twips}"/>{over}'
        f'</w:tcPr><w:p><w:pPr><w:spacing w:after="20"/>{right}</w:pPr><w:r><w:rPr>'
        f'{bold}{colour}<w:sz w:val="{int(2 * _SMALL.pt)}"/></w:rPr>'
        f"{'<w:br/>'.join(lines)}</w:r></w:p></w:tc>"
    )


def _rules(table: Table) -> None:
    """Lines above, below the head and below, as journals set tables."""
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 8), ("bottom", 8), ("insideH", 2)):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("color", "868C90")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _timeless(content: bytes) -> bytes:
    """The same archive without the times at which it was made."""
    found = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as made, ZipFile(found, "w") as kept:
        for name in made.namelist():
            entry = ZipInfo(name, _ZIP_MOMENT)
            entry.compress_type = ZIP_DEFLATED
            kept.writestr(entry, made.read(name))
    return found.getvalue()
