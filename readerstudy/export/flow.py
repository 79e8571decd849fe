"""The flow of a study: from the collection to the grades that count."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from readerstudy.analysis.reads import read_rows
from readerstudy.cases.case_sets.flow import boxes
from readerstudy.studies.models import Study

Row = dict[str, Any]


def flow_rows(study: Study) -> Iterator[Row]:
    """Yield counts in the order of the flow: cases, reports, reads, grades."""
    yield from _selection(study)
    entries = study.caseset.studycase_set
    yield _row("cases", "drawn for the study", "", entries.count())
    strata = entries.values("case__stratum").annotate(number=Count("pk"))
    for each in strata.order_by("case__stratum"):
        yield _row("cases", f"of them {each['case__stratum']}", "", each["number"])
    arms = study.presentedreport_set.values("arm__name").annotate(number=Count("pk"))
    for arm in arms.order_by("arm__position"):
        yield _row("reports", "presented", arm["arm__name"], arm["number"])
    readers = study.membership_set.readers()
    yield _row("reads", "readers", "", readers.count())
    withdrawn = readers.exclude(withdrawal=None).count()
    if withdrawn:
        yield _row("reads", "of them withdrawn", "", withdrawn)
    yield from _reads(study)


def _selection(study: Study) -> Iterator[Row]:
    """How the cases came to be, as the protocol tells it."""
    block = study.locked_protocol.get("case_set") or {}
    for box in boxes(block):
        yield _row("selection", box.what, "", box.count)
        for name, count in box.strata.items():
            yield _row("selection", f"of them {name}", "", count)
        for what, count in box.leaves:
            yield _row("selection", f"left out: {what}", "", count)


def _reads(study: Study) -> Iterator[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    arms: dict[str, None] = {}
    repeats = 0
    for read in read_rows(study):
        if read["repeat"]:
            repeats += 1
            continue
        arms[read["arm"]] = None
        counts[_fate(read), read["arm"]] += 1
        counts["dealt", read["arm"]] += 1
    for what in ("dealt", "excluded", "not graded", "could not be assessed"):
        for arm in sorted(arms):
            yield _row("reads", what, arm, counts[what, arm])
    if repeats:
        # Analysed apart, and not by arm: the counts above are of first readings.
        yield _row("reads", "dealt again, as repeats", "", repeats)
    for arm in sorted(arms):
        yield _row("grades", "given", arm, counts["given", arm])


def _fate(read: Row) -> str:
    """What became of a read."""
    if not read["included"]:
        return "excluded"
    if read["grade"]:
        return "given"
    return "could not be assessed" if read["cannot_assess_reason"] else "not graded"


def _row(stage: str, what: str, arm: str, count: int) -> Row:
    return {"stage": stage, "what": what, "arm": arm, "count": count}
