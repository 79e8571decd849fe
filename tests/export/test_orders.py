"""A large bundle is built by a worker: it waits, goes on, comes or says why not."""

import io
import json
import os
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.export import services
from readerstudy.export.archive import remove_unnamed, workshop
from readerstudy.export.models import BundleOrder, ExportBundle
from readerstudy.export.tasks import build_bundle
from readerstudy.work import leases
from tests import worlds
from tests.installation import installation, wait_until
from tests.people import anya, cora


@pytest.fixture
def study(settings, tmp_path, monkeypatch):
    """A closed study that counts as large."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(services, "AT_ONCE_SLOTS", 5)
    return worlds.closed_study()


def visit(name, study, *more):
    return anya().client.get(reverse(f"export:{name}", args=[study.code, *more]))


def ask(study, **chosen):
    return anya().client.post(reverse("export:bundle", args=[study.code]), chosen)


@pytest.mark.django_db
def test_a_large_study_is_ordered_built_and_offered(study):
    page = visit("page", study).content.decode()
    assert "a worker builds the bundle in the background" in page
    answer = ask(study, checklists=["strobe"])
    assert answer.status_code == 302
    order = BundleOrder.objects.get()
    assert (order.status, order.asked_by) == ("queued", anya().user)
    assert "Waiting for" in visit("order", study, order.pk).content.decode()
    assert not ExportBundle.objects.exists()
    build_bundle(order.pk)
    order.refresh_from_db()
    assert (order.status, order.step) == ("done", order.steps)
    assert visit("order", study, order.pk)["HX-Refresh"] == "true"
    url = reverse("export:stored", args=[study.code, order.bundle.pk])
    assert url in visit("page", study).content.decode()
    kept = anya().client.get(url).getvalue()
    assert len(kept) == order.bundle.size
    names = zipfile.ZipFile(io.BytesIO(kept)).namelist()
    assert f"{study.code}/checklists/strobe.md" in names
    verbs = list(Event.objects.of_stream(study.code).values_list("verb", flat=True))
    made = ["study.export_ordered", "study.exported", "study.downloaded"]
    assert verbs[-3:] == made


@pytest.mark.django_db
def test_the_page_says_which_step_is_in_hand(study):
    ask(study)
    order = BundleOrder.objects.get()
    leases.claim(BundleOrder, id=order.pk, worker="w")
    progress = {"step": 2, "steps": 6, "doing": "Results"}
    BundleOrder.objects.filter(pk=order.pk).update(**progress)
    part = visit("order", study, order.pk).content.decode()
    assert "Step 2 of 6: Results" in part
    assert 'hx-trigger="every 2s"' in part


@pytest.mark.django_db
def test_a_second_order_is_refused_while_one_is_built(study):
    ask(study)
    answer = anya().client.post(
        reverse("export:bundle", args=[study.code]), follow=True
    )
    assert "is being built already" in answer.content.decode()
    assert BundleOrder.objects.count() == 1


@pytest.mark.django_db
def test_a_failure_gives_its_reason_and_can_be_tried_again(
    study, monkeypatch, settings
):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    ask(study)
    order = BundleOrder.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr("readerstudy.export.tasks.build", full)
        for _ in range(settings.JOB_MAXIMUM_ATTEMPTS):
            build_bundle(order.pk)
    order.refresh_from_db()
    assert order.status == "failed"
    assert "No space left on device" in order.failure
    page = visit("page", study).content.decode()
    assert "No space left on device" in page and "Try it again" in page
    anya().client.post(reverse("export:retry", args=[study.code, order.pk]))
    order.refresh_from_db()
    assert (order.status, order.failure, order.attempts) == ("queued", "", 0)
    with pytest.raises(ValidationError, match="has not failed"):
        services.retry(order=order, actor=cora().user)
    build_bundle(order.pk)
    order.refresh_from_db()
    assert order.status == "done"
    # Nothing that was begun is left lying about.
    left = [path.name for path in (Path(settings.MEDIA_ROOT) / "bundles").iterdir()]
    assert left == [Path(order.bundle.file).name]


@pytest.mark.django_db
def test_a_claim_that_was_lost_stores_nothing(study, monkeypatch):
    ask(study)
    order = BundleOrder.objects.get()
    finish = services.finish

    def taken_over(claimed, *, kept):
        """Another worker has it since: the lease carries another token."""
        BundleOrder.objects.filter(pk=order.pk).update(lease_token="another")
        return finish(claimed, kept=kept)

    with monkeypatch.context() as slow:
        slow.setattr(services, "finish", taken_over)
        build_bundle(order.pk)
    order.refresh_from_db()
    assert order.status == "running"
    assert not ExportBundle.objects.exists()
    assert not Event.objects.filter(verb="study.exported").exists()


@pytest.mark.django_db
def test_a_bundle_is_built_once_however_often_the_bell_rings(study):
    ask(study)
    order = BundleOrder.objects.get()
    build_bundle(order.pk)
    build_bundle(order.pk)
    assert ExportBundle.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_is_gone_is_said_to_be(study, settings):
    bundle = services.make_bundle(study=study, actor=anya().user)
    (Path(settings.MEDIA_ROOT) / bundle.file).unlink()
    answer = visit("stored", study, bundle.pk)
    assert answer.status_code == 404
    text = answer.content.decode()
    assert bundle.file in text and "Make a new one" in text
    unkept = ExportBundle.objects.create(study=study, manifest_sha256="0" * 64)
    text = visit("stored", study, unkept.pk).content.decode()
    assert "was not kept as a file" in text


@pytest.mark.django_db
def test_a_file_that_is_damaged_is_not_handed_out(study, settings, caplog):
    bundle = services.make_bundle(study=study, actor=anya().user)
    path = Path(settings.MEDIA_ROOT) / bundle.file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    answer = visit("stored", study, bundle.pk)
    assert answer.status_code == 404
    assert f"{bundle.file} is damaged: restore it from a backup" in caplog.text
    assert not Event.objects.filter(verb="study.downloaded").exists()


@pytest.mark.django_db
def test_a_bundle_that_a_row_names_stays_however_old(study, settings):
    bundle = services.make_bundle(study=study, actor=anya().user)
    path = Path(settings.MEDIA_ROOT) / bundle.file
    unnamed = path.with_name("of-a-worker-that-was-killed.zip")
    unnamed.write_bytes(b"zip")
    for each in (path, unnamed):
        os.utime(each, (0, 0))
    assert remove_unnamed(timedelta(days=1)) == 1
    assert path.exists() and not unnamed.exists()


@pytest.mark.django_db
def test_a_failure_is_not_tried_again_behind_a_later_bundle(study):
    ask(study)
    first = BundleOrder.objects.get()
    claimed = leases.claim(BundleOrder, id=first.pk, worker="w")
    leases.fail(claimed, reason="No space left.", for_good=True)
    ask(study)
    url = reverse("export:retry", args=[study.code, first.pk])
    page = anya().client.post(url, follow=True).content.decode()
    assert "A later bundle was asked for. Ask for a new one." in page
    first.refresh_from_db()
    assert first.status == "failed"


SET_UP = """
from readerstudy.export.services import order_bundle
from tests import worlds
from tests.people import anya
study = worlds.closed_study()
print(order_bundle(study=study, actor=anya().user).pk)
"""


@pytest.mark.slow
def test_a_worker_of_its_own_builds_a_bundle(tmp_path):
    with installation("embedded", tmp_path) as site:
        site.shell(SET_UP)

        def state() -> list[tuple[str, int]]:
            return site.rows("SELECT status, step FROM export_bundleorder")

        assert state() == [("queued", 0)]
        with site.worker():
            wait_until(lambda: state()[0][0] == "done", "a bundle", seconds=150)
        ((name, size),) = site.rows("SELECT file, size FROM export_exportbundle")
        path = tmp_path / "media" / name
        assert path.stat().st_size == size
        with zipfile.ZipFile(path) as archive:
            (manifest,) = [n for n in archive.namelist() if n.endswith("manifest.json")]
            assert json.loads(archive.read(manifest))["files"]


def test_what_a_killed_build_left_goes_with_the_next_one_after_a_day(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    names = (".making-old", ".making-old.zip", ".making-new", "kept-1.zip")
    for name in names:
        path = tmp_path / "bundles" / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix:
            path.write_text("zip")
        else:
            path.mkdir()
            (path / "reports.csv").write_text("text")
        if "new" not in name:
            os.utime(path, (time.time() - 25 * 60 * 60,) * 2)
    with workshop() as folder:
        assert folder.is_dir()
    left = {path.name for path in (tmp_path / "bundles").iterdir()}
    assert left == {".making-new", "kept-1.zip"}
