"""Panels as LaTeX tables for a manuscript; they need booktabs and array."""

from collections.abc import Sequence
from textwrap import wrap

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
_HEAD_WIDTH = 14
_LONG_CELL = 26
_MANY_COLUMNS, _VERY_MANY_COLUMNS = 6, 8
_FEW_COLUMNS = 5


def latex(panels: Sequence[Panel]) -> str:
    """One table float per panel."""
    return NEEDS + "\n".join(_table(panel) for panel in panels)


def escaped(text: str) -> str:
    """Text that LaTeX sets as it stands, whatever is in it."""
    return "".join(_ESCAPES.get(sign, sign) for sign in printable(text))


def _table(panel: Panel) -> str:
    title = panel.title + (" (exploratory)" if panel.is_exploratory else "")
    lines = [
        "\\begin{table}[htbp]",
        "\\centering",
        f"\\caption{{{escaped(title)}}}",
        f"\\label{{tab:{_label(panel.name)}}}",
    ]
    if panel.message:
        lines.append(f"\\par {escaped(panel.message)}")
    if panel.rows:
        lines += _body(panel)
    if panel.notes:
        notes = "\\par ".join(escaped(note) for note in panel.notes)
        lines += [
            "\\par\\smallskip",
            "\\begin{minipage}{\\linewidth}\\footnotesize",
            f"{notes}\\end{{minipage}}",
        ]
    return "\n".join([*lines, "\\end{table}", ""])


def _body(panel: Panel) -> list[str]:
    many = len(panel.columns) > _MANY_COLUMNS
    lines = [
        _size(len(panel.columns)),
        f"\\begin{{tabular}}{{{_columns(panel)}}}",
        "\\toprule",
        " & ".join(_head(panel, place) for place in range(len(panel.columns)))
        + " \\\\",
        "\\midrule",
    ]
    lines += [_row(row, panel, many=many) for row in panel.rows]
    return [*lines, "\\bottomrule", "\\end{tabular}"]


def _size(columns: int) -> str:
    """What lets so many columns stand on a page of usual margins."""
    if columns > _VERY_MANY_COLUMNS:
        return "\\scriptsize\\setlength{\\tabcolsep}{2pt}"
    if columns > _FEW_COLUMNS:
        return "\\footnotesize\\setlength{\\tabcolsep}{3pt}"
    return "\\small"


def _columns(panel: Panel) -> str:
    """Numbers to the right; a long text column gets a width and wraps."""
    kinds = []
    for place in range(len(panel.columns)):
        cells = [row.cells[place] for row in panel.rows if row.kind != "message"]
        if place in panel.numbers:
            kinds.append("r")
        elif len(panel.columns) > _MANY_COLUMNS and _longest(cells) > _HEAD_WIDTH:
            kinds.append(">{\\raggedright\\arraybackslash}p{0.13\\linewidth}")
        elif _longest(cells) > _LONG_CELL:
            first = 0.34 if len(panel.columns) >= _FEW_COLUMNS else 0.46
            width = first if place == 0 else 0.24
            kinds.append(f">{{\\raggedright\\arraybackslash}}p{{{width}\\linewidth}}")
        else:
            kinds.append("l")
    return "".join(kinds)


def _longest(cells: list[str]) -> int:
    return max(map(len, cells), default=0)


def _head(panel: Panel, place: int) -> str:
    lines = [escaped(line) for line in wrap(panel.columns[place], _HEAD_WIDTH)]
    if len(lines) < 2:
        return "".join(lines)
    side = "r" if place in panel.numbers else "l"
    stacked = " \\\\ ".join(lines)
    return f"\\shortstack[{side}]{{{stacked}}}"


def _row(row: Row, panel: Panel, *, many: bool) -> str:
    if row.kind == "message":
        width = len(panel.columns)
        box = "p{0.95\\linewidth}"
        return f"\\multicolumn{{{width}}}{{{box}}}{{{escaped(row.cells[0])}}} \\\\"
    cells = [
        _cell(cell, stacked=many and place in panel.numbers)
        for place, cell in enumerate(row.cells)
    ]
    command = {"total": "textbf", "muted": "textit"}.get(row.kind)
    if command:
        cells = [f"\\{command}{{{cell}}}" if cell else "" for cell in cells]
    return " & ".join(cells) + " \\\\"


def _cell(text: str, *, stacked: bool) -> str:
    """A cell; where columns are many, an interval goes below its value."""
    value, bracket, bounds = text.partition(" (")
    if not stacked or not bracket or " to " not in bounds:
        return escaped(text)
    lines = f"{escaped(value)}\\\\({escaped(bounds)}"
    return f"\\begin{{tabular}}[t]{{@{{}}r@{{}}}}{lines}\\end{{tabular}}"


def _label(name: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in name)
