"""Panels as tables of a DOCX file, the same bytes every time."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell

from readerstudy.analysis.panels.panel import Panel, Row
from readerstudy.analysis.wording import printable

# Files carry no moment of their own: equal results make equal bytes.
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_ZIP_MOMENT = (2026, 1, 1, 0, 0, 0)
_TEXT, _SMALL = Pt(9), Pt(8)
_MUTED = RGBColor(0x56, 0x60, 0x69)
_MARGIN = Mm(18)
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
    table = document.add_table(rows=1 + len(panel.rows), cols=len(panel.columns))
    _rules(table)
    widths = _widths(panel, document)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    # Rows and cells are looked up once: python-docx searches the XML every time.
    head, *rows = table.rows
    for place, (cell, column) in enumerate(zip(head.cells, panel.columns, strict=True)):
        _write(cell, column, is_number=place in panel.numbers, kind="total")
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeated)
    for row, line in zip(rows, panel.rows, strict=True):
        _row(list(row.cells), line, panel)


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


def _row(cells: list[_Cell], row: Row, panel: Panel) -> None:
    if row.kind == "message":
        _write(cells[0].merge(cells[-1]), row.cells[0], is_number=False, kind="muted")
        return
    for place, (cell, text) in enumerate(zip(cells, row.cells, strict=True)):
        _write(cell, text, is_number=place in panel.numbers, kind=row.kind)


def _write(cell: _Cell, text: str, *, is_number: bool, kind: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(printable(text))
    run.font.size = _SMALL
    run.bold = kind == "total" or None
    if kind == "muted":
        run.font.color.rgb = _MUTED


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
