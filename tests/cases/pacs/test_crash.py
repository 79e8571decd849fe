"""Orthanc dies by SIGKILL in the middle of an import; in the end every case is there
exactly once. Everything here runs for real: a worker, its database, and the PACS."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cases.pacs.archives import orthanc_with, radiograph
from tests.installation import Site, installation, wait_until
from tests.orthanc import PASSWORD, USER, Orthanc

FILMS = 30
ORDER = """
from django.conf import settings
from readerstudy.accounts.models import User
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.search import Wanted, search
from readerstudy.cases.pacs.services import order_radiographs
server = settings.DICOMWEB_SERVERS["archive"]
found = search(Archive(server, seconds=60), Wanted())
order_radiographs(
    server=server,
    studies=[(study.uid, [one.uid for one in study.series]) for study in found.studies],
    collection="clinic",
    code_from="AccessionNumber",
    take_burned_in=False,
    actor=User.objects.create(username="cora"),
)
print(found.images)
"""


def setting(orthanc: Orthanc) -> str:
    """DICOMWEB_SERVERS, with a user and password in the URL."""
    given = f"{USER}:{quote(PASSWORD, safe='')}@"
    return f"archive={orthanc.url.replace('//', f'//{given}')}"


def states(site: Site) -> list[str]:
    return [state for (state,) in site.rows("SELECT state FROM cases_deliveredfile")]


def standing(site: Site) -> tuple[str, str]:
    [(status, note)] = site.rows("SELECT status, note FROM cases_delivery")
    return status, note


@pytest.mark.pacs
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_orthanc_that_is_killed_half_way_loses_and_doubles_no_case(
    tmp_path: Path,
) -> None:
    films = [radiograph(seed) for seed in range(FILMS)]
    with orthanc_with(*films) as orthanc, installation("embedded", tmp_path) as site:
        site.environment["DICOMWEB_SERVERS"] = setting(orthanc)
        assert site.shell(ORDER) == FILMS
        with site.worker():
            wait_until(lambda: "imported" in states(site), "a first case")
            orthanc.kill()
            wait_until(lambda: standing(site)[1], "a note that the PACS is away")
            assert 0 < states(site).count("received") < FILMS
            assert "refused" not in states(site)
            orthanc.start()
            wait_until(lambda: standing(site)[0] == "done", "the end of it")
        assert standing(site) == ("done", "")
        assert states(site) == ["imported"] * FILMS
        assert site.rows("SELECT count(*) FROM cases_case") == [(FILMS,)]
        assert site.rows("SELECT count(*) FROM cases_image") == [(FILMS,)]
        logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
        assert PASSWORD not in logs and quote(PASSWORD, safe="") not in logs
