"""The names of files that name nobody's case: they are kept for a while, then replaced.

Where cases go by pseudonyms, a file's name may say who it is. A person who looks at
what was refused needs it; a day later it is replaced by a pseudonym of its own, which
is the same for the same name, so that a file can still be chosen again.
"""

import hashlib
import hmac
import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from readerstudy.cases.codes import PSEUDONYMISED
from readerstudy.cases.intake.models import DeliveredFile, Delivery

# Endings say what a file is. Another one may be a part of a name: "Doe.John".
_ENDINGS = (
    *(".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".zip", ".tgz", ".tar.gz", ".tar"),
    *(".csv", ".txt", ".xml", ".json", ".pdf"),
)
_FORGOTTEN = re.compile(r"file-[0-9a-f]{12}(\.[a-z.]+)?|[0-9a-f]{12} \(\d+\)")
_BATCH = 1000


def name_instead(name: str) -> str:
    """What stands for a file's name; the same for the same name on this site."""
    digest = hmac.new(
        settings.PSEUDONYM_KEY.encode(), f"file:{name}".encode(), hashlib.sha256
    )
    lower = name.lower()
    ending = next((each for each in _ENDINGS if lower.endswith(each)), "")
    return f"file-{digest.hexdigest()[:12]}{ending}"


def forget_when_due() -> int:
    """Forget the names of deliveries that are over for long enough; how many."""
    age = timedelta(hours=settings.INTAKE_NAMES_KEPT_HOURS)
    over = Delivery.objects.over().filter(names_forgotten_at=None)
    due = over.filter(_tells_names(), finished_at__lte=Now() - age)
    return sum(map(forget_names, list(due.values_list("pk", flat=True))))


def forget_if_at_once(delivery_id: int) -> None:
    """Forget the names of a delivery that is over, where the site keeps none."""
    if settings.INTAKE_NAMES_KEPT_HOURS == 0:
        forget_names(delivery_id)


def _tells_names() -> Q:
    """Whether names, or addresses at a PACS, can lead to a person."""
    at_a_pacs = Q(origin=Delivery.Origin.DICOMWEB)
    return Q(options__code_from__in=PSEUDONYMISED) | at_a_pacs


def forget_names(delivery_id: int) -> bool:
    """Replace the names of what is over in a delivery; whether that was due.

    What a worker may still take keeps its name and its address. Batch by batch: others
    write in between.
    """
    last: int | None = 0
    while last is not None:
        last = _forget_batch(delivery_id, last)
    due = Delivery.objects.over().filter(_tells_names(), pk=delivery_id)
    return bool(due.filter(names_forgotten_at=None).update(names_forgotten_at=Now()))


@transaction.atomic
def _forget_batch(delivery_id: int, after: int) -> int | None:
    """Forget some names; returns the last row that was looked at, None at the end."""
    due = Delivery.objects.over().filter(_tells_names(), pk=delivery_id)
    delivery = due.select_for_update(of=["self"]).first()
    if delivery is None:
        return None
    over = delivery.files.filter(state__in=DeliveredFile.OVER, pk__gt=after)
    if delivery.status == Delivery.Status.FAILED:
        # Where it goes on, members are read from these.
        over = over.exclude(state=DeliveredFile.State.UNPACKED)
    rows = list(over.order_by("pk")[:_BATCH])
    changed = [row for row in rows if _is_forgotten_now(row, delivery.is_secret)]
    DeliveredFile.objects.bulk_update(changed, ["name", "address"], batch_size=200)
    return rows[-1].pk if len(rows) == _BATCH else None


def _is_forgotten_now(row: DeliveredFile, is_secret: bool) -> bool:
    """Take a row's name and address away; whether it had any."""
    before = row.name, row.address
    if is_secret and not _FORGOTTEN.fullmatch(row.name):
        row.name = name_instead(row.name)
    if row.archive_id is None:
        row.address = ""
    return before != (row.name, row.address)
