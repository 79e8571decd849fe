"""Blinding as non-interference: exchange the arm behind every slot, and no byte that
a reader can fetch may change. Then look for the names themselves."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.studies.models import Arm
from tests import worlds
from tests.people import rosa

CLOCKS = {"set-cookie", "date", "expires"}
TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")[^"]*')
META = re.compile(rb'(?<=csrf-token" content=")[^"]*|(?<="X-CSRFToken": ")[^"]*')


def everything_a_reader_can_fetch(client: Client, study) -> dict[str, tuple]:
    """Every page, API answer and image of a reader's whole list, with headers."""
    code = study.code
    paths = [reverse("home"), reverse("grading:start", args=[code])]
    slots = list(Slot.objects.of_study(study).order_by("position"))
    for slot in slots:
        paths += [
            reverse(name, args=[slot.public_id])
            for name in ("grading:read", "api:image", "api:frame")
        ]
    paths += [reverse("grading:next", args=[code]), reverse("api:studies")]
    return {path: fetched(client, path) for path in paths}


def fetched(client: Client, path: str) -> tuple:
    answer = client.get(path)
    body = META.sub(b"", TOKEN.sub(b"", answer.content))
    headers = {
        name: value for name, value in answer.items() if name.lower() not in CLOCKS
    }
    # The token's cookie differs at every visit; that there is one must not.
    return answer.status_code, sorted(headers.items()), sorted(answer.cookies), body


def exchange_arms(study) -> None:
    """Put the other arm behind every text, leaving slots, ids and texts alone."""
    first, second = study.arm_set.order_by("position")
    presented = PresentedReport.objects.filter(study=study)
    of_first = list(presented.filter(arm=first).values_list("id", flat=True))
    of_second = list(presented.filter(arm=second).values_list("id", flat=True))
    between = Arm.objects.create(study=study, position=9, name="between", source="none")
    presented.filter(arm=first).update(arm=between)
    presented.filter(arm=second).update(arm=first)
    presented.filter(arm=between).update(arm=second)
    between.delete()
    assert set(presented.filter(arm=second).values_list("id", flat=True)) == set(
        of_first
    )
    assert set(presented.filter(arm=first).values_list("id", flat=True)) == set(
        of_second
    )


@pytest.mark.django_db
def test_no_byte_changes_when_the_arms_are_exchanged(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=3, distance=1)
    reader = rosa()
    membership = study.membership_set.readers().get()
    reads = 0
    while True:
        # Once to let first visits leave their marks (opened slots, sessions).
        everything_a_reader_can_fetch(reader.client, study)
        before = everything_a_reader_can_fetch(reader.client, study)
        exchange_arms(study)
        after = everything_a_reader_can_fetch(reader.client, study)
        assert after == before
        exchange_arms(study)
        if not worlds.grade_next(membership, "ABCD"[reads % 4]):
            break
        reads += 1
    assert reads == 6


@pytest.mark.django_db
def test_no_answer_to_a_reader_names_a_source_a_case_or_a_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    for presented in PresentedReport.objects.filter(study=study):
        presented.body["sections"][0]["sentences"] = ["The heart is normal."]
        presented.save()
    reader = rosa()
    membership = study.membership_set.readers().get()
    leaks = re.compile(
        rb"ground.?truth|llava|CXR\d|phantoms|\.png|arm\b|source", re.IGNORECASE
    )
    pages = 0
    while True:
        next_page = reader.client.get(
            reverse("grading:next", args=[study.code]), follow=True
        )
        slot = worlds.grading.next_slot(membership)
        if slot is None:
            break
        assert next_page.status_code == 200
        assert leaks.findall(next_page.content) == []
        image = reader.client.get(reverse("api:image", args=[slot.public_id]))
        assert leaks.findall(image.content) == []
        worlds.grade_next(membership, "B")
        pages += 1
    assert pages == 12


@pytest.mark.django_db
def test_the_same_radiograph_has_another_address_in_every_slot(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    ids = list(Slot.objects.of_study(study).values_list("public_id", flat=True))
    assert len(set(ids)) == 12
