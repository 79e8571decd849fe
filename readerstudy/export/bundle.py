"""Building the bundle of a closed study in a folder, step by step.

The same rows give the same bytes. Long tables are written a line at a time.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import readerstudy
from readerstudy.analysis.deviations import deviation_rows
from readerstudy.analysis.services import (
    refuse_unless_closed,
    result_files,
    results_of_csv,
)
from readerstudy.analysis.statistics.design import design_of_protocol
from readerstudy.analysis.statistics.files import RESULT_COLUMNS, parquet_files
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.audit.verifying import verify
from readerstudy.csv_text import RULE, csv_text
from readerstudy.export.checklists.files import CHECKLIST_COLUMNS, checklist_files
from readerstudy.export.checklists.item import Facts
from readerstudy.export.columns import TABLES
from readerstudy.export.contents import readme
from readerstudy.export.interchange.files import (
    INTERCHANGE_COLUMNS,
    interchange_files,
)
from readerstudy.export.tables import table_as_parquet, table_lines, table_names
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json

if TYPE_CHECKING:
    from readerstudy.analysis.statistics.results import ResultSet

STARTER = Path(__file__).with_name("starter")
_SCRIPTS = ("analysis.R", "analysis.py")
CODEBOOK_COLUMNS = {
    "file": "File of the bundle",
    "column": "Its column",
    "meaning": "What the column holds",
}
# Told of every step: its number from 1, how many there are, and what it does.
Tell = Callable[[int, int, str], None]


@dataclass
class Building:
    """A bundle on its way: a folder, and what later steps need of earlier ones."""

    study: Study
    folder: Path
    checklists: tuple[str, ...]
    result: "ResultSet | None" = None
    names: list[str] = field(default_factory=list)

    def write(self, name: str, parts: Iterable[str | bytes]) -> None:
        """Write one file, part by part; the name may lead into folders below."""
        path = self.folder / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for part in parts:
                file.write(part.encode() if isinstance(part, str) else part)
        self.names.append(name)

    def write_all(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.write(name, [content])

    def read(self, name: str) -> bytes:
        return (self.folder / inside(name)).read_bytes()


def inside(name: str) -> PurePosixPath:
    """A name as a path below a folder; raises ValueError where it leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise ValueError(f"{name!r} is no name of a file in a bundle.")
    return path


def build(
    study: Study,
    folder: Path,
    *,
    checklists: Iterable[str] = (),
    tell: Tell = lambda number, steps, title: None,
) -> list[str]:
    """Write every file of a closed study's bundle; returns the names, sorted.

    `checklists` names optional ones; `tell` is called before every step.
    Refuses a study that isn't closed.
    """
    refuse_unless_closed(study)
    building = Building(study, folder, tuple(checklists))
    for number, (title, step) in enumerate(_STEPS, 1):
        tell(number, len(_STEPS), title)
        step(building)
    return sorted(building.names)


def _tables(building: Building) -> None:
    for name in table_names():
        building.write(name, table_lines(building.study, name))
    protocol = canonical_json(building.study.locked_protocol)
    building.write("protocol.json", [protocol])


def _results(building: Building) -> None:
    protocol = building.study.locked_protocol
    reads = building.read("reads.csv")
    building.result = results_of_csv(reads, design_of_protocol(protocol))
    reads_sha256 = hashlib.sha256(reads).hexdigest()
    building.write_all(
        result_files(
            building.result,
            protocol,
            reads_sha256=reads_sha256,
            deviations=list(deviation_rows(building.study)),
        )
    )


def _typed(building: Building) -> None:
    assert building.result is not None  # noqa: S101  an earlier step made it
    for name in ("reads", "versions"):
        content = table_as_parquet(building.study, f"{name}.csv")
        building.write(f"parquet/{name}.parquet", [content])
    building.write_all(parquet_files(building.result))


def _for_others(building: Building) -> None:
    design = design_of_protocol(building.study.locked_protocol)
    reads = read_csv(building.read("reads.csv"))
    building.write_all(interchange_files(reads, design.arms or reads.arm.names))
    for name in _SCRIPTS:
        building.write(name, [(STARTER / name).read_bytes()])


def _checked(building: Building) -> None:
    assert building.result is not None  # noqa: S101  an earlier step made it
    facts = Facts(building.study.locked_protocol, building.result.as_json())
    building.write_all(checklist_files(facts, building.checklists))


def _explained(building: Building) -> None:
    building.write("codebook.csv", [codebook(building.names)])
    told = [*building.names, "README.txt", "manifest.json"]
    building.write("README.txt", [readme(building.study.title, told)])
    building.write("manifest.json", [_manifest(building)])


_STEPS: tuple[tuple[str, Callable[[Building], None]], ...] = (
    ("Grades, reading logs, reports and events", _tables),
    ("Results, their tables and figures", _results),
    ("Tables with types", _typed),
    ("Files for other programs", _for_others),
    ("Reporting checklists", _checked),
    ("Codebook and manifest", _explained),
)


def every_column() -> dict[str, dict[str, str]]:
    """The columns of every CSV of a bundle with their meanings, by file name."""
    return {
        **TABLES,
        **RESULT_COLUMNS,
        **INTERCHANGE_COLUMNS,
        **CHECKLIST_COLUMNS,
        "codebook.csv": CODEBOOK_COLUMNS,
    }


def codebook(names: Iterable[str]) -> str:
    """The meaning of every column; Parquet files and sheets have those of the CSV."""
    there = set(names) | {"codebook.csv"}
    known = {name: columns for name, columns in every_column().items() if name in there}
    rows: list[dict[str, Any]] = []
    for name, columns in known.items():
        stem = name.removesuffix(".csv")
        typed = f"parquet/{stem}.parquet"
        files = [name, *([typed] if typed in there else [])]
        if name in RESULT_COLUMNS:
            files.append(f"results.xlsx, sheet {stem}")
        rows += [
            {"file": file, "column": column, "meaning": meaning}
            for file in files
            for column, meaning in columns.items()
        ]
    return csv_text(list(CODEBOOK_COLUMNS), rows)


def _manifest(building: Building) -> bytes:
    study = building.study
    content = {
        "schema": "readerstudy.bundle/1",
        "study": study.code,
        "software": f"readerstudy {readerstudy.VERSION}",
        "protocol_sha256": study.protocol_sha256,
        "csv": RULE,
        "record": verify(study.code).of_stream(study.code),
        "files": {
            name: sha256_of_file(building.folder / name)
            for name in sorted(building.names)
        },
    }
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
