"""What the worker does for de-identification: it searches one image for text."""

from celery import shared_task

from readerstudy.cases.deidentification.models import TextScan
from readerstudy.cases.deidentification.scanning import scan
from readerstudy.work.worker import carry_out


@shared_task(name=TextScan.bell)
def scan_for_text(scan_id: int) -> None:
    """Search one frame for burned-in text, if nobody else has it."""
    carry_out(TextScan, scan_id, scan)
