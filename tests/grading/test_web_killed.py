"""The site dies by SIGKILL again and again while readers submit: every grade that was
accepted is there, none is there twice, and a lost answer is got by asking again."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.installation import KINDS, Site, installation, kill, wait_until
from tests.servers import free_port

KILLS = 4
CASES = 15
STUDY = f"""
import json
from django.urls import reverse
from readerstudy.presentation.models import Slot
from readerstudy.studies.tokens.services import create
from tests import worlds
from tests.people import person
readers = [person(name) for name in ("Rosa", "Ravi", "Ruth")]
study = worlds.open_study(readers=readers, cases={CASES})
print(json.dumps([
    [
        create(user=membership.user, actor=None, scope="all", name="script").key,
        [
            reverse("api:grade", args=[slot.public_id])
            for slot in Slot.objects.of_reader(membership)
        ],
    ]
    for membership in study.membership_set.readers()
]))
"""
GRADES = """
import json
from django.urls import reverse
from readerstudy.audit.verifying import first_break
from readerstudy.grading.models import Grade
grades = Grade.objects.select_related("slot")
print(json.dumps({
    "stored": [
        [reverse("api:grade", args=[grade.slot.public_id]), grade.letter, grade.version]
        for grade in grades
    ],
    "break": first_break("acceptability"),
}))
"""


class Reader(threading.Thread):
    """Submits one grade after the other, each until it is acknowledged."""

    def __init__(self, site: str, token: str, paths: list[str], seed: int) -> None:
        super().__init__(daemon=True)
        self.site, self.token, self.paths = site, token, paths
        self.chance = random.Random(seed)
        self.accepted: dict[str, str] = {}
        self.retries = 0

    def run(self) -> None:
        for path in self.paths:
            letter = self.chance.choice("ABCD")
            body = {
                "idempotency_key": f"key-{path[-20:]}",
                "letter": letter,
                "comment": "",
            }
            while not self._submit(path, body):
                self.retries += 1
                time.sleep(0.05)
            self.accepted[path] = letter
            time.sleep(0.05)

    def _submit(self, path: str, body: dict[str, object]) -> bool:
        request = urllib.request.Request(
            self.site + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Token {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status in {200, 201}
        except urllib.error.HTTPError as refusal:
            with refusal:
                assert refusal.code >= 500, refusal.read()
            return False
        except OSError:
            return False


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=1):
            return True
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False
    except OSError:
        return False


def serve_and_kill(site: Site, port: int, readers: list[Reader]) -> None:
    """Serve until all readers are done, killing the site at random moments."""
    chance = random.Random(11)
    for round_ in range(KILLS + 1):
        with site.web(port) as web:
            wait_until(lambda: is_up(f"http://127.0.0.1:{port}"), "the site")
            if round_ < KILLS:
                time.sleep(chance.uniform(0.2, 0.9))
                kill(web)
                continue
            for reader in readers:
                reader.join(timeout=300)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_no_accepted_grade_is_lost_or_doubled(kind: str, tmp_path: Path) -> None:
    with installation(kind, tmp_path) as site:
        site.environment |= {"ALLOWED_HOSTS": "127.0.0.1,testserver"}
        port = free_port()
        readers = [
            Reader(f"http://127.0.0.1:{port}", token, paths, number)
            for number, (token, paths) in enumerate(site.shell(STUDY))
        ]
        for reader in readers:
            reader.start()
        serve_and_kill(site, port, readers)
        found = site.shell(GRADES)
    stored = {path: letter for path, letter, _ in found["stored"]}
    accepted = {
        path: letter for reader in readers for path, letter in reader.accepted.items()
    }
    assert len(accepted) == 3 * 2 * CASES
    assert stored == accepted
    assert len(found["stored"]) == len(stored)
    assert {version for _, _, version in found["stored"]} == {1}
    assert sum(reader.retries for reader in readers) > KILLS
    assert found["break"] is None
