"""The services of docker-compose.yml run as processes, several of each; half of them
are killed, and nothing is lost. People reach them by https alone."""

import contextlib
import hashlib
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from drills.browser import Answer, Experience, LineBroke
from drills.names import CODE, COORDINATOR, PASSWORD
from drills.readers import Reader
from tests.composed import Composed, SecureBrowser, composed
from tests.installation import wait_until

READERS, CASES, REPORTS = 4, 4, 8
# Jobs wait for models (gpu), searches for burned-in text for any worker (cpu).
FILL = """
import json
from drills.names import WRITTEN
from drills.world import World
from readerstudy.cases.deidentification.scanning import ask_for_scans
from readerstudy.cases.models import Collection
world = World(readers={readers}, cases={cases}, seed=1)
world.ask_for({reports})
ask_for_scans(collection=Collection.objects.get(name=WRITTEN), actor=None)
print(json.dumps(world.usernames))
"""
CLOSE = """
import json
from drills.names import CODE, COORDINATOR
from readerstudy.accounts.models import User
from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.models import Study
study, cora = Study.objects.get(code=CODE), User.objects.get(username=COORDINATOR)
close(study=study, actor=cora)
print(json.dumps(study.state))
"""
STORED = """
import json
from drills.verify import media, record, reports
from readerstudy.grading.models import Grade
from readerstudy.work import leases
findings = [*reports(), next(media()), record()]
broken = [each.told() for each in findings if not each.holds]
left = sum(leases.rows(kind).unfinished().count() for kind in leases.kinds())
grades = list(Grade.objects.values_list("slot__public_id", "letter"))
print(json.dumps([broken, left, grades]))
"""


def states(site: Composed, table: str) -> Counter[str]:
    return Counter(
        state for (state,) in site.site().rows(f"SELECT status FROM {table}")
    )


def busy(site: Composed, table: str, name: str) -> list[int]:
    """The workers of a service that have something in hand, by number."""
    rows = site.site().rows(f"SELECT worker FROM {table} WHERE status = 'running'")
    holders = {int(worker.rpartition(":")[2]) for (worker,) in rows}
    running = site.running[name]
    return [number for number, each in enumerate(running) if each.pid in holders]


def kill_one_at_work(site: Composed, table: str, name: str) -> None:
    at_work: list[int] = []
    wait_until(lambda: at_work.extend(busy(site, table, name)) or at_work, name)
    site.kill(name, at_work[0])


def is_over(site: Composed) -> bool:
    jobs, scans = states(site, "reports_job"), states(site, "cases_textscan")
    return set(jobs) == set(scans) == {"done"}


def reads(readers: list[Reader]) -> int:
    return sum(len(reader.diary.acknowledged) for reader in readers)


def browser_of(site: Composed, experience: Experience) -> SecureBrowser:
    browser = SecureBrowser(f"localhost:{site.https_port}", experience)
    browser.authority = site.authority()
    return browser


class ProxiedReader(Reader):
    """Behind a proxy: what was on its way to a killed process is answered by 502."""

    def _expect(self, answer: Answer, statuses: set[int], path: str) -> None:
        super()._expect(answer, statuses | {502}, path)


def reader_of(site: Composed, name: str, number: int, experience: Experience) -> Reader:
    reader = ProxiedReader(
        name, f"localhost:{site.https_port}", experience, 0.4, number
    )
    reader.browser = browser_of(site, experience)
    return reader


@pytest.mark.slow(seconds=75)
@pytest.mark.timeout(900)
def test_a_study_is_read_through_the_composed_site_while_half_of_it_is_killed(
    tmp_path: Path,
) -> None:
    settings = {
        # The scripted people have passwords and no telephones.
        "SECOND_FACTOR_REQUIRED": "nobody",
        "JOB_LEASE_SECONDS": "3",
        "CXR_LLAVA_BATCH": "1",
        "WORKER_CPU_QUEUES": "cpu",
        "LOG_LEVEL": "WARNING",
    }
    with composed(tmp_path, **settings) as site:
        filling = FILL.format(readers=READERS, cases=CASES, reports=REPORTS)
        usernames = site.site().shell(filling)
        for name in ("web", "web", "web", "scheduler"):
            site.start(name)
        site.start_proxy()
        for _ in range(2):
            site.start("worker-cpu")
            # There is no GPU here; what the queue does is the same.
            site.start("worker-gpu", CXR_LLAVA_DEVICE="cpu")
        experience = Experience()
        visitor = browser_of(site, experience)
        wait_until(lambda: answers(visitor, "/readyz"), "the site by https")
        readers = [
            reader_of(site, name, number, experience)
            for number, name in enumerate(usernames)
        ]
        for reader in readers:
            reader.start()

        # Two of three web processes and one of two workers a queue, for good, each in
        # the middle of it.
        wait_until(lambda: reads(readers) >= READERS, "readers at work")
        site.kill("web", 0)
        site.kill("web", 1)
        assert reads(readers) < READERS * CASES * 2
        kill_one_at_work(site, "reports_job", "worker-gpu")
        kill_one_at_work(site, "cases_textscan", "worker-cpu")
        for reader in readers:
            reader.join(240)
        wait_until(lambda: is_over(site), "all reports and searches")

        acknowledged: dict[str, str] = {}
        for reader in readers:
            assert reader.diary.wrongs == []
            assert reader.diary.is_done
            acknowledged |= reader.diary.acknowledged
        assert experience.dishonest == []
        broken, left, grades = site.site().shell(STORED)
        assert (broken, left) == ([], 0)
        # Each acknowledged grade is stored, once and as it was sent.
        assert sorted(map(tuple, grades)) == sorted(acknowledged.items())
        assert len(grades) == READERS * CASES * 2
        # What one service says of its health is tried as its process.
        for name in ("worker-cpu", "scheduler"):
            site.run(name, site.services[name]["healthcheck"]["test"][1:])

        site.site().shell(CLOSE)
        bundle_comes_by_https(site, experience)


def answers(browser: SecureBrowser, path: str) -> bool:
    with contextlib.suppress(LineBroke):
        return browser.ask("GET", path).status == 200
    return False


def bundle_comes_by_https(site: Composed, experience: Experience) -> None:
    """The coordinator orders the bundle; it lies in the object store and is whole."""
    cora = browser_of(site, experience)
    assert cora.sign_in(COORDINATOR, PASSWORD)
    # All statistics of the study are computed for it.
    cora.patience = 240.0
    made = cora.send_form(f"/studies/{CODE}/export/bundle.zip", {})
    assert made.status == 200, made.text[:300]
    archive = zipfile.ZipFile(io.BytesIO(made.content))
    manifest = json.loads(archive.read(f"{CODE}/manifest.json"))
    assert manifest
    kept = {name for name in site.objects.names() if name.startswith("bundles/")}
    digest = hashlib.sha256(made.content).hexdigest()
    assert kept == {f"bundles/{CODE}-{digest[:32]}.zip"}
    # All that is kept is there and nothing of it on the disk.
    assert {name.partition("/")[0] for name in site.objects.names()} >= {
        "frames",
        "previews",
    }
    assert not (site.folder / "data" / "media" / "frames").exists()
