"""Every field of every model: whether a copy of a study and a move take it along.

A new field fails tests/export/moving/test_declared.py until it is declared here.
"""

from readerstudy.export.moving.declared import around, cases, reading, reports, studies
from readerstudy.export.moving.declared.rules import Copy, Declared, Move, Rule

__all__ = ["DECLARED", "Copy", "Declared", "Move", "Rule"]

DECLARED: dict[str, Declared] = {
    **around.MODELS,
    **studies.MODELS,
    **cases.MODELS,
    **reports.MODELS,
    **reading.MODELS,
}
