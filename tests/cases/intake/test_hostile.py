"""Files that break their reader come with good ones: these come in, those get reasons.

pydicom's wheel brings its own malformed files and character sets.
"""

import contextlib
import io
import json
from pathlib import Path

import pydicom
import pytest
from django.core.management import CommandError, call_command
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import JPEGLSLossless

from readerstudy.cases.intake import services
from readerstudy.cases.intake.models import DeliveredFile
from readerstudy.cases.models import Image
from tests.cases.films import content_of, smooth
from tests.cases.films import film as made_film
from tests.cases.intake.deliveries import (
    brought,
    fates,
    film,
    picture,
    reasons,
    taken_in,
)

OF_PYDICOM = Path(pydicom.__file__).parent / "data"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def breaker() -> bytes:
    """A film on which pyjpegls gives up, and then gdcm, which may end its process."""
    dataset = made_film(smooth())
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    stream = bytearray(next(generate_frames(dataset.PixelData, number_of_frames=1)))
    stream[0:2] = b"\0\0"
    dataset.PixelData = encapsulate([bytes(stream)])
    return content_of(dataset)


def test_a_delivery_outlives_its_worst_files() -> None:
    delivery = brought(
        {
            "a.dcm": film(1),
            "b.dcm": breaker(),
            "c.png": picture(2),
            "d.png": picture(3)[:-30],
            "e.dcm": breaker()[:-2],
            "f.dcm": film(4),
        }
    )
    states = fates(delivery)
    good = {name for name, state in states.items() if state == "imported"}
    assert good == {"a.dcm", "c.png", "f.dcm"}
    told = reasons(delivery)
    assert set(told) == set(states) - good
    assert all("amaged" in reason or "no re" in reason for reason in told.values())
    assert delivery.status == "done"


def test_a_film_that_takes_too_long_is_refused_and_the_next_one_comes_in(settings):
    settings.PARSER_SECONDS = 0
    delivery = brought({"slow.dcm": film(1)})
    assert "within 0 seconds" in reasons(delivery)["slow.dcm"]
    settings.PARSER_SECONDS = 60
    assert fates(brought({"slow.dcm": film(1)})) == {"slow.dcm": "imported"}


@pytest.mark.slow(seconds=20)
def test_every_file_of_pydicom_is_imported_or_refused_with_a_reason(settings):
    settings.IMPORT_ROOTS = [str(OF_PYDICOM)]
    delivery = services.open_delivery(
        collection="intake",
        origin="folder",
        layout="radiographs",
        options={},
        actor=None,
    )
    services.bring_folder(delivery=delivery, path=str(OF_PYDICOM), actor=None)
    taken_in(delivery)
    states = fates(delivery)
    refused = reasons(delivery)
    assert len(states) > 100
    assert set(states.values()) <= {*DeliveredFile.OVER}
    assert all(reason.endswith((".", ".)")) for reason in refused.values())
    assert not [reason for reason in refused.values() if "fault of the" in reason]
    assert not [reason for reason in refused.values() if "reader broke" in reason]
    imported = Image.objects.count()
    said = _said_by("import_dicom", OF_PYDICOM, "--collection", "command")
    assert said["imported"] <= imported
    assert said["refused"] > 50
    assert all(each["reason"].endswith(".") for each in said["reasons"])


def _said_by(command, *words):
    output = io.StringIO()
    with contextlib.suppress(CommandError):
        call_command(command, *map(str, words), "--json", stdout=output)
    return json.loads(output.getvalue())
