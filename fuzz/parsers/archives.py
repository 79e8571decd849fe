"""The lists of ZIP and tar archives, and packed studies."""

import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ValidationError

from readerstudy.cases.apart.listing import tar_list, zip_list
from readerstudy.cases.radiograph import Refused
from readerstudy.export.moving.archive import read

REFUSALS = (Refused, ValidationError)


def parse(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for look in (zip_list, tar_list):
            with suppress(Refused):
                look(bytearray(), {"path": file.name})
        read(Path(file.name))
