"""Taking in examinations that come with reports: a report and its images together."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial, reduce
from operator import or_

from django.db.models import Q

from readerstudy.cases.archives import TARS
from readerstudy.cases.found import Found
from readerstudy.cases.imports import Outcome
from readerstudy.cases.intake import sources
from readerstudy.cases.intake.fates import STATES, Fate, settle
from readerstudy.cases.intake.members import is_set_aside
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.radiograph import RadiographFile, Refused, View
from readerstudy.reports.examination_command import only_laterals
from readerstudy.reports.examinations import (
    Examination,
    Pictures,
    is_stored,
    prepare_examination,
    store_examination,
)
from readerstudy.work.leases import Claim

State = DeliveredFile.State
_ARCHIVES = (".zip", *TARS)
# So many of the files that belong to nothing are settled in one transaction.
_LEFT_OVER = 200
_KEPT_TABLES = 4

ReadViews = Callable[[bytes, str], dict[str, View]]


class Turn(IntEnum):
    """Which files of a delivery come first."""

    ARCHIVE, REPORT, TABLE, OTHER = range(4)


@dataclass(frozen=True)
class Kind:
    """What tells one layout with reports from another.

    reports      endings of the names of reports
    pictures     endings of the names of images
    tables       endings of the names of tables of views
    table        what a view's reason is where a table says it
    read         the examination of a report, and the keys of its images
    picture      the name of an image file as the tables call it
    read_views   views by those names
    """

    reports: tuple[str, ...]
    pictures: tuple[str, ...]
    tables: tuple[str, ...]
    table: str
    read: Callable[[DeliveredFile, bytes], tuple[Examination, tuple[str, ...]]]
    picture: Callable[[str], str]
    read_views: ReadViews

    def turn_of(self, name: str, is_member: bool) -> int:
        """Archives first, then reports, and in the end what none of them wants."""
        lower = name.lower()
        if lower.endswith(_ARCHIVES) and not is_member:
            return Turn.ARCHIVE
        if lower.endswith(self.reports) and not is_macosx(name):
            return Turn.REPORT
        return Turn.TABLE if lower.endswith(self.tables) else Turn.OTHER

    def take(self, claim: Claim, delivery: Delivery, file: DeliveredFile) -> None:
        """Take in a report with its images, or set aside what is left over."""
        if file.turn == Turn.ARCHIVE:
            # Its name is all that it has of an archive; the reports come after it.
            reason = "It is called an archive and is none."
            settle(claim, [file], lambda: Fate(State.SET_ASIDE, reason))
            return
        if file.turn != Turn.REPORT:
            self._set_aside(claim, delivery)
            return
        pictures: list[DeliveredFile] = []
        try:
            self._take(claim, delivery, file, pictures)
        except Refused as refusal:
            reason = refusal.reason
            settle(claim, [file, *pictures], lambda: Fate(State.REFUSED, reason))

    def _take(
        self,
        claim: Claim,
        delivery: Delivery,
        file: DeliveredFile,
        pictures: list[DeliveredFile],
    ) -> None:
        """`pictures` takes up the images that belong to the report."""
        examination, keys = self.read(file, sources.read(file))
        collection = delivery.collection.name
        pictures += self._pictures(delivery, keys)
        if not pictures:
            settle(claim, [file], lambda: _without_images(collection, examination))
            return
        report = examination.report
        if not (report.findings or report.impression or report.text):
            empty = Fate(State.SET_ASIDE, "Its report is empty: it is no case.")
            settle(claim, [file, *pictures], lambda: empty)
            return
        files = {self.picture(row.name): _found(row) for row in pictures}
        views = self._views(claim, delivery)
        pictured = Pictures(collection, files, views, self.table)
        radiographs = pictured.read(tuple(files))
        prepared = prepare_examination(examination, radiographs, pictured)
        warnings = _warnings(examination.code, radiographs)

        def store() -> Fate:
            case, is_new = store_examination(collection=collection, prepared=prepared)
            outcome = Outcome.IMPORTED if is_new else Outcome.ALREADY_THERE
            return Fate(STATES[outcome], warnings=warnings, case=case)

        settle(claim, [file, *pictures], store)

    def _pictures(
        self, delivery: Delivery, keys: tuple[str, ...]
    ) -> list[DeliveredFile]:
        """The image files of some keys that are to do, in the order of the keys; of
        several under one name the first."""
        found = delivery.files.all().to_do().filter(_ends(self.pictures), key__in=keys)
        rows = found.select_related("archive").order_by("name")
        first: dict[str, DeliveredFile] = {}
        for row in sorted(rows, key=lambda row: keys.index(row.key)):
            row.delivery = delivery
            if row.archive is not None:
                row.archive.delivery = delivery
            first.setdefault(self.picture(row.name), row)
        return list(first.values())

    def _views(self, claim: Claim, delivery: Delivery) -> Mapping[str, View]:
        """Views by the tables of the delivery, of which later ones win; a bad table is
        refused by itself."""
        # Once an upload is over its bytes are gone.
        states = [State.RECEIVED]
        if delivery.comes_from_an_address:
            states.append(State.SET_ASIDE)
        tables = delivery.files.filter(state__in=states, turn=Turn.TABLE)
        views: ChainMap[str, View] = ChainMap()
        for row in tables.select_related("archive").order_by("name"):
            row.delivery = delivery
            try:
                read = _read_once(self.read_views, row.name, sources.stamp(row), row)
                views = views.new_child(read)
            except Refused as refusal:
                reason = refusal.reason
                settle(claim, [row], partial(Fate, State.REFUSED, reason))
        return views

    def _set_aside(self, claim: Claim, delivery: Delivery) -> None:
        """What is left when every report is over; all for one reason at a time."""
        rows = list(delivery.files.all().to_do().select_related("archive")[:_LEFT_OVER])
        by_reason: dict[str, list[DeliveredFile]] = {}
        for row in rows:
            row.delivery = delivery
            by_reason.setdefault(self._reason(row.name), []).append(row)
        for reason, some in by_reason.items():
            settle(claim, some, partial(Fate, State.SET_ASIDE, reason))

    def _reason(self, name: str) -> str:
        if is_set_aside(name) and not name.lower().endswith(self.tables):
            return ""
        if name.lower().endswith(self.tables):
            return "It is a table of views."
        if name.lower().endswith(self.pictures):
            return (
                "No report among the files belongs to it. Images without reports can "
                "be taken in as plain radiographs."
            )
        return "It is neither a report nor an image."


def is_macosx(name: str) -> bool:
    """Whether a file is a Mac's shadow of another one."""
    return "__MACOSX" in name.split("/")


def _ends(endings: Sequence[str]) -> Q:
    return reduce(or_, (Q(name__iendswith=ending) for ending in endings))


def _found(row: DeliveredFile) -> Found:
    return Found(row.name, partial(sources.read, row))


def _without_images(collection: str, examination: Examination) -> Fate:
    """A report alone: it is there already, it came twice, or it lacks its images."""
    if is_stored(collection, examination):
        return Fate(State.ALREADY_THERE)
    return Fate(
        State.SET_ASIDE, "None of its images is among the files: it is no case."
    )


def _warnings(code: str, radiographs: dict[str, RadiographFile]) -> tuple[str, ...]:
    own = [warning for each in radiographs.values() for warning in each.warnings]
    if laterals := only_laterals(code, radiographs):
        own.append(laterals)
    return tuple(dict.fromkeys(own))


# Per process; a handful of tables, the last ones read.
_read_tables: dict[tuple[object, ...], dict[str, View]] = {}


def _read_once(
    read_views: ReadViews, name: str, stamp: tuple[object, ...], table: DeliveredFile
) -> dict[str, View]:
    """A table's views. One of 377,000 rows is not read anew for every study, and one
    that came again is: `stamp` tells its bytes from others."""
    key = (read_views, name, *stamp)
    if key not in _read_tables:
        views = read_views(sources.read(table), name)
        while len(_read_tables) >= _KEPT_TABLES:
            del _read_tables[next(iter(_read_tables))]
        _read_tables[key] = views
    return _read_tables[key]
