"""Whatever an address names by a number belongs to what else the address names: with
the number of another study's row there is nothing, even for who may see both."""

from html.parser import HTMLParser

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.urls import Resolver404, resolve, reverse

from readerstudy.cases.deidentification.models import TextRegion
from readerstudy.cases.models import Case, Image
from readerstudy.presentation.models import Slot
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import cora, nils, person, rosa
from tests.test_permissions import (
    OF_AN_IMAGE,
    address,
    ask,
    every_part,
    forgotten,
    lines,
)

pytestmark = pytest.mark.django_db
# What an address may name, and why it can not be exchanged for another's.
OF_A_STUDY = {
    *("arm_id", "membership_id", "invitation_id", "image_id", "case_id", "report_id"),
    *("conversation_id", "turn_id", "audit_id", "exclusion_id", "order_id"),
    *("bundle_id", "run_id", "webhook_id", "message_id"),
}
PLACES = {
    "code": "a study, to which one has a role or not",
    "number": "a place in a list of the study or of the slot before it",
    "session": "a place in a reader's own list",
    "image": "a place among the radiographs of a page",
    "name": "a collection, a source, a figure or a file, by its name",
    "file": "a table, by its name",
    "kind": "a kind of file or source",
    "provider_id": "a hospital, by its name",
    "slug": "a page of results",
}
UNGUESSABLE = {
    "public_id": "96 random bits or more",
    "token": "of an upload: random, and the person's own",
    "key": "of an invitation or a calendar: 256 random bits",
    "mark": "of a token: part of a hash of 256 random bits, and the person's own",
}
OF_A_PERSON = {
    "pk": "a passkey, and the person's own",
    "account_id": "a hospital account, and the person's own",
}
OF_THE_SITE = {
    "delivery_id": "the site's coordinators see every collection",
    "file_id": "belongs to the delivery before it",
    "region_id": "belongs to the radiograph before it",
    "change_id": "the site's coordinators see every collection",
    "set_id": "goes by its collection",
    "job_id": "goes by its collection",
}


WITH_A_ROW = sorted(
    url for url, parts in every_part() if "code" in parts and parts & OF_A_STUDY
)


def test_every_part_of_an_address_is_one_that_was_thought_about():
    known = OF_A_STUDY | OF_A_PERSON.keys()
    known |= PLACES.keys() | UNGUESSABLE.keys() | OF_THE_SITE.keys()
    assert {part for _, parts in every_part() for part in parts} == known


def test_what_another_person_signs_in_with_is_not_there():
    key = Authenticator.objects.create(user=rosa().user, type="webauthn", data={})
    linked = SocialAccount.objects.create(
        user=rosa().user, provider="clinic", uid="rosa at the clinic"
    )
    removal = reverse("mfa_remove_webauthn", args=[key.pk])
    unlinking = reverse("account:unlink_hospital", args=[linked.pk])
    assert nils().client.get(removal).status_code == 404
    assert nils().client.post(removal).status_code == 404
    assert nils().client.post(unlinking).status_code == 404
    assert Authenticator.objects.exists() and SocialAccount.objects.exists()


def two_studies(state: str) -> tuple[Study, Study]:
    make = worlds.draft_study if state == "draft" else worlds.study_without_grades
    return make(), make("second")


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_a_row_of_another_study_is_not_there(state, settings, tmp_path):
    """Cora coordinates both studies; each row has its own study's address alone."""
    settings.MEDIA_ROOT = tmp_path
    own, other = two_studies(state)
    apart = worlds.collection("apart", cases=1)
    foreign = {
        "case_id": Case.objects.get(collection=apart).pk,
        "image_id": Image.objects.get(case__collection=apart).pk,
        "report_id": Report.objects.filter(case__collection=apart)[0].pk,
    }
    granted = {"200", "302"}
    wrong, asked = [], set()
    for line in lines():
        if line["state"] != state or line["url"] not in WITH_A_ROW:
            continue
        if line["coordinator"] not in granted:
            continue
        named = resolve(address(line["url"], other)).kwargs
        assert named["code"] == other.code
        exchanged = named | {k: v for k, v in foreign.items() if k in named}
        for parts in (
            exchanged | {"code": own.code},
            {k: 10**9 if k in OF_A_STUDY else v for k, v in named.items()},
        ):
            with forgotten(cora().client):
                path = reverse(line["url"], kwargs=parts)
                answer = ask(cora().client, line, path)
            asked.add(line["url"])
            if answer.status_code != 404:
                wrong.append((line["url"], parts, answer.status_code))
    assert wrong == []
    seen_here = {
        line["url"]
        for line in lines()
        if line["state"] == state and line["coordinator"] in granted
    }
    assert asked == seen_here & set(WITH_A_ROW)


def test_each_address_with_a_row_is_asked_in_one_state_or_another():
    asked = {
        line["url"]
        for line in lines()
        if line["state"] in {"draft", "closed"}
        and line["coordinator"] in {"200", "302"}
    }
    assert set(WITH_A_ROW) <= asked


def test_the_pages_of_a_reader_are_hers_alone(settings, tmp_path):
    """Not another reader's of the study, not its coordinator's, not an outsider's."""
    settings.MEDIA_ROOT = tmp_path
    ravi = person("Ravi")
    study = worlds.open_study(readers=[rosa(), ravi])
    hers = Slot.objects.of_study(study).filter(reader__user=rosa().user).first()
    of_a_slot = {url for url, parts in every_part() if "public_id" in parts}
    asked = 0
    for line in lines():
        if line["state"] != "open" or line["url"] not in of_a_slot:
            continue
        more = [0] if line["url"] in OF_AN_IMAGE else []
        path = reverse(line["url"], args=[hers.public_id, *more])
        for someone in (ravi, cora(), nils()):
            with forgotten(someone.client):
                assert ask(someone.client, line, path).status_code == 404, line
            asked += 1
    assert asked >= 3 * len(of_a_slot)


def test_what_is_of_the_site_belongs_to_what_stands_before_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    worlds.collection(cases=2)
    first, second = worlds.delivery(), worlds.delivery()
    client = cora().client
    chunk = reverse("cases:intake:chunk", args=[first.pk, second.files.get().pk])
    sent = client.put(
        f"{chunk}?offset=0", b"x", content_type="application/octet-stream"
    )
    assert sent.status_code == 404
    here, there = Image.objects.order_by("pk")[:2]
    region = TextRegion.objects.create(
        image=there, frame_sha256=there.frame_sha256, left=1, top=1, width=2, height=2
    )
    client.post(
        reverse("cases:deidentification:remove_region", args=[here.pk, region.pk])
    )
    assert TextRegion.objects.filter(pk=region.pk).exists()


def test_a_token_is_revoked_by_its_owner_alone():
    token = worlds.token(cora())
    path = reverse("accounts:revoke_token", args=[token.key_sha256[:16]])
    assert rosa().client.post(path).status_code == 404
    assert cora().client.post(path).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


class Addresses(HTMLParser):
    """Where a page leads, sends and asks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for _, value in attrs:
            if value and value.startswith("/"):
                self.found.add(value.partition("?")[0])


def test_a_reader_sees_no_number_that_counts_rows(settings, tmp_path):
    """Else it tells how many studies, readers or uploads the site has, and which row
    comes next; places in her own lists are all the numbers there are."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(undo_seconds=120)
    worlds.practice_case(study)
    worlds.token(rosa())
    reader = study.membership_set.readers().get()
    worlds.prepare(reader)
    worlds.grade_next(reader, "B")
    numbers, seen = {}, set()
    for line in lines():
        if (line["state"], line["method"]) != ("open", "GET"):
            continue
        if line["reader"] not in {"200", "302"}:
            continue
        with forgotten(rosa().client):
            page = rosa().client.get(address(line["url"], study), follow=True)
        if not page.headers["Content-Type"].startswith("text/html"):
            continue
        for path in Addresses(page.content.decode()).found:
            try:
                named = resolve(path)
            except Resolver404:
                continue
            seen.add(named.view_name)
            for part, value in named.kwargs.items():
                if isinstance(value, int) and part not in {
                    "number",
                    "session",
                    "image",
                }:
                    numbers[named.view_name] = part
    assert numbers == {}
    assert {"grading:read", "accounts:revoke_token", "api:frame"} <= seen
