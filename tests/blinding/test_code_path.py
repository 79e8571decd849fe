"""Both arms take the same way through the product: statements in SQL, lines of code.

The texts stay in their places and what is behind them is exchanged. What differs then
depends on something that a reader must not know; nothing may. A longer text takes more
turns of a loop: that is allowed, since the text itself is seen, and is why the texts
stay.
"""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.grading import views as grading
from readerstudy.presentation.models import PresentedReport
from readerstudy.studies.models import Study
from tests import worlds
from tests.blinding.exchange import (
    exchange_what_is_behind,
    fetched,
    open_to_readers,
    paths_of,
    told,
)
from tests.blinding.watching import Steps, every_request_watched, first_difference
from tests.people import rosa

# What a reading page has no reason to ask a database for.
OF_THE_ARMS = ("studies_arm", "reports_source", "reports_report", "reports_selftest")


def steps_of(client: Client, study: Study, urls: set[str]) -> dict[str, Steps]:
    """The steps behind everything that a reader can fetch and tell."""
    with every_request_watched(client) as seen:
        fetched(client, paths_of(study, urls))
        told(client, study)
    return seen


def between_two_reports(study: Study) -> Client:
    """Rosa has graded two reports of four and looks at the third."""
    reader = rosa()
    membership = study.membership_set.readers().get()
    for letter in "AB":
        worlds.grade_next(membership, letter)
    reader.client.get(reverse("grading:next", args=[study.code]), follow=True)
    return reader.client


def compared(client: Client, study: Study, urls: set[str]) -> tuple[str, int, int]:
    """How the steps of both arms differ; how many requests and lines were compared."""
    # What is done once in a process is done before.
    steps_of(client, study, urls)
    one = steps_of(client, study, urls)
    exchange_what_is_behind(study)
    other = steps_of(client, study, urls)
    lines = sum(len(each.lines) for each in one.values())
    return first_difference(one, other), len(one), lines


@pytest.mark.django_db
def test_both_arms_take_the_same_statements_and_lines(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
    client = between_two_reports(study)
    difference, requests, lines = compared(client, study, open_to_readers())
    assert difference == ""
    # Something was looked at: each address, and the product behind each.
    assert requests > 50
    assert lines > 20 * requests


@pytest.mark.django_db
def test_nothing_that_a_reader_reads_is_looked_up_by_arm_or_source(settings, tmp_path):
    """The tables of arms and sources are not even touched, by reads or by writes."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
    client = between_two_reports(study)
    urls = {url for url in open_to_readers() if url.startswith(("grading:", "api:"))}
    urls = {url for url in urls if "practice" not in url}
    found = {
        (name.split(": ")[1], table)
        for name, steps in steps_of(client, study, urls).items()
        for statement in steps.statements
        for table in OF_THE_ARMS
        if f'"{table}' in statement
    }
    assert found == set()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["statement", "line"])
def test_the_comparison_would_notice_another_way(kind, settings, tmp_path, monkeypatch):
    """The tests above, tested: a view that does a little more for one arm."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
    client = between_two_reports(study)
    first = study.arm_set.order_by("position").first()

    def leaking(slot):
        if slot.presented.arm_id == first.pk:
            if kind == "statement":
                PresentedReport.objects.filter(pk=0).exists()
            else:
                slot.reader.study.is_draft  # noqa: B018
        return plain(slot)

    plain = grading.reading_context
    monkeypatch.setattr(grading, "reading_context", leaking)
    difference, _, _ = compared(client, study, {"grading:read"})
    assert f"/: {kind}" in difference
