"""A worker dies by SIGKILL in the middle of a delivery; in the end every file is in
once. Everything here runs for real, on both kinds of installation."""

import contextlib
from pathlib import Path

import pytest

from tests.cases.intake.deliveries import film, zipped
from tests.installation import KINDS, Site, installation, kill, wait_until

FILES, MEMBERS = 12, 12
BEGIN = """
from readerstudy.cases.intake.services import bring_folder, open_delivery
delivery = open_delivery(collection="ward", origin="folder", layout="radiographs",
                         options={}, actor=None)
bring_folder(delivery=delivery, path=PATH, actor=None)
print(delivery.pk)
"""


def states(site: Site) -> list[str]:
    return [state for (state,) in site.rows("SELECT state FROM cases_deliveredfile")]


def imported(site: Site) -> int:
    return states(site).count("imported")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_worker_loses_and_doubles_no_file(kind: str, tmp_path: Path) -> None:
    ward = tmp_path / "ward"
    ward.mkdir()
    for number in range(FILES):
        (ward / f"CXR{number}.dcm").write_bytes(film(number, size=128))
    members = {f"CXR{n}.dcm": film(n, size=128) for n in range(100, 100 + MEMBERS)}
    (ward / "A.zip").write_bytes(zipped(members))
    with installation(kind, tmp_path) as site, contextlib.ExitStack() as workers:
        site.environment |= {
            "IMPORT_ROOTS": str(ward),
            "INTAKE_SLICE_SECONDS": "1",
            "INTAKE_KEPT_FREE_BYTES": "0",
        }
        site.shell(BEGIN.replace("PATH", repr(str(ward))))
        for least in (1, 8, 16):
            worker = workers.enter_context(site.worker())
            wait_until(lambda least=least: imported(site) >= least, "some files")
            kill(worker)
        assert imported(site) < FILES + MEMBERS
        workers.enter_context(site.worker())
        wait_until(
            lambda: site.rows("SELECT status FROM cases_delivery") == [("done",)],
            "the end of the delivery",
        )
        assert sorted(states(site)) == ["imported"] * (FILES + MEMBERS) + ["unpacked"]
        images = site.rows("SELECT source_sha256 FROM cases_image")
        assert len(set(images)) == len(images) == FILES + MEMBERS
        assert site.rows("SELECT count(*) FROM cases_case") == [(FILES + MEMBERS,)]
