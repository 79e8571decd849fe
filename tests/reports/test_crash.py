"""Workers die by SIGKILL and are stopped in the middle of a batch, on both brokers; in
the end every report is there exactly once, and whoever asked the model a question has
an answer. Everything here runs for real: site commands, workers, broker, database and
the demonstration model."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from tests.installation import KINDS, Site, installation, kill, wait_until

# The second lasts long enough for a worker to be met in the middle of a batch.
FIRST, SECOND, BATCH = 10, 14, 4
SET_UP = """
from django.core.management import call_command
from readerstudy.cases.models import TextScan
for name in ("first", "second"):
    call_command("import_dicom", {folder!r} + "/" + name, "--collection", name)
# Each radiograph is looked through for text first, a second each: not what is tested.
TextScan.objects.all().delete()
call_command("precompute", "--source", "cxr_llava", "--collection", "first")
from readerstudy.accounts.models import User
from readerstudy.cases.models import Case
from readerstudy.reports.console.services import begin
from readerstudy.studies.services import create
cora = User.objects.create(username="cora", may_create_studies=True)
study = create(coordinator=cora, code="s", title="A study")
case = Case.objects.filter(collection__name="first").last()
print(begin(study=study, case=case, actor=cora, kind="report").pk)
"""
TRY_AGAIN_AND_GO_ON = """
from django.core.management import call_command
from readerstudy.reports.models import Job
from readerstudy.reports.services import retry_failed
from readerstudy.accounts.models import User
from readerstudy.reports.console.models import Conversation
from readerstudy.reports.console.services import ask
retried = retry_failed(failed=Job.objects.all(), actor=None)
talk = Conversation.objects.get()
ask(conversation=talk, actor=User.objects.get(), kind="further_study")
call_command("precompute", "--source", "cxr_llava", "--collection", "second")
print(retried)
"""
Process = subprocess.Popen[bytes]


def set_up(site: Site, folder: Path) -> None:
    """Two collections of phantoms; the reports of the first one are asked for."""
    for name, seeds in (("first", range(FIRST)), ("second", range(100, 100 + SECOND))):
        (folder / name).mkdir()
        for seed in seeds:
            with (folder / name / f"{seed}.dcm").open("wb") as file:
                write_dicom(draw(seed, size=256), file)
    site.shell(SET_UP.format(folder=str(folder)))


def states(site: Site) -> list[str]:
    return [state for (state,) in site.rows("SELECT status FROM reports_job")]


def questions(site: Site) -> list[str]:
    rows = site.rows("SELECT status FROM reports_turn ORDER BY number")
    return [state for (state,) in rows]


def jobs_of(site: Site, worker: Process) -> list[int]:
    """The jobs that a worker holds at the moment."""
    held = site.rows(
        "SELECT id FROM reports_job "
        f"WHERE status = 'running' AND worker LIKE '%:{worker.pid}'"
    )
    return [job for (job,) in held]


def stop_in_the_middle(site: Site, worker: Process) -> list[int]:
    """Hold a worker while it has several reports in hand; returns their jobs.

    Not while it writes to the database: PostgreSQL ends such a transaction after two
    minutes, SQLite has to wait until the process goes on or ends.
    """

    def stopped() -> bool:
        if len(jobs_of(site, worker)) > 1:
            worker.send_signal(signal.SIGSTOP)
            if len(jobs_of(site, worker)) > 1 and not site.is_being_written():
                return True
            worker.send_signal(signal.SIGCONT)
        return False

    wait_until(stopped, "a worker with several jobs")
    return jobs_of(site, worker)


@contextlib.contextmanager
def without(radiograph: Path) -> Iterator[None]:
    """Take a stored radiograph away for a while."""
    away = radiograph.with_suffix(".away")
    radiograph.rename(away)
    yield
    away.rename(radiograph)


@pytest.mark.slow(seconds=40)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_killed_and_stopped_workers_lose_and_double_no_report(
    kind: str, tmp_path: Path
) -> None:
    with installation(kind, tmp_path) as site, contextlib.ExitStack() as workers:
        site.environment["CXR_LLAVA_BATCH"] = str(BATCH)
        set_up(site, tmp_path)
        # Asked while no worker runs: the question waits.
        assert questions(site) == ["queued"]
        ((stored,),) = site.rows(
            "SELECT frame_file FROM cases_image "
            "WHERE case_id = (SELECT min(case_id) FROM reports_job)"
        )
        with without(tmp_path / "media" / stored):
            one = workers.enter_context(site.worker())
            wait_until(lambda: "done" in states(site), "a first report")
            held = stop_in_the_middle(site, one)
            two = workers.enter_context(site.worker())
            wait_until(
                lambda: sorted(states(site)) == ["done"] * (FIRST - 1) + ["failed"],
                "every report but that of the lost radiograph",
            )
            wait_until(lambda: questions(site) == ["done"], "a first answer")
            # The first worker wakes up, finishes its report, and may not store it.
            one.send_signal(signal.SIGCONT)
            ((failure,),) = site.rows(
                "SELECT failure FROM reports_job WHERE status = 'failed'"
            )
            assert "can't be read: restore" in failure
        with ThreadPoolExecutor() as aside:
            retried = aside.submit(site.shell, TRY_AGAIN_AND_GO_ON)
            stop_in_the_middle(site, two)
            kill(two)
            assert retried.result() == 1
        wait_until(lambda: states(site) == ["done"] * (FIRST + SECOND), "every report")
        wait_until(lambda: questions(site) == ["done"] * 2, "a second answer")
        answers = site.rows("SELECT answer FROM reports_turn")
        assert len(answers) == 2 and all(answer for (answer,) in answers)
        reports = site.rows("SELECT case_id, source_id FROM reports_report")
        assert len(set(reports)) == len(reports) == FIRST + SECOND
        assert 1 < len(held) <= BATCH
        chosen = ", ".join(map(str, held))
        writers = site.rows(f"SELECT worker FROM reports_job WHERE id IN ({chosen})")
        assert {writer.rsplit(":")[-1] for (writer,) in writers} == {str(two.pid)}
        one.terminate()
        assert one.wait(30) == os.EX_OK
