"""What the pages of labels show: counts, marked texts, whether a set still holds."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Count

from inference.chexpert import FINDINGS
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.computing import current_reports, text_of
from readerstudy.reports.labels.models import CaseLabels, LabelSet
from readerstudy.reports.models import Report, Source

# What is shown, counted and filtered by: a word, the value, and a sign that tells it
# without colour.
POLARITIES: dict[str, int | None] = {
    "positive": 1,
    "negative": 0,
    "uncertain": -1,
    "blank": None,
}
SIGNS = {"positive": "+", "negative": "\u2212", "uncertain": "?"}
_BY_VALUE = {value: word for word, value in POLARITIES.items()}


@dataclass(frozen=True)
class Counted:
    """How often a label set calls a finding what."""

    finding: str
    positive: int
    negative: int
    uncertain: int
    blank: int


def counts(label_set: LabelSet) -> list[Counted]:
    """The counts of every finding, answers that can't be read left out; one query."""
    found: dict[str, Counter[str]] = {name: Counter() for name in FINDINGS}
    total = 0
    rows = label_set.cases.filter(problem="").values_list("values", flat=True)
    for values in rows.iterator(chunk_size=2000):
        total += 1
        for finding, value in values.items():
            if finding in found:
                found[finding][_BY_VALUE[value]] += 1
    return [
        Counted(
            finding,
            each["positive"],
            each["negative"],
            each["uncertain"],
            total - each.total(),
        )
        for finding, each in found.items()
    ]


@dataclass(frozen=True)
class Piece:
    """A piece of a text: plain, or marked with what it says of which findings."""

    text: str
    polarity: str = ""
    told: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Evidence:
    """One mention in words."""

    finding: str
    polarity: str
    sign: str
    quote: str
    rule: str


@dataclass(frozen=True)
class Shown:
    """One case on the page of a label set.

    said   findings that are not blank, each with a word and a sign
    """

    code: str
    pieces: list[Piece]
    evidence: list[Evidence]
    said: list[tuple[str, str, str]]
    answer: str
    problem: str


def shown(row: CaseLabels, finding: str = "") -> Shown:
    """A case with its text, marked by all mentions or by those of one finding."""
    mentions = [
        each for each in row.evidence if not finding or each["finding"] == finding
    ]
    text = text_of(row.report) if row.report else ""
    return Shown(
        code=row.case.code,
        pieces=list(pieces(text, mentions)),
        evidence=[
            Evidence(
                each["finding"],
                each["polarity"],
                SIGNS[each["polarity"]],
                each["quote"],
                in_words(each["rule"]),
            )
            for each in mentions
        ],
        said=[
            (name, _BY_VALUE[row.values[name]], SIGNS[_BY_VALUE[row.values[name]]])
            for name in FINDINGS
            if name in row.values and (not finding or name == finding)
        ],
        answer=row.answer,
        problem=row.problem,
    )


def in_words(rule: str) -> str:
    """The name of a rule as people read it."""
    return rule.replace("_", " ").replace("-", " ")


def pieces(text: str, mentions: Sequence[dict[str, Any]]) -> Iterator[Piece]:
    """A text cut where mentions begin and end; where several meet, all are told."""
    edges = {0, len(text)}
    for each in mentions:
        edges |= {each["start"], each["end"]}
    places = sorted(edge for edge in edges if 0 <= edge <= len(text))
    numbered = [
        number for number, one in enumerate(mentions) if one["start"] < one["end"]
    ]
    starting = deque(sorted(numbered, key=lambda one: mentions[one]["start"]))
    ending = deque(sorted(numbered, key=lambda one: mentions[one]["end"]))
    running: set[int] = set()
    for start, end in pairwise(places):
        while starting and mentions[starting[0]]["start"] <= start:
            running.add(starting.popleft())
        while ending and mentions[ending[0]]["end"] <= start:
            running.discard(ending.popleft())
        over = [mentions[one] for one in sorted(running)]
        if not over:
            yield Piece(text[start:end])
            continue
        # What is said of the first finding gives the look; the words tell of all.
        told = "; ".join(f"{one['finding']}: {one['polarity']}" for one in over)
        polarity = over[0]["polarity"]
        ends = any(one["end"] == end for one in over)
        yield Piece(text[start:end], polarity, told, SIGNS[polarity] if ends else "")


@dataclass(frozen=True)
class Standing:
    """Whether a label set still tells of the reports as they are.

    changed   reports that are others now; `new` came since, or were never labelled
    """

    changed: int = 0
    new: int = 0

    @property
    def is_fresh(self) -> bool:
        return not (self.changed or self.new)

    @property
    def sentence(self) -> str:
        """What has happened since."""
        parts = []
        if self.changed:
            verb = "report has" if self.changed == 1 else "reports have"
            parts.append(f"{self.changed} {verb} changed")
        if self.new:
            verb = "report is" if self.new == 1 else "reports are"
            parts.append(f"{self.new} {verb} not labelled")
        return f"{' and '.join(parts)} since." if parts else ""


def standing(label_set: LabelSet) -> Standing:
    """Compare the labels of reports with the reports as they are; two queries."""
    if label_set.source is None:
        return Standing()
    current = dict(
        current_reports(label_set.collection, label_set.source).values_list(
            "case_id", "pk"
        )
    )
    held = dict(label_set.cases.values_list("case_id", "report_id"))
    changed = sum(
        held[case] is not None and held[case] != report
        for case, report in current.items()
        if case in held
    )
    new = sum(case not in held for case in current)
    is_ours = label_set.origin == LabelSet.Origin.COMPUTED
    return Standing(changed, new if is_ours else 0)


def newest_of_sources(collection: Collection) -> dict[int, LabelSet]:
    """The newest label set that was computed here, by its source; one query."""
    made = LabelSet.objects.of_collection(collection).filter(
        origin=LabelSet.Origin.COMPUTED
    )
    found: dict[int, LabelSet] = {}
    for each in made:
        if each.source_id is not None:
            found.setdefault(each.source_id, each)
    return found


def sources_of(collection: Collection) -> list[tuple[Source, int]]:
    """The sources that have reports in a collection, with how many; one query."""
    held = Report.objects.filter(case__collection=collection).order_by()
    cases = held.values("source").annotate(n=Count("case", distinct=True))
    counted = dict(cases.values_list("source", "n"))
    sources = Source.objects.filter(pk__in=counted).order_by("name")
    return [(source, counted[source.pk]) for source in sources]
