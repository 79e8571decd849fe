"""Rosa chooses Korean and reads: pages, viewer, keys and the line at the top speak it,
and the browser's console has nothing to say of any policy."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from readerstudy.grading.models import Grade
from tests import worlds
from tests.browser.test_session import wear_session
from tests.browser.visits import watched_visit
from tests.people import rosa

pytestmark = pytest.mark.django_db(transaction=True)


def test_rosa_chooses_korean_and_grades_a_report(
    chromium, live_server, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    worlds.open_study(cases=2, distance=1)
    with watched_visit(chromium, live_server.url, width=1280, height=800) as page:
        page.goto("/sign-in/")
        expect(page.get_by_label("Username")).to_be_visible()
        page.get_by_role("button", name="한국어").click()
        expect(page.get_by_label("사용자 이름")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        wear_session(page, rosa().client, live_server)
        page.goto(reverse("grading:next", args=["acceptability"]))
        expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
        expect(page.get_by_role("button", name="반전")).to_be_visible()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="단축키")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("b")
        page.get_by_role("button", name="제출하고 다음으로").click()
        expect(page.locator("#reading-status")).to_contain_text(re.compile("저장됨"))
        page.goto("/account/")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert Grade.objects.get().letter == "B"
