"""Where readers differ most, computed by the database: one query for the order of a
page, one for its grades, however many cases a study has.

Between readers, a row is a report and its spread the steps from the best to the worst
grade it got (A to C: 2). Between arms, a row is a case and its spread the difference of
the arms' mean grades. Spreads are whole thousandths, so that a row can be found again.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Case,
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
from readerstudy.presentation.models import PresentedReport
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
    """The rows of the list by key, as dictionaries of `row` and `spread`.

    Every grade of the study is looked at, so nothing is joined or counted that neither
    the order nor a filter needs.
    """
    found: QuerySet[Any] = _current(study).annotate(code=_code())
    if filters.stratum:
        found = found.filter(slot__presented__case__stratum=filters.stratum)
    if filters.arm is not None and filters.kind == READERS:
        found = found.filter(**{_ARM: filters.arm})
    same = _same(filters)
    for grades in _asked_for(study, filters):
        # The grades of the other readers stay with such a row.
        found = found.filter(**{f"{same}__in": grades.values(same)})
    grouped: QuerySet[Any, dict[str, Any]] = (
        found.order_by()
        .values(row=F(same))
        .annotate(
            spread=_spread(study, filters.kind), best=Min("code"), worst=Max("code")
        )
        .filter(spread__gte=filters.spread * STEP)
    )
    if filters.split:
        grouped = grouped.filter(best__lte=2, worst__gte=3)
    return grouped.order_by("-spread", "row")


def _same(filters: Filters) -> str:
    """What grades of one row have in common: the report or the case."""
    return _PRESENTED if filters.kind == READERS else _CASE


def _asked_for(study: Study, filters: Filters) -> Iterator[QuerySet[Grade]]:
    """Grades of which a row must hold one each, to be in the list."""
    if filters.reader is not None:
        yield _current(study).filter(slot__reader=filters.reader)
    of_arm = _current(study)
    if filters.arm is not None and filters.kind == READERS:
        of_arm = of_arm.filter(**{_ARM: filters.arm})
    if filters.errors:
        yield of_arm.filter(_is_marked())
    if filters.comment:
        yield of_arm.exclude(comment="")


def _is_marked() -> Exists:
    return Exists(ErrorMark.objects.filter(grade=OuterRef("pk")))


def _current(study: Study) -> QuerySet[Grade]:
    """The newest versions that hold a letter; a report that came again counts once."""
    first = Grade.objects.of_study(study).filter(slot__repeat=0)
    return first.current().exclude(letter="")


def _code() -> Case:
    """A to D as 1 to 4."""
    numbers = [
        When(letter=letter, then=number) for number, letter in enumerate(GRADES, 1)
    ]
    return Case(*numbers, output_field=IntegerField())


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


def beside(
    rows: QuerySet[Any, dict[str, Any]], key: Key
) -> tuple[Key | None, Key | None]:
    """The keys before and after a key. One query: each looks at every grade."""
    places = sorted((-row["spread"], row["row"]) for row in rows.order_by())
    place = (-key.spread, key.row)
    low, high = bisect_left(places, place), bisect_right(places, place)
    before, following = places[:low][-1:], places[high : high + 1]
    return _key_at(before), _key_at(following)


def _key_at(places: list[tuple[int, int]]) -> Key | None:
    return Key(-places[0][0], places[0][1]) if places else None


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


def case_of(filters: Filters, key: Key) -> int | None:
    """The case of a row of the list, None where there is none; at most one query."""
    if filters.kind == ARMS:
        return key.row
    found = PresentedReport.objects.filter(pk=key.row)
    return found.values_list("case", flat=True).first()


def _with_grades(
    study: Study, filters: Filters, shown: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """The rows with the grades of their reports; one query."""
    same = _same(filters)
    grades = (
        _current(study)
        .filter(**{f"{same}__in": [row["row"] for row in shown]})
        .annotate(marked=_is_marked())
        .order_by("slot__presented__arm__position", "slot__reader_id")
        .select_related("slot__reader", "slot__presented__case", "slot__presented__arm")
    )
    of_row: dict[int, list[Any]] = defaultdict(list)
    for grade in grades:
        presented = grade.slot.presented
        row = presented.pk if filters.kind == READERS else presented.case_id
        of_row[row].append(grade)
    return [_row(row, of_row[row["row"]]) for row in shown]


def _row(row: Mapping[str, Any], grades: Sequence[Any]) -> Row:
    of_arm: dict[str, list[Graded]] = defaultdict(list)
    for grade in grades:
        given = Graded(grade.slot.reader.reader_code, grade.letter)
        of_arm[grade.slot.presented.arm.label].append(given)
    case = grades[0].slot.presented.case
    return Row(
        key=Key(row["spread"], row["row"]),
        case_id=case.pk,
        code=case.code,
        stratum=case.stratum,
        steps=_steps(row["spread"]),
        reports=tuple(ListedReport(arm, tuple(each)) for arm, each in of_arm.items()),
        errors=sum(grade.marked for grade in grades),
        comments=sum(grade.comment != "" for grade in grades),
    )


def _steps(spread: int) -> str:
    """Steps of the scale; with a decimal or two where they are means."""
    return f"{spread / STEP:.2f}".rstrip("0").rstrip(".")
