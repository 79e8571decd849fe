"""A checkpoint is damaged under a worker: the coordinator reads why, and what to do."""

import json
import shutil

import pytest

from inference.cxr_llava.weights import WHOLE
from readerstudy.cases.models import Case
from readerstudy.reports import services, tasks
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import progress_of
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def checkpoint(settings, tmp_path):
    """A copy of the demonstration model, which the site is set to."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    folder = tmp_path / "model"
    shutil.copytree(settings.CXR_LLAVA_CHECKPOINT, folder)
    settings.CXR_LLAVA_CHECKPOINT = folder
    return folder


def failure_after_precompute() -> str:
    """What the list of failures says once the worker has tried."""
    worlds.collection(cases=1)
    source = services.source_named("cxr_llava")
    services.precompute(source=source, cases=Case.objects.all(), actor=None)
    before = Report.objects.count()
    tasks.write_reports(Job.objects.get().pk)
    assert Report.objects.count() == before
    (failure,) = progress_of(Job.objects.order_by()).failures
    return failure.reason


def test_a_damaged_file(checkpoint):
    path = checkpoint / WHOLE
    path.write_bytes(path.read_bytes()[:1000])
    assert failure_after_precompute() == (
        f"{path} is damaged or cut short: copy it anew."
    )


def test_a_config_of_another_checkpoint(checkpoint):
    path = checkpoint / "config.json"
    content = json.loads(path.read_text())
    content["llama"]["num_hidden_layers"] += 1
    path.write_text(json.dumps(content))
    said = failure_after_precompute()
    assert said.startswith(f"{checkpoint} lacks 9 weights, the first of them llama.")
    assert said.endswith("copy both from one.")


def test_a_vocabulary_that_is_gone(checkpoint):
    (checkpoint / "tokenizer.model").unlink()
    assert failure_after_precompute() == (
        f"{checkpoint} is no CXR-LLaVA v2 checkpoint: it has no tokenizer.model, copy "
        "it there."
    )
