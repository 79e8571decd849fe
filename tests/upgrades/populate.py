"""Fill the database of the settings with small studies in several states.

It runs with the code of the version whose database is kept, and uses its worlds.
"""

import os
import tempfile

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
    django.setup()
    from django.conf import settings

    with tempfile.TemporaryDirectory() as media:
        settings.MEDIA_ROOT = media
        settings.ALLOWED_HOSTS = ["testserver"]
        _studies()


def _studies() -> None:
    from readerstudy.analysis.services import compute
    from readerstudy.export.services import record_bundle
    from tests import worlds
    from tests.people import cora, person, rosa

    closed = worlds.closed_study("closed", readers=[rosa(), person("Ravi")], cases=4)
    compute(study=closed, actor=cora().user)
    worlds.exclusion(closed)
    record_bundle(study=closed, actor=cora().user, manifest_sha256="0" * 64)
    begun = worlds.open_study("begun", readers=[rosa()], cases=4)
    for letter in "ABC":
        worlds.grade_next(begun.membership_set.readers().get(), letter)
    worlds.frozen_study("frozen", cases=4)
    worlds.draft_study("draft", cases=4)
    worlds.token(rosa())


if __name__ == "__main__":
    main()
