"""No page of any role does what its own headers forbid: every page of the matrix is
opened once, and the browser's console says nothing of a policy."""

import pytest
from playwright.sync_api import Error

from tests import worlds
from tests.browser.test_session import wear_session
from tests.browser.visits import watched_visit
from tests.people import anya, cora, rosa
from tests.test_permissions import address, lines

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(seconds=60),
]
ROLES = {
    "draft": ("coordinator", cora, worlds.draft_study),
    "open": ("reader", rosa, worlds.open_study),
    "closed": ("analyst", anya, worlds.study_without_grades),
}
# Answers that a browser keeps or shows by itself: no page of ours is around them.
NO_PAGES = (".csv", ".zip", ".json", ".png", ".svg")


@pytest.mark.parametrize("state", ROLES)
def test_the_browser_says_nothing_of_a_policy(state, chromium, live_server):
    role, someone, make = ROLES[state]
    study = make(cases=2, distance=1)
    worlds.practice_case(study)
    urls = sorted(
        line["url"]
        for line in lines()
        if line["state"] == state and line["method"] == "GET" and line[role] == "200"
    )
    paths = [address(url, study) for url in urls if not url.startswith("api:")]
    opened = 0
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        wear_session(page, someone().client, live_server)
        for path in paths:
            if path.endswith(NO_PAGES) or "/files/" in path or "/image/" in path:
                continue
            try:
                answer = page.goto(path)
            except Error as problem:
                assert "Download" in str(problem), path
                continue
            assert answer is not None and answer.status < 400, path
            opened += 1
    assert opened >= {"draft": 35, "open": 8, "closed": 20}[state]


def test_the_browser_would_say_it(chromium, live_server):
    """The test above, tested: a script and a style that the policy forbids."""
    with (
        pytest.raises(AssertionError),
        watched_visit(chromium, live_server.url, width=800, height=600) as page,
    ):
        page.goto("/sign-in/")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('a'),"
            "{onclick: null})); document.body.setAttribute('style', 'color: red')"
        )
        page.evaluate(
            "() => { try { document.createElement('script').text = '1' }"
            " catch (refusal) { console.error(String(refusal)) } }"
        )
