"""How long verifying the record takes: python -m benchmarks.verify_record 100000

It makes a database of SQLite with so many events, each of which tells of a row, and
verifies it in a process of its own.
"""

import os
import resource
import sys
import tempfile
import time
from itertools import count

import django

BATCH = 5000


def main(events: int) -> None:
    folder = tempfile.mkdtemp(prefix="readerstudy-verify-")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
        "SECRET_KEY": "only-for-this",
        "DATA_DIR": folder,
        "DATABASE_URL": os.environ.get(
            "DATABASE_URL", f"sqlite:///{folder}/db.sqlite3"
        ),
    }
    django.setup()
    from django.core.management import call_command

    from readerstudy.audit.verifying import verify

    call_command("migrate", verbosity=0)
    _fill(events)
    began = time.perf_counter()
    verdict = verify()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{verdict.events} events and {verdict.rows} rows in {seconds:.1f} s, "
        f"{verdict.events / seconds:.0f} events/s, whole: {verdict.is_whole}, "
        f"at most {peak:.0f} MiB\n"
    )


def _fill(events: int) -> None:
    """A chain in which a reader agrees to one text after another."""
    from django.utils import timezone

    from readerstudy.accounts.models import User
    from readerstudy.audit.models import Event, Stream
    from readerstudy.audit.rows import sealed
    from readerstudy.audit.services import record
    from readerstudy.grading.models import Consent
    from readerstudy.studies.models import Membership
    from readerstudy.studies.services import create

    cora = User.objects.create(username="cora")
    study = create(coordinator=cora, code="long", title="A long study")
    reader = Membership.objects.create(
        study=study, user=User.objects.create(username="rosa"), role="reader",
        reader_code="R1",
    )  # fmt: skip
    record(actor=cora, verb="study.member_added", stream="long", rows=[reader])
    head, numbers = Stream.objects.get(name="long"), count(1)
    for start in range(0, events, BATCH):
        agreed = Consent.objects.bulk_create(
            Consent(reader=reader, version=f"{next(numbers):064d}")
            for _ in range(min(BATCH, events - start))
        )
        chain = []
        for consent in agreed:
            event = Event(
                stream=head,
                sequence=head.length + 1,
                at=timezone.now(),
                actor=cora,
                verb="consent.given",
                subject="R1",
                detail={"version": consent.version},
                rows=dict(sealed([consent])),
                previous_sha256=head.head_sha256,
            )
            event.sha256 = event.digest()
            head.length, head.head_sha256 = event.sequence, event.sha256
            chain.append(event)
        Event.objects.bulk_create(chain)
    head.save()


if __name__ == "__main__":
    main(int(sys.argv[1]))
