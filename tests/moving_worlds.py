"""A packed study that Cora has uploaded, for tests that only need one to be there."""

from django.urls import reverse

from readerstudy.export.models import Arrival
from readerstudy.work.models import Work
from tests.people import cora

OF_AN_ARRIVAL = {
    f"export:{name}"
    for name in ("arrival", "confirm_arrival", "look_again", "drop_arrival")
}
SEEN = {
    "title": "Chest, from elsewhere",
    "state": "draft",
    "code": "elsewhere-1",
    "problems": [],
    "added": [["phantoms", 2]],
    "people": [{"username": "olga", "name": "Olga", "here": ""}],
}


def arrival() -> Arrival:
    """A packed study that a worker has looked at and nobody has confirmed."""
    return Arrival.objects.first() or Arrival.objects.create(
        name="study.zip",
        size=2,
        asked_by=cora().user,
        seen=SEEN,
        status=Work.Status.HELD,
    )


def address(url: str) -> str:
    return reverse(url, args=[arrival().token])
