"""What must hold when everything is over: each rule a sentence, and what breaks it."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db.models import Count, Exists, ForeignKey, OuterRef

from drills.names import CODE, UPLOADED
from drills.readers import Diary
from drills.uploader import Ledger
from readerstudy.audit.models import Event, Stream
from readerstudy.audit.verifying import first_break
from readerstudy.cases.frame_store import pixels_of
from readerstudy.cases.intake.sweeping import sweep
from readerstudy.cases.models import Case, Image
from readerstudy.grading.models import Grade
from readerstudy.reports.models import Job, Report
from readerstudy.work import leases
from readerstudy.work.models import Work

SHOWN = 5
# What belongs to the store itself, and is no radiograph's.
OWN_FILES = {".lock"}


@dataclass(frozen=True)
class Finding:
    """A rule, how much it was tried on, and what breaks it.

    is_timed   it also depends on what else the machine does
    """

    rule: str
    problems: tuple[str, ...]
    is_timed: bool = False

    @property
    def holds(self) -> bool:
        return not self.problems

    def told(self) -> str:
        """The rule with what breaks it, for a terminal."""
        if self.holds:
            return f"  holds   {self.rule}"
        shown = [f"            {problem}" for problem in self.problems[:SHOWN]]
        return "\n".join([f"  BROKEN  {self.rule} ({len(self.problems)})", *shown])


def everything(diaries: Mapping[str, Diary], ledger: Ledger) -> list[Finding]:
    """Look at all of it; the site may go on running, but nobody may write."""
    return [
        *grades(diaries),
        *reports(),
        uploads(ledger),
        *orphans(),
        *media(),
        record(),
    ]


# --- Grades ---


def grades(diaries: Mapping[str, Diary]) -> Iterator[Finding]:
    """What readers sent and what was acknowledged, against what is stored."""
    stored: dict[str, list[Grade]] = {}
    rows = Grade.objects.select_related("slot__reader__user")
    for grade in rows.filter(slot__reader__study__code=CODE):
        stored.setdefault(grade.slot.public_id, []).append(grade)
    acknowledged = {
        slot: letter
        for diary in diaries.values()
        for slot, letter in diary.acknowledged.items()
    }
    yield Finding(
        f"Each of {len(acknowledged)} acknowledged grades is stored exactly once, with "
        "the letter that was acknowledged.",
        tuple(_not_as_acknowledged(acknowledged, stored)),
    )
    yield Finding(
        f"Each of {sum(map(len, stored.values()))} stored grades was sent by its "
        "reader, as it is stored.",
        tuple(_never_sent(diaries, stored)),
    )
    told = Counter(
        Event.objects.of_stream(CODE)
        .filter(verb="grade.submitted")
        .values_list("subject", flat=True)
    )
    both = Counter({slot: len(rows) for slot, rows in stored.items()})
    differing = sorted((told - both) | (both - told))
    yield Finding("Each stored grade has exactly one event.", tuple(differing))


def _not_as_acknowledged(
    acknowledged: Mapping[str, str], stored: Mapping[str, list[Grade]]
) -> Iterator[str]:
    for slot, letter in acknowledged.items():
        found = [grade.letter for grade in stored.get(slot, [])]
        if found != [letter]:
            yield f"{slot}: {letter} was acknowledged, {found or 'nothing'} is stored"


def _never_sent(
    diaries: Mapping[str, Diary], stored: Mapping[str, list[Grade]]
) -> Iterator[str]:
    for slot, found in stored.items():
        for grade in found:
            username = grade.slot.reader.user.username
            sent = diaries[username].sent.get(slot)
            if sent != (grade.idempotency_key, grade.letter):
                yield f"{slot}: {grade.letter} is stored, {sent} was sent"


# --- Reports and uploads ---


def reports() -> Iterator[Finding]:
    """Every report that was asked for is there, once."""
    jobs = Job.objects.select_related("case")
    not_done = jobs.exclude(status=Job.Status.DONE)
    yield Finding(
        f"All of {jobs.count()} jobs are done.",
        tuple(f"{job}: {job.failure or job.status}" for job in not_done),
    )
    same = ("case", "source", "fingerprint")
    written = Report.objects.filter(job__isnull=False) | Report.objects.filter(
        pk__in=Job.objects.exclude(report=None).values("report")
    )
    doubled = (
        Report.objects.values(*same).annotate(n=Count("id")).filter(n__gt=1).order_by()
    )
    of_jobs = set(jobs.values_list("case", "source", "fingerprint"))
    alike = Report.objects.filter(fingerprint__in={each[2] for each in of_jobs})
    of_reports = Counter(alike.values_list(*same))
    lost = of_jobs - of_reports.keys()
    unasked = of_reports.keys() - of_jobs
    yield Finding(
        f"Each of {written.distinct().count()} reports was asked for and is there "
        "exactly once.",
        tuple(map(str, [*lost, *unasked, *doubled])),
    )


def uploads(ledger: Ledger) -> Finding:
    """Every radiograph whose delivery ended is a case, once."""
    codes = Counter(
        Case.objects.filter(collection__name=UPLOADED).values_list("code", flat=True)
    )
    wanted = {name.removesuffix(".dcm") for name in ledger.files}
    problems = [f"{code} is lost" for code in sorted(wanted - codes.keys())]
    problems += [f"{code} is there twice" for code, n in codes.items() if n > 1]
    return Finding(
        f"Each of {len(wanted)} uploaded radiographs is there exactly once.",
        (*ledger.wrongs, *problems),
    )


# --- Orphans ---


def orphans() -> Iterator[Finding]:
    """Rows without parents, and work that somebody is said to do still."""
    found = []
    models = apps.get_models()
    for model in models:
        for field in model._meta.fields:
            if isinstance(field, ForeignKey):
                found += _without_parents(model, field)
    yield Finding(f"No row of {len(models)} tables lacks its parent.", tuple(found))
    yield Finding("No work is left waiting or leased.", tuple(unfinished()))


def unfinished() -> list[str]:
    """Work of any kind that waits or is said to be done by somebody."""
    return [
        f"{kind.__name__} {row.pk}: {row.status} by {row.worker or 'nobody'}"
        for kind in leases.kinds()
        for row in leases.rows(kind).filter(status__in=Work.UNFINISHED)
    ]


def _without_parents(model: Any, field: Any) -> list[str]:
    there = field.related_model._base_manager.filter(
        **{field.target_field.attname: OuterRef(field.attname)}
    )
    rows = model._base_manager.filter(**{f"{field.name}__isnull": False})
    count = rows.filter(~Exists(there)).count()
    return [f"{count} rows of {model.__name__}.{field.name}"] if count else []


def media() -> Iterator[Finding]:
    """Files and rows of radiographs, after the sweep that removes what is old."""
    images = list(Image.objects.values_list("frame_file", "frame_sha256"))
    lost = {name for name, digest in set(images) if pixels_of(name, digest) is None}
    yield Finding(
        f"Each of {len(images)} radiographs has its pixels.", tuple(sorted(lost))
    )
    swept = _swept(timedelta(days=settings.LEFTOVERS_KEPT_DAYS + 1))
    known = {digest[:32] for _, digest in images}
    stray = [str(path) for path in _files() if not _belongs(path, known)]
    yield Finding(
        f"No file belongs to nothing; the sweep had removed {swept} leftovers of what "
        "was killed.",
        tuple(stray),
    )


def _files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def _swept(age: timedelta) -> int:
    """Let the product's own sweep see everything as old; returns what it removed."""
    then = time.time() - age.total_seconds()
    for path in _files():
        os.utime(path, (then, then))
    return sum(sweep().values())


def _belongs(path: Path, known: set[str]) -> bool:
    return path.name in OWN_FILES or path.name[:32] in known


# --- The record ---


def record() -> Finding:
    """The chain of every stream, by the product's own words."""
    broken = [
        f"{name} is broken at {place}"
        for name in Stream.objects.values_list("name", flat=True)
        if (place := first_break(name)) is not None
    ]
    if "verify_record" in get_commands():
        try:
            call_command("verify_record", verbosity=0)
        except (CommandError, SystemExit) as problem:
            broken.append(str(problem))
    return Finding(
        f"The chain of {Event.objects.count()} events is whole.", tuple(broken)
    )
