"""What Cora has when she begins, a folder of DICOM files and a table of reports, and
the worker that her site runs."""

import csv
import io
import os
from pathlib import Path

from playwright.sync_api import Page

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.tasks import take_in
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.presentation.blinding_audit.tasks import audit_blinding
from readerstudy.reports.tables.models import TableImport
from readerstudy.reports.tables.tasks import store_table

CASES = 8
# Where to keep a picture of each step; none are kept where it is not set.
PICTURES = "READERSTUDY_STORY_PICTURES"
TASKS = (
    (Delivery, take_in),
    (TableImport, store_table),
    (BlindingAudit, audit_blinding),
)
SEEN = (
    ("The heart is of normal size.", "Heart size is within normal limits."),
    ("There is a small pleural effusion on the left.", "Left effusion is present."),
    ("Both lungs are clear.", "No focal consolidation is seen."),
    ("An opacity lies in the right lower zone.", "Right basal opacity is noted."),
    ("The mediastinum is not widened.", "The mediastinal contour is unremarkable."),
    ("The heart is enlarged.", "Cardiomegaly is seen."),
    ("The diaphragm is well defined.", "Costophrenic angles are sharp."),
    ("A nodule is projected on the left upper zone.", "Left apical nodule."),
)


def folder_of_films(folder: Path) -> Path:
    """A folder with one DICOM file for each case: film-1.dcm and so on."""
    folder.mkdir()
    for number in range(1, CASES + 1):
        with (folder / f"film-{number}.dcm").open("wb") as stream:
            write_dicom(draw(number, size=256), stream)
    return folder


def table_of_reports(file: Path) -> Path:
    """A table with both reports of every case, and whether it is normal."""
    words = io.StringIO()
    writer = csv.writer(words, delimiter=";")
    writer.writerow(["film", "class", "radiologist", "model"])
    for number, (written, generated) in enumerate(SEEN, 1):
        stratum = "normal" if number % 2 else "abnormal"
        writer.writerow([f"film-{number}", stratum, written, generated])
    file.write_text(words.getvalue())
    return file


def let_the_worker_work() -> None:
    """Do in this process whatever waits for a worker, by the tasks themselves."""
    for model, task in TASKS:
        while waiting := model.objects.filter(status=model.Status.QUEUED).first():
            task(waiting.pk)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody wants to see the story."""
    folder = os.environ.get(PICTURES)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
