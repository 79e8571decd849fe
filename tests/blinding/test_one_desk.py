"""One computer for several people, one person in several studies: a reader learns at no
address what is behind a text, whatever else the person or the browser may do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inference.verdict import Round
from readerstudy.accounts.models import User
from readerstudy.reports.models import SelfTestResult
from readerstudy.reports.proof import makings_of
from readerstudy.reports.services import source_named
from readerstudy.studies.models import Study
from tests import people, worlds
from tests.blinding.alike import assert_alike
from tests.blinding.exchange import (
    OF_A_SLOT,
    comparable,
    fetched,
    open_to_readers,
    paths_of,
)
from tests.people import cora, join, person, rosa
from tests.test_permissions import address, every_url

# What a coordinator looks at in the course of a study.
OF_A_STUDY = ("studies:", "lifecycle:", "people:", "presentation:", "grading:")
# Every report of tests/worlds.py says in its text whose it is.
TEXTS = (b"Text ground_truth on CXR", b"Text cxr_llava on CXR")


def another_study(role: str) -> Study:
    """A closed study of the same cases, which Ravi read and in which Rosa has a role.

    Whatever opens before it is closed stays open.
    """
    made = worlds.open_study("again", distance=1, readers=[person("Ravi")])
    worlds.read_session(made.membership_set.readers().get())
    made = worlds.close(made)
    join(made, rosa(), role)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["coordinator", "analyst"])
def test_no_page_of_another_study_shows_a_reader_the_texts_by_arm(
    role, settings, tmp_path
):
    """Not even to one who coordinates that study and may import cases on this site."""
    settings.MEDIA_ROOT = tmp_path
    worlds.open_study(cases=2, distance=1)
    other = another_study(role)
    User.objects.filter(username="rosa").update(may_create_studies=True)
    told = set()
    for url in sorted(every_url() - OF_A_SLOT - {"sign_out"}):
        path = address(url, other)
        answer = rosa().client.get(path)
        content = b"".join(answer) if answer.streaming else answer.content
        if any(text in content for text in TEXTS):
            told.add(url)
    assert told == set()


def has_proved(study: Study, said: str) -> None:
    """A self-test of the study's model, in which it wrote this about a case."""
    arm, source = study.arm_set.get(source="cxr_llava"), source_named("cxr_llava")
    ((_, fingerprint),) = makings_of(study, arm)
    figures = {"identical": {}, "likeness": {}, "between": 0.5}
    SelfTestResult.objects.create(
        source=source,
        fingerprint=fingerprint,
        verdict="looks",
        sentence="Its reports follow the pixels.",
        outcome={
            "figures": figures,
            "names": ["CXR1"],
            "texts": {each: [said] for each in Round},
        },
    )


@pytest.mark.django_db
def test_a_self_test_shows_no_text_to_a_coordinator_who_still_reads(settings, tmp_path):
    """It quotes what the model wrote about a case, which may be on somebody's list."""
    settings.MEDIA_ROOT = tmp_path
    worlds.add_reports(worlds.phantoms("phantoms", cases=2), "ground_truth")
    study = worlds.draft_study()
    has_proved(study, "A nodule that only the model saw.")
    names = ("reports:of_study", "reports:self_tests")
    paths = [reverse(name, args=[study.code]) for name in names]

    def shown() -> list[str]:
        return [cora().client.get(path).content.decode() for path in paths]

    assert all("only the model saw" in page for page in shown())
    assert "Median length" in shown()[0]
    other = Study.objects.create(code="b", title="B", created_by=person("Otto").user)
    join(other, cora(), "reader", "R1")
    for page in shown():
        assert "only the model saw" not in page
        assert "Median length" not in page
        assert "Its reports follow the pixels" in page


@pytest.mark.django_db
def test_no_table_tells_a_reader_whether_a_source_wrote_a_text(settings, tmp_path):
    """What is new, changed or there already in it would say so of a text just read."""
    settings.MEDIA_ROOT = tmp_path
    worlds.open_study(cases=2, distance=1)
    User.objects.filter(username="rosa").update(may_create_studies=True)
    file = SimpleUploadedFile("t.csv", b"case,report\nCXR1,Clear.\n", "text/csv")
    fields = {"collection": "phantoms", "source": "cxr_llava", "file": file}
    sent = rosa().client.post(reverse("reports:tables:tables"), fields)
    assert sent.status_code == 302
    page = rosa().client.get(sent["Location"])
    assert page.status_code == 403 and b"kept from you until then" in page.content


def sign_in(client: Client, someone) -> None:
    """Take a seat at a computer at which somebody else may have worked before."""
    client.post(reverse("sign_out"))
    people.sign_in(someone.user, client)


@pytest.mark.django_db
def test_what_a_coordinator_left_unread_is_not_told_to_the_next_reader(
    settings, tmp_path
):
    """A coordinator's last message may name an arm; it goes with the session."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1)
    desk = Client()
    sign_in(desk, cora())
    left = desk.post(reverse("lifecycle:open", args=[study.code]))
    assert left.status_code == 302
    sign_in(desk, rosa())
    page = desk.get(reverse("home"))
    assert list(page.context["messages"]) == []


@pytest.mark.django_db
def test_a_reader_gets_the_same_in_a_browser_that_a_coordinator_used(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1)
    urls = open_to_readers() - {"schema"}
    rosa().client.get(reverse("grading:next", args=[study.code]), follow=True)
    fresh = fetched(rosa().client, paths_of(study, urls))
    desk = Client()
    sign_in(desk, cora())
    for url in sorted(every_url() - OF_A_SLOT):
        if url.startswith(OF_A_STUDY):
            desk.get(address(url, study))
    sign_in(desk, rosa())
    assert_alike(fetched(desk, paths_of(study, urls)), fresh)
    # And the coordinator, coming back, is no reader.
    reading = reverse("api:studies")
    sign_in(desk, cora())
    assert comparable(desk.get(reading)) == comparable(cora().client.get(reading))
