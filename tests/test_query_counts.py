"""How many queries a page takes: as many among a hundred rows as among ten."""

import json
import secrets

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from readerstudy.accounts.models import User
from readerstudy.grading.path import next_slot
from readerstudy.grading.places import slot_after
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study
from tests import worlds
from tests.lifted import lifted
from tests.people import Person, cora, noted, rosa

# One finds out who asks, one finds the page and whether it is on that person's list.
OF_A_PAGE = {
    "read again": 9,
    "frame": 2,
    "following": 6,
    "draft": 7,
    "grade, next and ahead": 15,
    "grade": 8,
    "open": 10,
}


def queries(client: Client, path: str, method: str = "get", **content: object) -> int:
    """How many queries an address takes; it has to answer with more than a refusal."""
    body = {} if method == "get" else {"content_type": "application/json"}
    sent = [] if method == "get" else [json.dumps(content)]
    with CaptureQueriesContext(connection) as asked:
        answer = getattr(client, method)(path, *sent, **body)
    assert answer.status_code in {200, 201}, answer.content
    return len([each for each in asked if "SAVEPOINT" not in each["sql"]])


def reads(study: Study, someone: Person) -> dict[str, int]:
    """What each step of a reader takes, from the next page on."""
    reader = study.membership_set.readers().get(user=someone.user)
    slot = next_slot(reader)
    assert slot is not None
    following = slot_after(slot)
    assert following is not None

    def of(name: str, page: Slot, *more: object) -> str:
        return reverse(f"api:{name}", args=[page.public_id, *more])

    def grade(**more: object) -> dict[str, object]:
        return {"letter": "B", "idempotency_key": secrets.token_hex(8)} | more

    client, page = noted(someone), reverse("grading:read", args=[slot.public_id])
    client.get(page)
    ahead = reverse("grading:following", args=[slot.public_id])
    return {
        "read again": queries(client, page),
        "frame": queries(client, of("frame", slot, 0)),
        "following": queries(client, ahead),
        "draft": queries(client, of("draft", slot), "put", letter="A"),
        "grade, next and ahead": queries(
            client,
            of("grade", slot),
            "post",
            **grade(opens=following.public_id, ahead=True),
        ),
        "grade": queries(client, of("grade", following), "post", **grade()),
        "open": queries(client, of("open", slot_after(following)), "post"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("cases", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_a_page_that_is_read_takes_the_same_whatever_is_on_the_list(cases):
    study = worlds.open_study(cases=cases)
    first = reads(study, rosa())
    reader = study.membership_set.readers().get()
    for _ in range(3 if cases == 5 else 60):
        worlds.grade_next(reader, "C")
    assert reads(study, rosa()) == first == OF_A_PAGE


def more_readers(study: Study, count: int) -> None:
    """Further readers, each with a list as long as the first one's."""
    first = study.membership_set.readers().earliest("pk")
    dealt = list(Slot.objects.of_reader(first))
    assert dealt
    users = User.objects.bulk_create(
        User(username=f"reader{count}-{number}", email="reader@example.org")
        for number in range(count)
    )
    readers = Membership.objects.bulk_create(
        Membership(study=study, user=user, role="reader", reader_code=f"M{user.pk}")
        for user in users
    )
    with lifted("presentation_slot"):
        Slot.objects.bulk_create(
            Slot(reader=reader, presented=slot.presented, position=slot.position)
            for reader in readers
            for slot in dealt
        )


@pytest.mark.django_db
def test_the_pages_of_a_study_take_the_same_for_ten_readers_and_for_a_hundred():
    study = worlds.open_study(cases=2, distance=1)
    worlds.grade_next(study.membership_set.readers().get(), "A")
    paths = [reverse("grading:progress", args=[study.code]), reverse("home")]
    more_readers(study, 9)
    few = [queries(cora().client, path) for path in paths]
    more_readers(study, 90)
    assert [queries(cora().client, path) for path in paths] == few


@pytest.mark.slow
@pytest.mark.django_db
def test_the_results_take_the_same_for_ten_reads_and_for_a_hundred():
    found = []
    for number, cases in enumerate((5, 50)):
        study = worlds.closed_study(f"closed{number}", cases=cases)
        path = reverse("analysis:results", args=[study.code])
        cora().client.get(path)
        found.append(queries(cora().client, path))
    assert found[0] == found[1]
