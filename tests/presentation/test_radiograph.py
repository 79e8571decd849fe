"""The radiograph behind Rosa's slot, also when the server has lost it."""

from pathlib import Path

import pytest
from django.urls import reverse

from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def slot():
    return Slot.objects.of_study(worlds.open_study()).order_by("position")[0]


def lose(image):
    Path(image.frame_file.path).unlink()


def test_a_lost_radiograph_is_named_to_nobody_who_reads(slot):
    lose(slot.presented.case.image)
    answer = rosa().client.get(reverse("api:frame", args=[slot.public_id, 0]))
    assert answer.status_code == 404
    assert "tell the coordinator" in answer.json()["detail"]
    assert b"CXR" not in answer.content


def test_a_lost_radiograph_is_a_page_not_found_to_the_coordinator(slot):
    image = slot.presented.case.image
    lose(image)
    answer = cora().client.get(reverse("cases:image", args=[image.pk]))
    assert answer.status_code == 404
