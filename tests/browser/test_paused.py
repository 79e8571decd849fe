"""Reading is paused while a grade is on its way: the browser keeps it, Rosa is told,
and it goes through once when reading goes on."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from readerstudy.grading.models import Grade
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Study
from tests.browser.reading_page import open_page
from tests.browser.visits import leave
from tests.people import cora

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_grade_sent_during_a_pause_is_kept_and_goes_through_later(
    chromium, live_server
):
    page = open_page(chromium, live_server)
    study = Study.objects.get()
    lifecycle.pause(
        study=study, actor=cora().user, reason="A server moves.", message="Until noon."
    )
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    status = page.locator("#reading-status")
    paused = page.get_by_role("heading", name="Reading is paused")
    expect(status.filter(has_text="reading is paused").or_(paused)).to_be_visible()
    assert not Grade.objects.exists()
    page.goto(reverse("grading:next", args=[study.code]))
    expect(paused).to_be_visible()
    expect(page.get_by_text("Until noon.")).to_be_visible()
    lifecycle.resume(study=study, actor=cora().user)
    page.get_by_role("link", name="Try again").click()
    expect(page).to_have_url(re.compile("/read/report/"))
    expect(page.locator("#reading-place")).to_contain_text("2")
    assert list(Grade.objects.values_list("letter", flat=True)) == ["C"]
    leave(page)
