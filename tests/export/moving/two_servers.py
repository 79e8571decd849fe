"""A server that a story ends, and what is moved from one to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from readerstudy.export.moving.packing import pack_into
from readerstudy.grading.before.practice import next_practice, practise
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import person, rosa


class _Leave(Exception):
    """Ends the life of a server of the story."""


@contextmanager
def server(settings, folder: Path) -> Iterator[None]:
    """A server with a database and a media folder of its own; both end with it."""
    settings.MEDIA_ROOT = folder
    try:
        with transaction.atomic():
            yield
            raise _Leave
    except _Leave:
        pass


def read_study() -> Study:
    """A study that two readers have read in part, with much that can happen."""
    study = worlds.draft_study(readers=[rosa(), person("Ravi")], cases=6)
    worlds.practice_case(study)
    worlds.accept_blinding(study)
    study = worlds.opened(study)
    for reader in study.membership_set.readers():
        while practice := next_practice(reader):
            practise(reader=reader, practice=practice, letter="C")
        for letter in "ABCD":
            worlds.grade_next(reader, letter)
    return study


def closed_study() -> Study:
    study = worlds.close(read_study())
    worlds.exclusion(study)
    return study


def packed(study: Study, folder: Path, name: str = "study.zip") -> Path:
    pack_into(study=study, actor=None, path=folder / name)
    return folder / name
