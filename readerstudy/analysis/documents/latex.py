"""Panels as LaTeX tables for a manuscript; they need booktabs and array."""

from collections.abc import Sequence
from textwrap import wrap

from readerstudy.analysis.documents.latex_fit import (
    HEAD_SIGNS,
    Part,
    Size,
    fit,
    lines_of,
    words_of,
)
from readerstudy.analysis.panels.panel import Panel, Row
from readerstudy.analysis.wording import printable

NEEDS = "% Needs \\usepackage{booktabs,array} and, for names beyond ASCII, UTF-8.\n"
_ESCAPES = {
    "\\": "\\textbackslash{}",
    "{": "\\{",
    "}": "\\}",
    "$": "\\$",
    "&": "\\&",
    "#": "\\#",
    "%": "\\%",
    "_": "\\_",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "$<$",
    ">": "$>$",
    "|": "\\textbar{}",
    '"': "''",
    "\u2212": "$-$",
    "\u2013": "--",
    "\u2026": "\\ldots{}",
    "\u00d7": "$\\times$",
    "[": "{[}",
    "]": "{]}",
}

# LaTeX gives up where too many floats wait for a place, so these are set so often.
_WAITING = 12


def latex(panels: Sequence[Panel]) -> str:
    """A table float per panel, or several where a page holds less than one."""
    floats = [each for panel in panels for each in _floats(panel)]
    batches = [
        "\n".join(floats[first : first + _WAITING])
        for first in range(0, len(floats), _WAITING)
    ]
    return NEEDS + "\\clearpage\n".join(batches)


def escaped(text: str) -> str:
    """Text that LaTeX sets as it stands, whatever is in it."""
    return "".join(_ESCAPES.get(sign, sign) for sign in printable(text))


def _floats(panel: Panel) -> list[str]:
    """The floats of a panel: one, or several where a page holds less of it."""
    if not panel.rows:
        return [_float(panel, [])]
    found = fit(panel)
    last = len(found.parts)
    return [
        _float(panel, _body(panel, part, found.size), number=number, last=last)
        for number, part in enumerate(found.parts, 1)
    ]


def _float(panel: Panel, body: list[str], *, number: int = 1, last: int = 1) -> str:
    """A float; the message stands in the first of a panel, the notes in the last."""
    title = panel.title + (" (exploratory)" if panel.is_exploratory else "")
    label = _label(panel.name)
    if last > 1:
        title += f", part {number} of {last}"
    if number > 1:
        label += f"-{number}"
    lines = [
        "\\begin{table}[htbp]",
        "\\centering",
        f"\\caption{{{_breakable(title)}}}",
        f"\\label{{tab:{label}}}",
    ]
    if panel.message and number == 1:
        lines.append(f"\\par {escaped(panel.message)}")
    lines += body
    if panel.notes and number == last:
        lines += _notes(panel.notes)
    return "\n".join([*lines, "\\end{table}", ""])


def _notes(notes: Sequence[str]) -> list[str]:
    told = "\\par ".join(_breakable(note) for note in notes)
    return [
        "\\par\\smallskip",
        "\\begin{minipage}{\\linewidth}\\footnotesize\\raggedright",
        f"{told}\\end{{minipage}}",
    ]


def _body(panel: Panel, part: Part, size: Size) -> list[str]:
    lines = [
        f"{size.command}\\setlength{{\\tabcolsep}}{{{size.gap:g}pt}}",
        f"\\begin{{tabular}}{{@{{}}{_columns(panel, part)}@{{}}}}",
        "\\toprule",
        " & ".join(_head(panel, place) for place in part.places) + " \\\\",
        "\\midrule",
    ]
    lines += [_row(row, panel, part, size) for row in part.rows]
    return [*lines, "\\bottomrule", "\\end{tabular}"]


def _columns(panel: Panel, part: Part) -> str:
    """Numbers to the right; a long text column gets a width and wraps."""
    kinds = []
    for place in part.places:
        if place in panel.numbers:
            kinds.append("r")
        elif place in part.widths:
            width = f"{part.widths[place]:.0f}pt"
            kinds.append(f">{{\\raggedright\\arraybackslash}}p{{{width}}}")
        else:
            kinds.append("l")
    return "".join(kinds)


def _head(panel: Panel, place: int) -> str:
    lines = [escaped(line) for line in wrap(panel.columns[place], HEAD_SIGNS)]
    if len(lines) < 2:
        return "".join(lines)
    side = "r" if place in panel.numbers else "l"
    stacked = " \\\\ ".join(lines)
    return f"\\shortstack[{side}]{{{stacked}}}"


def _row(row: Row, panel: Panel, part: Part, size: Size) -> str:
    if row.kind == "message":
        width = len(part.places)
        box = ">{\\raggedright\\arraybackslash}p{0.95\\linewidth}"
        return f"\\multicolumn{{{width}}}{{{box}}}{{{_breakable(row.cells[0])}}} \\\\"
    cells = [
        _number(row.cells[place], is_stacked=size.is_stacked)
        if place in panel.numbers
        else _breakable(row.cells[place])
        for place in part.places
    ]
    command = {"total": "textbf", "muted": "textit"}.get(row.kind)
    if command:
        cells = [f"\\{command}{{{cell}}}" if cell else "" for cell in cells]
    return " & ".join(cells) + " \\\\"


def _number(text: str, *, is_stacked: bool) -> str:
    """A number's cell; where columns are many, an interval goes below its value."""
    lines = [escaped(line) for line in lines_of(text, is_stacked=is_stacked)]
    if len(lines) < 2:
        return lines[0]
    stacked = "\\\\".join(lines)
    return f"\\begin{{tabular}}[t]{{@{{}}r@{{}}}}{stacked}\\end{{tabular}}"


def _breakable(text: str) -> str:
    """Escaped text; a word that fits no column may be broken."""
    words = text.split(" ")
    return " ".join(
        "\\hspace{0pt}".join(escaped(piece) for piece in words_of(word) or [word])
        for word in words
    )


def _label(name: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in name)
