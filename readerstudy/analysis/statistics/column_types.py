"""What the columns of the result tables hold, so that a file's types never change."""

from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "time"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXT = _words(
    """
    answer arm case category first instrument kind measure message name outcome reader
    readers reason reference row rule scope se_type second status stratum
    sub_matrix_readers term test working_correlation
    """
)
_TEXT_ENDS = ("_status", "_message", "_rule")
_BOOLEAN = _words(
    """
    approximate headline_approximate non_inferior superior
    """
)
_INTEGER = _words(
    """
    A B C D absent blocks both cases columns complete_units count draws equal errors
    excluded expected given informative_blocks model n n_first_seen n_second_seen
    neither only_first only_second over_30_minutes pairs period person prefer_first
    prefer_second raters reads reports rows stringent success units unknown
    with_error all_rows_rows all_rows_cases sub_matrix_cases two_way_bootstrap_draws
    """
)


def kind_of(column: str) -> Kind:
    """The kind of a column of a result table; what is no other is a number."""
    if column in _TEXT or column.endswith(_TEXT_ENDS):
        return "text"
    if column in _BOOLEAN:
        return "boolean"
    return "integer" if column in _INTEGER else "number"
