"""What the drill reads and writes: a study with many readers, and ever more reports.

All of it is made by the services that the site uses. Imports Django: the environment
must be set before.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Q

from drills.names import (
    ANALYST,
    CODE,
    COORDINATOR,
    PASSWORD,
    READ,
    SIZE,
    UPLOADED,
    WRITTEN,
)
from inference.phantom.phantom import draw
from readerstudy.accounts.models import User
from readerstudy.cases.frame_store import KeptFrame, keep_frame
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.cases.services import draw_cases, store_image
from readerstudy.presentation.blinding_audit import services as blinding
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.presentation.blinding_audit.tasks import audit_blinding
from readerstudy.presentation.models import Slot
from readerstudy.presentation.services import freeze
from readerstudy.reports.models import CXR_LLAVA, GROUND_TRUTH, Job
from readerstudy.reports.review.services import sign_off
from readerstudy.reports.services import (
    UploadedReport,
    precompute,
    source_named,
    store_reports,
)
from readerstudy.studies import services as studies
from readerstudy.studies.lifecycle.services import open_for_reading
from readerstudy.studies.models import Membership, Study

Result = TypeVar("Result")
DRAWINGS = 8
WORDS = (
    "The heart is normal.",
    "The lungs are clear.",
    "There is no effusion.",
    "No pneumothorax.",
    "The bones are intact.",
    "The mediastinum is unremarkable.",
)
AUDITED = "The texts are of a drill, and nobody looks for their source in them."
SIGNED = "The radiographs are drawings of a program and show no person."


def patiently(do: Callable[[], Result], tries: int = 60) -> Result:
    """Do something in the database; again, for as long as the drill keeps it away."""
    for _ in range(tries):
        try:
            return do()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.5)
    return do()


class World:
    """The study that is read, and the collection whose reports are written."""

    def __init__(self, readers: int, cases: int, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.usernames = [f"reader-{number + 1}" for number in range(readers)]
        self.frames = [
            keep_frame(Frame(draw(seed + each, size=SIZE).pixels))
            for each in range(DRAWINGS)
        ]
        # One hash for all: to make one is meant to take long.
        self._hash = make_password(PASSWORD)
        self.cora = self._person(COORDINATOR, may_create_studies=True)
        self.study = self._study(cases)
        Collection.objects.create(name=WRITTEN)

    def _person(self, username: str, **more: bool) -> User:
        return User.objects.create(username=username, password=self._hash, **more)

    def _study(self, cases: int) -> Study:
        collection = Collection.objects.create(name=READ)
        for number in range(cases):
            self._case(collection, number)
        for source in (GROUND_TRUTH, CXR_LLAVA):
            self._store_texts(collection, source)
        sign_off(
            collection=collection,
            actor=self.cora,
            statement=SIGNED,
            without_scan="The pixels are drawn by this program.",
        )
        study = self._draft(collection)
        self._audit(study)
        frozen = freeze(study=study, actor=self.cora, accepts_warnings=True)
        return open_for_reading(study=frozen, actor=self.cora)

    def _draft(self, collection: Collection) -> Study:
        study = studies.create(coordinator=self.cora, code=CODE, title="A drill")
        study = studies.change_settings(
            study=study,
            actor=self.cora,
            title="A drill",
            instructions="Read on, whatever happens.",
            seed=self.chance.randrange(2**31),
            minimum_pair_distance=2,
            redaction=Study.Redaction.AS_WRITTEN,
            show_indication=True,
            margin_points=None,
        )
        study = studies.change_reading_rules(
            study=study, actor=self.cora, display_check=False, guess_sample=0
        )
        draw_cases(
            study=study,
            actor=self.cora,
            collection=collection,
            sizes={"normal": None, "abnormal": None, "unknown": None},
            seed=1,
        )
        people = [(name, Membership.Role.READER) for name in self.usernames]
        for username, role in [*people, (ANALYST, Membership.Role.ANALYST)]:
            user = self._person(username)
            studies.add_member(study=study, actor=self.cora, user=user, role=role)
        return study

    def _audit(self, study: Study) -> None:
        layout = {"layout_profile": study.layout_profile, "redaction": study.redaction}
        asked = blinding.ask(study=study, actor=self.cora, **layout)
        # The work of a worker, which does not run yet.
        audit_blinding(asked.pk)
        done = BlindingAudit.objects.get(pk=asked.pk)
        blinding.accept(study=study, actor=self.cora, audit_id=done.pk, text=AUDITED)

    def _case(self, collection: Collection, number: int) -> Case:
        frame: KeptFrame = self.frames[number % DRAWINGS]
        case = Case.objects.create(
            collection=collection,
            code=f"{collection.name}-{number}",
            stratum="abnormal" if number % 2 else "normal",
        )
        case.image = store_image(
            case=case,
            name=f"{case.code}.png",
            frame=frame,
            view=Image.View.FRONTAL,
            source_sha256=f"{collection.pk * 10**6 + number:064d}",
        )
        case.save()
        return case

    def _store_texts(self, collection: Collection, source: str) -> None:
        cases = {case.code: case for case in collection.case_set.all()}
        store_reports(
            source=source_named(source),
            cases=cases,
            uploads=[
                UploadedReport(code, text=" ".join(self.chance.sample(WORDS, 4)))
                for code in cases
            ],
            actor=None,
            origin="reports.csv",
        )

    # --- While the drill goes on ---

    def keep_busy(self, waiting: int) -> None:
        """See to it that so many reports wait for the worker."""
        unfinished = Job.objects.unfinished().count()
        if unfinished < waiting // 2 + 1:
            self.ask_for(waiting - unfinished)

    @transaction.atomic
    def ask_for(self, count: int) -> list[int]:
        """Ask for the reports of so many new cases, and of all that was uploaded."""
        collection = Collection.objects.get(name=WRITTEN)
        first = collection.case_set.count()
        made = [self._case(collection, first + number).pk for number in range(count)]
        cases = Case.objects.filter(Q(pk__in=made) | Q(collection__name=UPLOADED))
        precompute(source=source_named(CXR_LLAVA), cases=cases, actor=self.cora)
        return made

    @staticmethod
    def is_written(cases: list[int]) -> bool:
        """Whether the worker has written the reports of these cases."""
        done = Job.objects.filter(case__in=cases, status=Job.Status.DONE)
        return done.count() == len(cases)

    @staticmethod
    def jobs() -> dict[str, int]:
        """How many jobs there are, by state."""
        counted = Job.objects.order_by().values("status").annotate(n=Count("id"))
        return dict(counted.values_list("status", "n"))

    @staticmethod
    def arms(username: str) -> dict[str, str]:
        """The arm behind each slot of a reader, in the order of the list."""
        slots = Slot.objects.of_study(Study.objects.get(code=CODE))
        found = slots.filter(reader__user__username=username)
        in_order = found.order_by("position")
        return dict(in_order.values_list("public_id", "presented__arm__name"))
