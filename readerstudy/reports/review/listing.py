"""The findings in a collection's texts, source by source."""

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from readerstudy.cases.models import Case, Collection
from readerstudy.reports.models import Report, Source
from readerstudy.reports.review.models import TextReview
from readerstudy.reports.review.patterns import (
    Finding,
    Kind,
    findings_of,
    masks_in,
    repeated,
)
from readerstudy.studies.protocol import canonical_json, sha256_of

# As the name of a source in addresses; no source can be called so.
INDICATIONS = "-indications"
CONTEXT = 60


@dataclass(frozen=True)
class Quote:
    """One finding with the words around it."""

    case: str
    kind: Kind
    before: str
    found: str
    after: str


@dataclass
class Reviewed:
    """The texts of one source, or the indications, with what was found in them.

    open_kinds   kinds with findings at which nobody has looked as they are now
    """

    source: Source | None
    texts: list[tuple[str, str]] = field(default_factory=list)
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    masks: int = 0
    reviews: dict[Kind, TextReview] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.source.name if self.source else INDICATIONS

    @property
    def title(self) -> str:
        return self.source.name if self.source else "Indications"

    def counts(self) -> dict[Kind, int]:
        """How many findings there are of each kind, zeros too."""
        counted = Counter(finding.kind for _, finding in self.findings)
        return {kind: counted[kind] for kind in Kind}

    def digest(self, kind: Kind) -> str:
        """What a review of one kind covers: each finding's place and text."""
        return sha256_of(
            canonical_json(
                [
                    [self.texts[n][0], self.texts[n][1][each.start : each.end]]
                    for n, each in self.findings
                    if each.kind is kind
                ]
            )
        )

    def open_kinds(self) -> list[Kind]:
        counted = self.counts()
        return [
            kind
            for kind in Kind
            if counted[kind]
            and (
                kind not in self.reviews
                or self.reviews[kind].digest != self.digest(kind)
            )
        ]

    def count_open(self, codes: Set[str]) -> int:
        """How many findings of open kinds the texts of some cases have."""
        left = self.open_kinds()
        return sum(
            finding.kind in left and self.texts[number][0] in codes
            for number, finding in self.findings
        )

    def repeated(self) -> list[tuple[str, int]]:
        return repeated(text for _, text in self.texts)

    def quotes(self, kind: Kind | None = None) -> list[Quote]:
        """Every finding in its context, of one kind or of all."""
        return [
            self._quote(number, finding)
            for number, finding in self.findings
            if kind is None or finding.kind is kind
        ]

    def _quote(self, number: int, finding: Finding) -> Quote:
        case, text = self.texts[number]
        start, end = max(0, finding.start - CONTEXT), finding.end + CONTEXT
        return Quote(
            case=case,
            kind=finding.kind,
            before=("… " if start else "") + text[start : finding.start],
            found=text[finding.start : finding.end],
            after=text[finding.end : end] + (" …" if end < len(text) else ""),
        )


def reviewed(collection: Collection) -> list[Reviewed]:
    """Every source of a collection, the indications first; three queries."""
    sources: dict[int | None, Reviewed] = {}
    for source, case, text in _texts(collection):
        key = source.pk if source else None
        into = sources.setdefault(key, Reviewed(source))
        found = findings_of(text)
        into.findings += [(len(into.texts), finding) for finding in found]
        into.texts.append((case, text))
        into.masks += masks_in(text)
    reviews = TextReview.objects.filter(collection=collection).select_related("by")
    for review in reviews.order_by("pk"):
        if review.source_id in sources:
            sources[review.source_id].reviews[Kind(review.kind)] = review
    return sorted(
        sources.values(), key=lambda each: (each.source is not None, each.name)
    )


def _texts(collection: Collection) -> Iterator[tuple[Source | None, str, str]]:
    told = Case.objects.filter(collection=collection).exclude(indication="")
    reports = Report.objects.current().filter(case__collection=collection)
    for case in told.order_by("code").only("code", "indication"):
        yield None, case.code, case.indication
    for report in reports.select_related("case", "source").order_by("case__code", "pk"):
        yield report.source, report.case.code, report.whole_text
