"""What happens to a study reaches the receiver by a real worker, though the receiver
was away and the worker was killed meanwhile."""

import pytest

from tests.installation import Site, installation, kill, wait_until
from tests.studies.webhooks.receivers import Inbox, inbox, verified

SET_UP = """
from readerstudy.accounts.models import User
from readerstudy.studies.models import Study
from readerstudy.studies.services import create
from readerstudy.studies.webhooks.services import create as make
cora = User.objects.create(username="cora", may_create_studies=True)
study = create(coordinator=cora, code="reads", title="A study")
made = make(
    study=study, actor=cora, receiver="registry", kinds=["study.paused", "study.opened"]
)
import json
print(json.dumps(made.secret))
"""
# An event as the verbs of a study leave it; how it comes about is tested elsewhere.
HAPPENS = """
from readerstudy.audit.services import record
record(actor=None, verb="{verb}", stream="reads")
print(0)
"""


@pytest.fixture
def received(tmp_path) -> Inbox:
    return inbox(tmp_path)


@pytest.fixture
def site(tmp_path, received):
    with installation("postgresql and redis", tmp_path) as made:
        made.environment |= {
            "WEBHOOK_RECEIVERS": f"registry={received.address('/told')}",
            "WEBHOOK_WAIT_SECONDS": "1",
        }
        yield made


def states(site: Site) -> list[tuple[str, int]]:
    return site.rows("SELECT status, attempts FROM studies_webhookdelivery ORDER BY id")


@pytest.mark.slow(seconds=40)
def test_nothing_is_lost_when_receiver_and_worker_die(site, received):
    secret = site.shell(SET_UP)
    site.shell(HAPPENS.format(verb="study.opened"))
    with site.worker() as worker:
        # Nobody listens: it is tried, and waits.
        wait_until(lambda: any(tries > 1 for _, tries in states(site)), "a second try")
        kill(worker)
    site.shell(HAPPENS.format(verb="study.paused"))
    with received.listening(), site.worker():
        wait_until(
            lambda: [state for state, _ in states(site)] == ["done", "done"],
            "two deliveries that arrived",
        )
    told = {
        each["id"]: each for each in (verified(secret, r) for r in received.requests())
    }
    assert {each["kind"] for each in told.values()} == {"study.opened", "study.paused"}
    assert len(told) == 2
