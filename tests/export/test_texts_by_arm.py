"""Bea analyses a closed study and still reads the same cases in another one."""

import pytest
from django.urls import reverse

from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.models import Membership
from tests import worlds
from tests.people import cora, join, person, rosa

pytestmark = pytest.mark.django_db
WHY = "You read some of these cases in a study that is not closed yet."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def bea():
    return person("Bea")


@pytest.fixture
def study():
    study = worlds.closed_study(readers=[rosa(), person("Ravi")])
    join(study, bea(), Membership.Role.ANALYST)
    return study


def with_texts(study):
    """Every address that names reports by arm."""
    case = study.presentedreport_set.first().case
    code = study.code
    return [
        reverse("analysis:disagreements", args=[code]),
        reverse("analysis:disagreement", args=[code, case.pk]),
        reverse("presentation:protocol", args=[code]),
        *(
            reverse("export:file", args=[code, name])
            for name in ("reports.csv", "allocation.csv", "marks.csv", "protocol.json")
        ),
        *(
            reverse("api:table", args=[code, name])
            for name in (
                *("reports.csv", "reports.json", "reads.csv", "reads.parquet"),
                *("versions.csv", "versions.json", "marks.csv", "allocation.csv"),
            )
        ),
    ]


def test_the_protocol_is_kept_before_the_close_too():
    study = worlds.open_study(readers=[rosa()])
    join(study, bea(), Membership.Role.ANALYST)
    protocol = reverse("presentation:protocol", args=[study.code])
    assert bea().client.get(protocol).status_code == 200
    worlds.draft_study("second", readers=[bea()])
    answer = bea().client.get(protocol)
    assert answer.status_code == 403
    assert WHY in answer.content.decode()


def test_a_reader_of_the_same_cases_sees_no_report_by_arm_but_the_results(study):
    second = worlds.draft_study("second", readers=[bea()])
    for second_is in ("a draft", "open"):
        for url in with_texts(study):
            answer = bea().client.get(url)
            assert answer.status_code == 403, (second_is, url)
            assert WHY in answer.content.decode()
        bundle = reverse("export:bundle", args=[study.code])
        assert bea().client.post(bundle).status_code == 403
        for url in (
            reverse("analysis:results", args=[study.code]),
            reverse("export:page", args=[study.code]),
            reverse("export:file", args=[study.code, "table5.csv"]),
            reverse("api:table", args=[study.code, "pairs.csv"]),
        ):
            assert bea().client.get(url).status_code == 200, url
        if second.is_draft:
            second = worlds.opened(second)
    for reader in second.membership_set.readers():
        while worlds.grade_next(reader, "B"):
            pass
    close(study=second, actor=cora().user)
    for url in with_texts(study):
        assert bea().client.get(url).status_code == 200, url


def test_a_reader_of_other_cases_sees_everything(study):
    second = worlds.draft_study("second", readers=[bea()])
    second.caseset.studycase_set.all().delete()
    for url in with_texts(study):
        assert bea().client.get(url).status_code == 200, url
