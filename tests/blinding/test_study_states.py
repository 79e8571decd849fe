"""Every address in every state of a study: no answer tells a reader the arms apart.

Sizes, caching headers, validators, names of cookies, redirects and refusals are parts
of an answer as much as its body.
"""

import pytest
from django.urls import reverse

from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.reports.models import Report
from readerstudy.reports.services import source_named
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.models import Arm, Study
from tests import worlds
from tests.blinding.alike import assert_alike
from tests.blinding.exchange import (
    exchange_what_is_behind,
    fetched,
    find_out,
    open_to_readers,
    paths_of,
    told,
)
from tests.lifted import lifted
from tests.people import cora, rosa

# Refused to readers, and nearest to what they must not know. All other refusals are
# compared in test_every_byte.py, before the first report and after the last.
REFUSED = {
    *("analysis:results", "export:file", "api:results", "api:table"),
    *("studies:setup", "presentation:protocol", "grading:progress"),
}
# What tells one copy of an answer from another, or lets it be kept.
VALIDATORS = {"etag", "last-modified", "content-md5", "digest", "age"}


def draft() -> Study:
    return worlds.draft_study(cases=2, distance=1)


def frozen() -> Study:
    return worlds.frozen_study(cases=2, distance=1)


def paused_in_the_middle() -> Study:
    study = half_read()
    return lifecycle.pause(
        study=study, actor=cora().user, reason="A server moves.", message="Until noon."
    )


def half_read() -> Study:
    """Two reports of four are graded, and the third is on the screen."""
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
    reader = study.membership_set.readers().get()
    for letter in "AB":
        worlds.grade_next(reader, letter)
    rosa().client.get(reverse("grading:next", args=[study.code]), follow=True)
    return study


def closed_unseen() -> Study:
    """Closed, and nobody has looked at a result yet."""
    return worlds.close(half_read())


def archived() -> Study:
    return lifecycle.archive(study=closed_unseen(), actor=cora().user)


STATES = [draft, frozen, half_read, paused_in_the_middle, closed_unseen, archived]


def exchange_what_arms_are(study: Study) -> None:
    """Let the arms exchange name and source, and every report its source."""
    first, second = study.arm_set.order_by("position")
    names = [(arm.name, arm.source) for arm in (first, second)]
    held = [list(Report.objects.filter(source__name=name)) for _, name in names]
    with lifted("studies_arm", "reports_report"):
        Arm.objects.filter(pk=first.pk).update(name="between", source="between")
        Arm.objects.filter(pk=second.pk).update(name=names[0][0], source=names[0][1])
        Arm.objects.filter(pk=first.pk).update(name=names[1][0], source=names[1][1])
        for reports, source in zip(held, ("between", names[0][1]), strict=True):
            mine = Report.objects.filter(pk__in=[each.pk for each in reports])
            mine.update(source=source_named(source))
        mine = Report.objects.filter(source=source_named("between"))
        mine.update(source=source_named(names[1][1]))


@pytest.mark.django_db
@pytest.mark.parametrize("made", STATES, ids=lambda made: made.__name__)
def test_no_answer_tells_the_arms_apart_in_any_state(made, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = made()
    find_out("cxr_llava")
    source_named("between")
    client = rosa().client
    urls = (open_to_readers() - {"schema"}) | REFUSED

    def seen():
        return fetched(client, paths_of(study, urls)), told(client, study)

    before = seen()
    if not study.is_draft:
        exchange_what_is_behind(study)
    exchange_what_arms_are(study)
    assert_alike(seen(), before)
    assert {answer[0] for answer in before[0].values()} <= {200, 204, 302, 403, 404}
    for _, headers, _, _ in before[0].values():
        assert not {name.lower() for name, _ in headers} & VALIDATORS


@pytest.mark.django_db
def test_reading_pages_are_kept_nowhere_and_radiographs_by_the_reader_alone(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = half_read()
    urls = {url for url in open_to_readers() if url.startswith(("grading:", "api:"))}
    kept = {
        path: dict(headers).get("Cache-Control", "")
        for path, (status, headers, _, _) in fetched(
            rosa().client, paths_of(study, urls)
        ).items()
        if status == 200
    }
    images = {path for path in kept if "/images/" in path}
    assert images
    assert {kept[path] for path in images} == {"private, max-age=3600"}
    pages = {path for path in kept if path.startswith("/read/")}
    assert pages
    assert all("no-store" in kept[path] for path in pages)


@pytest.mark.django_db
def test_a_fault_on_the_server_looks_the_same_in_both_arms(settings, tmp_path):
    """A stored text that no page can show: the 500 of production, byte for byte."""
    settings.MEDIA_ROOT = tmp_path
    assert not settings.DEBUG
    study = half_read()
    with lifted("presentation_presentedreport"):
        PresentedReport.objects.update(body={"note": ""})
    client = rosa().client
    client.raise_request_exception = False
    urls = {"grading:read", "grading:following"}
    slots = Slot.objects.of_study(study)
    before = fetched(client, paths_of(study, urls))
    assert {answer[0] for answer in before.values()} >= {500}
    exchange_what_is_behind(study)
    assert_alike(fetched(client, paths_of(study, urls)), before)
    faults = [answer for answer in before.values() if answer[0] == 500]
    assert all(answer == faults[0] for answer in faults)
    assert not any(slot.public_id.encode() in faults[0][3] for slot in slots)
