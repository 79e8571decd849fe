"""Building the bundle of a closed study: the same bytes from the same rows."""

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from django.db import transaction

import readerstudy
from readerstudy.accounts.models import User
from readerstudy.analysis.services import results_of_csv
from readerstudy.analysis.statistics.csv_text import RULE, csv_text
from readerstudy.analysis.statistics.design import design_of_protocol
from readerstudy.analysis.statistics.files import RESULT_COLUMNS, write_result_set
from readerstudy.audit.services import record
from readerstudy.export.columns import TABLES
from readerstudy.export.models import ExportBundle
from readerstudy.export.tables import study_tables
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json

# A fixed time in the archive: the same content gives the same ZIP.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def described_files() -> list[tuple[str, str]]:
    """Every file that can be downloaded alone, with a sentence about it."""
    return [
        ("reads.csv", "One row per read: the tidy table behind every number"),
        ("versions.csv", "Every version of every grade, superseded ones included"),
        ("marks.csv", "One row per error marked in a report, in each version"),
        ("visits.csv", "The event logs of the reading pages, one row per event"),
        ("sessions.csv", "Consents, display checks and guess pages of the readers"),
        ("allocation.csv", "Who was dealt which report, in which place and session"),
        ("table5.csv", "Grades per arm as in Table 5, with Cochran's Q"),
        ("pairs.csv", "Arm against arm: differences, intervals, tests"),
        ("agreement.csv", "Agreement between readers, per arm and over all"),
        ("results.json", "The whole result set at full precision"),
        ("codebook.csv", "Every column of every table, explained"),
        ("protocol.json", "The locked protocol; its SHA-256 is on the results page"),
    ]


def bundle_files(study: Study) -> dict[str, bytes]:
    """Every file of a closed study's bundle, by name; the manifest comes last."""
    files = {name: text.encode() for name, text in study_tables(study).items()}
    files |= _result_files(study, files["reads.csv"].decode())
    files["protocol.json"] = canonical_json(study.locked_protocol).encode()
    files["codebook.csv"] = _codebook().encode()
    files["manifest.json"] = _manifest(study, files)
    return files


def _result_files(study: Study, reads: str) -> dict[str, bytes]:
    result = results_of_csv(reads, design_of_protocol(study.locked_protocol))
    with tempfile.TemporaryDirectory() as folder:
        write_result_set(result, Path(folder))
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _codebook() -> str:
    rows: list[dict[str, Any]] = [
        {"file": name, "column": column, "meaning": meaning}
        for name, columns in (TABLES | RESULT_COLUMNS).items()
        for column, meaning in columns.items()
    ]
    return csv_text(["file", "column", "meaning"], rows)


def _manifest(study: Study, files: dict[str, bytes]) -> bytes:
    content = {
        "schema": "readerstudy.bundle/1",
        "study": study.code,
        "software": f"readerstudy {readerstudy.VERSION}",
        "protocol_sha256": study.protocol_sha256,
        "csv": RULE,
        "files": {name: _sha256(files[name]) for name in sorted(files)},
    }
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@transaction.atomic
def record_bundle(
    *, study: Study, actor: User | None, files: dict[str, bytes]
) -> ExportBundle:
    """Note that a bundle was handed out, with the hash of its manifest."""
    bundle = ExportBundle.objects.create(
        study=study,
        made_by=actor,
        manifest_sha256=_sha256(files["manifest.json"]),
    )
    record(
        actor=actor,
        verb="study.exported",
        stream=study.code,
        detail={"manifest_sha256": bundle.manifest_sha256},
    )
    return bundle


def make_bundle(*, study: Study, actor: User) -> bytes:
    """Return the bundle as a ZIP and record that it was made."""
    files = bundle_files(study)
    record_bundle(study=study, actor=actor, files=files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{study.code}/{name}", _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def write_bundle(*, study: Study, actor: User | None, directory: Path) -> list[str]:
    """Write the bundle's files into a directory and record it; returns the names."""
    files = bundle_files(study)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)
    record_bundle(study=study, actor=actor, files=files)
    return sorted(files)
