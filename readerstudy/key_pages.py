"""Long lists by key: the last page of a million rows comes as fast as the first."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
# No number of a row has more digits.
_MOST_DIGITS = 18


@dataclass(frozen=True)
class KeyPage(Generic[Row]):
    """Some rows of a list.

    after     the number of the last row, where further ones follow; else 0
    is_first  the list begins with it
    """

    rows: list[Row]
    after: int
    is_first: bool


def key_page(
    rows: QuerySet[Row], by: str, *, after: str | None, size: int
) -> KeyPage[Row]:
    """Rows in the order of a column, then of their numbers; two queries at most.

    after  the number of the row behind which the page begins; what names none of these
           rows leads to the start
    """
    last = None
    if after and after.isascii() and after.isdigit() and len(after) <= _MOST_DIGITS:
        last = rows.filter(pk=int(after)).values_list(by, flat=True).first()
    found = rows.order_by(by, "pk")
    if last is not None:
        behind = Q(**{f"{by}__gt": last})
        found = found.filter(behind | Q(**{by: last, "pk__gt": int(after or 0)}))
    page = list(found[: size + 1])
    has_more, page = len(page) > size, page[:size]
    return KeyPage(page, page[-1].pk if has_more else 0, last is None)
