"""Which cases of a collection can be drawn for a study, and what keeps the others out.

Each case is counted once, at the first thing that keeps it out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q

from readerstudy.cases.desk.flags import FLAGS, case_flags
from readerstudy.cases.models import Case, CaseExclusion, Collection, Image
from readerstudy.studies.models import Study


@dataclass(frozen=True)
class Filters:
    """What a coordinator asks of a case before the draw.

    without_flags   names of flags that keep a case out
    search          a part of its code, whatever the case of letters
    needs_reports   every arm's source must have a report of it
    """

    without_flags: tuple[str, ...] = ()
    search: str = ""
    needs_reports: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "without_flags": list(self.without_flags),
            "search": self.search,
            "needs_reports": self.needs_reports,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Filters":
        return cls(
            tuple(stored.get("without_flags", ())),
            stored.get("search", ""),
            stored.get("needs_reports", False),
        )


@dataclass
class Sieved:
    """What came through: codes by stratum, rows by code, and what stayed behind."""

    collection_cases: int = 0
    codes_by_stratum: dict[str, list[str]] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    excluded: list[dict[str, str]] = field(default_factory=list)


def sieve(study: Study, collection: Collection, filters: Filters) -> Sieved:
    """Hold every case of a collection against what a study asks for."""
    sieved = Sieved()
    excluded = {
        row.case_id: row
        for row in CaseExclusion.objects.filter(
            study=study, case__collection=collection
        )
    }
    of_source = _reported(study, collection) if filters.needs_reports else {}
    for case in _cases(collection):
        sieved.collection_cases += 1
        obstacle = next(_obstacles(case, filters, of_source), "")
        exclusion = excluded.get(case["pk"])
        if exclusion:
            sieved.excluded.append(
                {
                    "case": case["code"],
                    "reason": exclusion.reason,
                    "note": exclusion.note,
                }
            )
            obstacle = obstacle or f"excluded: {exclusion.get_reason_display().lower()}"
        if obstacle:
            sieved.left_out[obstacle] += 1
            continue
        sieved.codes_by_stratum.setdefault(case["stratum"], []).append(case["code"])
        sieved.row_of[case["code"]] = case["pk"]
    return sieved


def _cases(collection: Collection) -> Iterator[dict[str, Any]]:
    numbers = {
        row["case"]: row
        for row in Image.objects.filter(case__collection=collection, is_prior=False)
        .values("case")
        .annotate(
            radiographs=Count("pk"),
            frontal=Count("pk", filter=Q(view=Image.View.FRONTAL)),
        )
    }
    nothing = {"radiographs": 0, "frontal": 0}
    rows = Case.objects.filter(collection=collection).order_by("code")
    for case in rows.values(
        "pk",
        "code",
        "stratum",
        "image",
        view=F("image__view"),
        image_flags=F("image__flags"),
        aside=F("set_aside__pk"),
    ):
        held = numbers.get(case["pk"], nothing)
        flags = case_flags(
            view=case["view"] or "",
            radiographs=held["radiographs"],
            frontal=held["frontal"],
        )
        yield case | {"flags": flags.keys() | (case["image_flags"] or {}).keys()}


def _obstacles(
    case: Mapping[str, Any], filters: Filters, of_source: Mapping[str, set[int]]
) -> Iterator[str]:
    """What keeps a case out, in the order in which it is counted."""
    if case["image"] is None:
        yield "no radiograph chosen"
    if case["aside"] is not None:
        yield "set aside as a duplicate"
    if filters.search and filters.search.lower() not in case["code"].lower():
        yield f"code without {filters.search}"
    for flag in filters.without_flags:
        if flag in case["flags"]:
            yield f"flagged: {FLAGS[flag].lower()}"
    for source, reported in of_source.items():
        if case["pk"] not in reported:
            yield f"no report of {source}"


def _reported(study: Study, collection: Collection) -> dict[str, set[int]]:
    """The cases of which each arm's source has a report."""
    return {
        arm.source: set(
            Case.objects.filter(
                collection=collection, report__source__name=arm.source
            ).values_list("pk", flat=True)
        )
        for arm in study.arm_set.all()
    }


def report_counts(study: Study, collection: Collection) -> dict[str, int]:
    """How many cases of a collection each arm's source has a report of."""
    return {
        arm: len(reported) for arm, reported in _reported(study, collection).items()
    }
