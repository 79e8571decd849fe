"""Cora opens the results of a study that is still read: twice asked, once told, and in
the record for good. Readers see nothing of it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.analysis.deviations import deviation_rows
from readerstudy.audit.models import Event
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.studies.models import Study, Unblinding
from tests import worlds
from tests.blinding.exchange import comparable
from tests.people import anya, cora, rosa

pytestmark = pytest.mark.django_db
REASON = "The safety board asks."


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=4, distance=1)
    reader = study.membership_set.readers().get()
    for letter in "ABCA":
        worlds.grade_next(reader, letter)
    return study


def get(someone, name, study, *more):
    return someone.client.get(reverse(name, args=[study.code, *more]))


def first_page(study, **form):
    path = reverse("lifecycle:unblind", args=[study.code])
    return cora().client.post(path, {"reason": REASON, "is_sure": "on"} | form)


def second_page(study, sealed, code):
    path = reverse("lifecycle:confirm_unblind", args=[study.code])
    form = {"sealed": sealed, "typed_code": code}
    return cora().client.post(path, form, follow=True)


def test_it_takes_a_reason_a_tick_and_the_code_typed_on_a_second_page(study):
    for lacking in ({"reason": " "}, {"is_sure": ""}):
        page = first_page(study, **lacking)
        assert b"This field is required" in page.content or b"tick this" in page.content
    page = first_page(study)
    assert REASON in page.content.decode()
    sealed = page.context["form"].initial["sealed"]
    wrong = second_page(study, sealed, "another-code")
    assert b"This is not the study&#x27;s code" in wrong.content
    assert REASON in wrong.content.decode()
    assert not Unblinding.objects.exists()
    forged = second_page(study, sealed[:-3] + "abc", study.code)
    assert b"Begin again" in forged.content
    done = second_page(study, sealed, study.code)
    assert b"Unblinded early" in done.content
    event = Event.objects.of_stream(study.code).get(verb="study.unblinded_early")
    assert event.detail == {"reason": REASON}


def test_a_sealed_reason_is_good_for_its_own_study_and_person_alone(study):
    other = worlds.open_study("other")
    sealed = first_page(other).context["form"].initial["sealed"]
    assert b"Begin again" in second_page(study, sealed, study.code).content
    assert not Unblinding.objects.exists()


def open_early(study):
    unblind(study=study, actor=cora().user, reason=REASON, typed_code=study.code)
    return Study.objects.get(pk=study.pk)


def test_results_and_exports_open_to_coordinators_and_analysts_with_the_label(study):
    assert b"Sealed" in get(anya(), "analysis:results", study).content
    study = open_early(study)
    for someone in (anya(), cora()):
        for name in ("analysis:results", "analysis:exclusions", "analysis:runs"):
            page = get(someone, name, study).content.decode()
            assert "Unblinded early" in page, name
            assert REASON in page, name
    assert get(anya(), "export:page", study).status_code == 200
    methods = get(anya(), "export:file", study, "methods.md").content.decode()
    assert REASON.rstrip(".") in methods
    report = get(anya(), "export:file", study, "report.html").content.decode()
    assert REASON in report
    numbers = [row["number"] for row in deviation_rows(study)]
    assert numbers == ["U1"]
    assert REASON in get(cora(), "grading:progress", study).content.decode()


def test_readers_get_the_same_bytes_as_before_and_no_results(study):
    names = ["start", "next", "begin", "graded"]
    rosa().client.get(reverse("grading:next", args=[study.code]), follow=True)

    def seen():
        pages = [get(rosa(), f"grading:{name}", study) for name in names]
        return [comparable(page) for page in (*pages, rosa().client.get("/"))]

    before = seen()
    study = open_early(study)
    assert seen() == before
    for name in ("analysis:results", "export:page", "grading:progress"):
        assert get(rosa(), name, study).status_code == 403
    assert worlds.grade_next(study.membership_set.readers().get(), "B")


def test_nothing_is_left_out_of_a_study_that_is_still_read(study):
    with pytest.raises(ValidationError, match="after the study is closed"):
        worlds.exclusion(open_early(study))


def test_it_is_refused_where_it_makes_no_sense(study):
    for other, sentence in [
        (worlds.draft_study("draft"), "Nobody has read yet"),
        (worlds.frozen_study("frozen"), "Nobody has read yet"),
        (worlds.study_without_grades("closed"), "its results are open"),
        (open_early(study), "unblinded early already"),
    ]:
        with pytest.raises(ValidationError, match=sentence):
            open_early(other)


def test_the_record_stays_as_it_is(study):
    open_early(study)
    rows = Unblinding.objects.all()
    for change in (lambda: rows.update(reason="Other."), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
