"""Handing out the reads of a closed study in a form of other systems."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError

from readerstudy.accounts.models import User
from readerstudy.analysis.services import refuse_unless_closed
from readerstudy.audit.downloads import record_download
from readerstudy.export.standards.files import FORMS, files_in
from readerstudy.grading.models import Grade
from readerstudy.studies.models import Study

# As many reads as are written while somebody waits: some ten seconds by form.
AT_ONCE_READS = {"fhir": 20_000, "sr": 200}
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Form:
    """A form as the page offers it."""

    name: str
    sentence: str
    is_made_at_once: bool


def forms_of(study: Study) -> list[Form]:
    """The forms of a study's reads, and whether somebody can wait for each."""
    reads = Grade.objects.of_study(study).current().count()
    return [
        Form(name, sentence, reads <= AT_ONCE_READS[name])
        for name, sentence in FORMS.items()
    ]


def zipped(*, study: Study, form: str, actor: User) -> bytes:
    """A ZIP of a form.

    Raises ValidationError where the study is not closed, or too large to wait for.
    """
    refuse_unless_closed(study)
    if not any(each.is_made_at_once for each in forms_of(study) if each.name == form):
        raise ValidationError(
            "This study has too many reads to wait for them. On the server: "
            f"manage.py export_reads {study.code} --form {form} --out FOLDER"
        )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_in(study, form):
            entry = zipfile.ZipInfo(f"{study.code}-{form}/{name}", _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    record_download(actor=actor, name=f"reads as {form}", study_code=study.code)
    return stream.getvalue()


def written(*, study: Study, form: str, directory: Path) -> int:
    """Write the files of a form into a directory; returns how many."""
    refuse_unless_closed(study)
    count = 0
    for name, content in files_in(study, form):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    record_download(
        actor=None, name=f"reads as {form}", study_code=study.code, by="command"
    )
    return count


def known_forms() -> dict[str, str]:
    """The forms by name, with a sentence about each."""
    return dict(FORMS)
