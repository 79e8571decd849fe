"""Ada looks after the site: queues, failures, disks. She sees no study by that."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.operations import queue, stored
from readerstudy.reports.models import Job, SelfTest, Source
from readerstudy.studies.account.services import set_administrator
from readerstudy.studies.models import WebhookDelivery
from readerstudy.work import leases
from readerstudy.work.models import Work, WorkerPulse
from tests import worlds
from tests.people import cora, join, person, rosa

pytestmark = pytest.mark.django_db
WORK, RETRY = "/operations/", "/operations/retry/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def ada():
    someone = person("Ada")
    set_administrator(user=someone.user, is_administrator=True, actor=None)
    return someone


def failed(count: int = 1, **columns) -> list[SelfTest]:
    source, _ = Source.objects.get_or_create(name="ours", kind="cxr_llava")
    rows = [
        SelfTest(source=source, fingerprint=f"f{number}", checkpoint="c", images=1)
        for number in range(count)
    ]
    for row in rows:
        row.status, row.attempts, row.failure = Work.Status.FAILED, 3, "No memory left."
        row.finished_at = timezone.now()
        for name, value in columns.items():
            setattr(row, name, value)
    return SelfTest.objects.bulk_create(rows)


def test_only_administrators_see_them_and_the_way_there():
    for someone in (rosa(), cora()):
        assert b"/operations/" not in someone.client.get("/").content
        for page in (WORK, "/operations/storage/"):
            assert someone.client.get(page).status_code == 403
    page = ada().client.get("/").content
    assert b'href="/operations/"' in page


def test_queues_workers_and_failures_are_shown():
    WorkerPulse.objects.create(worker="gpu-box:77", seen_at=timezone.now())
    failed()
    page = ada().client.get(WORK, {"kind": "reports.selftest"}).content.decode()
    assert "gpu-box:77" in page and "There" in page
    assert "No memory left." in page and "Try again" in page


def test_what_is_held_and_failed_is_counted(django_assert_num_queries):
    failed(2)
    failed(status="held", fingerprint="held", finished_at=None)
    failed(status="queued", fingerprint="waits", finished_at=None)
    with django_assert_num_queries(2 * len(leases.kinds())):
        found = {each.label: each for each in queue.kinds()}
    row = found["reports.selftest"]
    assert (row.waiting, row.running, row.held, row.failed) == (1, 0, 1, 2)
    assert (found["reports.job"].held, found["reports.job"].failed) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "index"),
    [(Job, "job_left_over"), (WebhookDelivery, "webhook_delivery_left_over")],
)
def test_what_is_done_is_not_read_to_count_what_failed(kind, index):
    """A table of millions costs no more than what is left over in it."""
    if connection.vendor == "postgresql":
        # A table of no rows would be read as a whole.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in queue.left_over(kind).explain()


def test_every_kind_of_work_has_a_name_and_nothing_else_has():
    assert set(queue.NAMES) == {kind._meta.label_lower for kind in leases.kinds()}


def test_an_empty_store_says_that_it_is():
    stored.look()
    page = ada().client.get("/operations/storage/").content.decode()
    assert "The store was empty on" in page and "What it holds" not in page


def test_what_failed_goes_back_into_the_queue_and_the_record_tells_who_did_it():
    row, other = failed(2)
    sent = {"kind": "reports.selftest", "number": row.pk}
    answer = ada().client.post(RETRY, sent, follow=True)
    assert b"Put back into the queue: 1." in answer.content
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.status, row.attempts, row.failure) == ("queued", 0, "")
    assert other.status == "failed"
    event = Event.objects.get(verb="work.retried")
    assert event.actor == ada().user
    assert event.detail == {"kind": "reports.selftest", "pieces": 1}
    ada().client.post(RETRY, {"kind": "reports.selftest"})
    other.refresh_from_db()
    assert other.status == "queued"


def test_what_was_asked_for_anew_meanwhile_is_not_doubled():
    (row,) = failed()
    failed(status="queued", fingerprint=row.fingerprint)
    sent = {"kind": "reports.selftest", "number": row.pk}
    answer = ada().client.post(RETRY, sent, follow=True)
    assert b"asked for again since it failed" in answer.content
    row.refresh_from_db()
    assert row.status == "failed"


@pytest.mark.parametrize("kind", ["", "accounts.user", "reports.selftest'--"])
def test_only_kinds_of_work_can_be_named(kind):
    failed()
    assert ada().client.post(RETRY, {"kind": kind}).status_code == 404
    assert ada().client.get(WORK, {"kind": kind}).status_code == 404
    assert SelfTest.objects.get().status == "failed"


def test_a_long_list_of_failures_is_turned_by_number(django_assert_num_queries):
    rows = failed(queue.FAILED_PER_PAGE + 2)
    page, beyond = queue.failed(SelfTest, None)
    assert [row.pk for row in page] == [row.pk for row in reversed(rows[2:])]
    with django_assert_num_queries(1):
        rest, end = queue.failed(SelfTest, beyond)
    assert ([row.pk for row in rest], end) == ([rows[1].pk, rows[0].pk], None)
    shown = ada().client.get(WORK, {"kind": "reports.selftest"}).content.decode()
    assert f"number={beyond}#failed" in shown


def test_an_administrator_who_still_reads_does_not_see_why_reports_failed():
    study = worlds.open_study()
    someone = ada()
    join(study, someone, "reader", "R8")
    assert someone.client.get(WORK).status_code == 403
    sent = {"kind": "reports.selftest"}
    assert someone.client.post(RETRY, sent).status_code == 403
    assert someone.client.get("/operations/storage/").status_code == 200
    worlds.close(study)
    assert someone.client.get(WORK).status_code == 200


def test_storage_shows_disks_and_what_lies_there(tmp_path):
    page = ada().client.get("/operations/storage/").content.decode()
    assert "No worker has looked yet" in page and str(tmp_path) in page
    (tmp_path / "frames" / "ab").mkdir(parents=True)
    (tmp_path / "frames" / "ab" / "one").write_bytes(b"1" * 2048)
    (tmp_path / "frames" / "two").write_bytes(b"22")
    assert stored.look_when_due()
    assert not stored.look_when_due(), "another worker has just looked"
    found = stored.last_looked_at()
    assert [(one.name, one.files, one.size) for one in found.folders] == [
        ("frames", 2, 2050)
    ]
    assert (
        "Pixels of radiographs"
        in ada().client.get(reverse("operations:storage")).content.decode()
    )


def test_administrators_are_made_by_a_command_that_leaves_an_event(capsys):
    person("Ada")
    call_command("make_administrator", "ada")
    assert person("Ada").client.get(WORK).status_code == 200
    call_command("make_administrator", "ada", "--no-more")
    assert person("Ada").client.get(WORK).status_code == 403
    assert list(
        Event.objects.filter(verb__contains="administrator").values_list("verb")
    ) == [("account.administrator_made",), ("account.administrator_no_more",)]
