"""CSV of any dialect: a guess at what it is, its rows, projections and views."""

import tempfile
from contextlib import suppress
from pathlib import Path

from readerstudy.cases.dialects import guess_encoding
from readerstudy.cases.mimic import read_views
from readerstudy.cases.openi import read_projections
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import read_table
from readerstudy.reports.tables.staging import Sheet, guess

REFUSALS = (Refused,)


def parse(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        path = Path(file.name)
        dialect = guess(path, guess_encoding(path))
        with suppress(Refused):
            list(Sheet(path, "a.csv", dialect).rows())
    with suppress(Refused):
        list(read_table(content, "a.csv").rows())
    with suppress(Refused):
        read_projections(content, "a.csv")
    read_views(content, "a.csv")
