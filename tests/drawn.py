"""A figure is not drawn again from the results and words it was drawn from before.

Ten figures in three kinds of file take most of the time of a bundle, and dozens of
tests make one from the same closed study. Each process keeps the last ones, by
everything that they are drawn from. That the same results give the same bytes when they
are drawn anew is for the tests with the fixture `drawn_anew` to prove.
"""

import json
from collections.abc import Callable, Hashable

from readerstudy.analysis.figures.registry import FigureKind
from readerstudy.analysis.figures.style import FileKind
from readerstudy.analysis.panels.panel import Results, Wording

Files = dict[FileKind, bytes]
KEPT = 150
drawn_anew: Callable[..., Files] = FigureKind.files
_drawn: dict[Hashable, Files] = {}


def drawn_once(
    figure: FigureKind, results: Results, wording: Wording, *kinds: FileKind
) -> Files:
    """As FigureKind.files; the text of both shows a change of order as well."""
    seen = (figure, json.dumps(results), repr(wording), kinds)
    if seen not in _drawn:
        if len(_drawn) >= KEPT:
            del _drawn[next(iter(_drawn))]
        _drawn[seen] = drawn_anew(figure, results, wording, *kinds)
    return dict(_drawn[seen])
