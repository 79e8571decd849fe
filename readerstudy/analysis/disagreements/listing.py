"""Where readers differ most, computed by the database: one query for the order of a
page, one for its grades, however many cases a study has.

Between readers, a row is a report and its spread the steps from the best to the worst
grade it got (A to C: 2). Between arms, a row is a case and its spread the difference of
the arms' mean grades. Spreads are whole thousandths, so that a row can be found again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, Round

from readerstudy.grading.models import ErrorMark, Grade
from readerstudy.studies.models import GRADES, Study

READERS, ARMS = "readers", "arms"
STEP = 1000
# Beyond any mean grade on either side: an arm without grades makes no difference.
_BELOW, _ABOVE = 0.0, 99.0
_CASE, _ARM = "slot__presented__case_id", "slot__presented__arm_id"
_PRESENTED = "slot__presented_id"


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; None or False where it is not.

    spread  the least difference, in steps of the scale
    split   only where some graded A or B and others C or D
    """

    kind: str = READERS
    arm: int | None = None
    reader: int | None = None
    stratum: str = ""
    spread: int = 1
    split: bool = False
    errors: bool = False
    comment: bool = False


@dataclass(frozen=True)
class Key:
    """The place of a row in the list: widest spread first, then by its row."""

    spread: int
    row: int

    def __str__(self) -> str:
        return f"{self.spread}.{self.row}"


def key_of(text: str) -> Key | None:
    """The key that stands in an address; None where it is none."""
    spread, _, row = text.partition(".")
    if not (spread.isdecimal() and row.isdecimal()) or len(text) > 24:
        return None
    return Key(int(spread), int(row))


@dataclass(frozen=True)
class Graded:
    """One reader's grade of a report, in a list."""

    reader: str
    letter: str


@dataclass(frozen=True)
class ListedReport:
    """The reports of a row with their grades."""

    arm: str
    grades: tuple[Graded, ...]


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    key: Key
    case_id: int
    code: str
    stratum: str
    steps: str
    reports: tuple[ListedReport, ...]
    errors: int
    comments: int


@dataclass(frozen=True)
class Page:
    """Rows from a key on, and the keys of the pages beside it."""

    rows: list[Row]
    following: Key | None
    is_first: bool


def in_order(study: Study, filters: Filters) -> QuerySet[Any, dict[str, Any]]:
    """The rows of the list by key, as dictionaries of `row`, `case` and counts."""
    found: QuerySet[Any] = _current(study).annotate(
        code=_code(),
        marked=Exists(ErrorMark.objects.filter(grade=OuterRef("pk"))),
    )
    if filters.stratum:
        found = found.filter(slot__presented__case__stratum=filters.stratum)
    if filters.arm is not None and filters.kind == READERS:
        found = found.filter(**{_ARM: filters.arm})
    if filters.reader is not None:
        found = _read_by(found, study, filters)
    row = _PRESENTED if filters.kind == READERS else _CASE
    grouped: QuerySet[Any, dict[str, Any]] = (
        found.order_by()
        .values(row=F(row), case=F(_CASE))
        .annotate(
            spread=_spread(study, filters.kind),
            best=Min("code"),
            worst=Max("code"),
            errors=Count("pk", filter=Q(marked=True)),
            comments=Count("pk", filter=~Q(comment="")),
        )
        .filter(spread__gte=filters.spread * STEP)
    )
    if filters.split:
        grouped = grouped.filter(best__lte=2, worst__gte=3)
    if filters.errors:
        grouped = grouped.filter(errors__gt=0)
    if filters.comment:
        grouped = grouped.filter(comments__gt=0)
    return grouped.order_by("-spread", "row")


def _current(study: Study) -> QuerySet[Grade]:
    """The newest versions that hold a letter."""
    return Grade.objects.of_study(study).current().exclude(letter="")


def _code() -> Case:
    """A to D as 1 to 4."""
    numbers = [
        When(letter=letter, then=number) for number, letter in enumerate(GRADES, 1)
    ]
    return Case(*numbers, output_field=IntegerField())


def _read_by(found: QuerySet[Any], study: Study, filters: Filters) -> QuerySet[Any]:
    """Rows that a reader graded too; the grades of the others stay with them."""
    same = _PRESENTED if filters.kind == READERS else _CASE
    theirs = _current(study).filter(slot__reader=filters.reader)
    return found.filter(**{f"{same}__in": theirs.values(same)})


def _spread(study: Study, kind: str) -> Any:
    """The spread in thousandths of a step of the scale."""
    if kind == READERS:
        return (Max("code") - Min("code")) * STEP
    arms = study.arm_set.values_list("pk", flat=True)
    means = [
        Avg("code", filter=Q(**{_ARM: arm}), output_field=FloatField()) for arm in arms
    ]
    high = Greatest(*(Coalesce(mean, _BELOW) for mean in means), Value(_BELOW))
    low = Least(*(Coalesce(mean, _ABOVE) for mean in means), Value(_ABOVE))
    return Cast(Round((high - low) * STEP), IntegerField())


def after(rows: QuerySet[Any, dict[str, Any]], key: Key) -> Any:
    """What comes after a key in the list."""
    return rows.filter(Q(spread__lt=key.spread) | Q(spread=key.spread, row__gt=key.row))


def before(rows: QuerySet[Any, dict[str, Any]], key: Key) -> Any:
    """What comes before a key, the nearest first."""
    return rows.filter(
        Q(spread__gt=key.spread) | Q(spread=key.spread, row__lt=key.row)
    ).order_by("spread", "-row")


def page_of(study: Study, filters: Filters, start: Key | None, size: int) -> Page:
    """The page of the list that begins after a key."""
    rows = in_order(study, filters)
    chosen = list((after(rows, start) if start else rows)[: size + 1])
    shown = chosen[:size]
    last = Key(shown[-1]["spread"], shown[-1]["row"]) if shown else None
    return Page(
        rows=_with_grades(study, filters, shown),
        following=last if len(chosen) > size else None,
        is_first=start is None,
    )


def _with_grades(
    study: Study, filters: Filters, shown: Iterable[Mapping[str, Any]]
) -> list[Row]:
    """The rows with the grades of their reports; one query."""
    shown = list(shown)
    same = _PRESENTED if filters.kind == READERS else _CASE
    grades = (
        _current(study)
        .filter(**{f"{same}__in": [row["row"] for row in shown]})
        .order_by("slot__presented__arm__position", "slot__reader_id")
        .values_list(
            same,
            "slot__presented__case__code",
            "slot__presented__case__stratum",
            "slot__presented__arm__label",
            "slot__reader__reader_code",
            "letter",
        )
    )
    of_row: dict[int, dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    cases: dict[int, tuple[str, str]] = {}
    for row, code, stratum, arm, reader, letter in grades:
        of_row[row][arm].append(Graded(reader, letter))
        cases[row] = code, stratum
    return [
        Row(
            key=Key(row["spread"], row["row"]),
            case_id=row["case"],
            code=cases[row["row"]][0],
            stratum=cases[row["row"]][1],
            steps=_steps(row["spread"]),
            reports=tuple(
                ListedReport(arm, tuple(given))
                for arm, given in of_row[row["row"]].items()
            ),
            errors=row["errors"],
            comments=row["comments"],
        )
        for row in shown
    ]


def _steps(spread: int) -> str:
    """Steps of the scale; with a decimal or two where they are means."""
    return f"{spread / STEP:.2f}".rstrip("0").rstrip(".")
