"""Whatever is written leaves an event, or stands here with the reason why not.

The verbs are found in the code itself: every function that is a transaction, and every
public one that writes rows. One that never comes to `record`, by itself or by what it
calls, has to be named. A new verb fails the test until somebody has decided.
"""

import ast
import functools
from pathlib import Path

import pytest
from django.urls import reverse

from readerstudy.audit import origin
from readerstudy.audit.models import Event
from readerstudy.audit.services import record
from tests import worlds
from tests.people import anya, cora
from tests.test_permissions import address, every_url

ROOT = Path(__file__).resolve().parents[2]
RECORDS = {
    "readerstudy.audit.services.record",
    "readerstudy.audit.services.record_together",
}
WRITES = {
    *("save", "create", "update", "delete", "bulk_create", "bulk_update"),
    *("get_or_create", "update_or_create"),
}
_LEASE = "How far a worker is; the end of the work leaves an event."
_PART = "A step of a verb that leaves the event."
_NO_ROWS = "Updates a hash or a set in memory, no row."
WITHOUT_EVENT = {
    "accounts.services.add_person": "accounts come before the record; joining a study "
    "leaves an event",
    "accounts.services.note_use": "When a token was last used, to the minute.",
    "analysis.documents.docx.docx": _NO_ROWS,
    "analysis.findings.presented.presented_sha256": _NO_ROWS,
    "analysis.findings.tables.texts_sha256": _NO_ROWS,
    "cases.case_sets.drawing.lock_case_set": _PART,
    "cases.case_sets.drawing.unlock_case_set": _PART,
    "cases.deidentification.removed.removal_of": _NO_ROWS,
    "cases.deidentification.scanning.store": _LEASE,
    "cases.desk.looking._look_at": "How an image looks, computed from its pixels.",
    "cases.imports.collection_named": _PART,
    "cases.imports.correct_view": _PART,
    "cases.imports.store_radiograph": _PART,
    "cases.intake.fates._settled": _LEASE,
    "cases.intake.forgetting._forget_batch": "Takes names out, and so names nothing.",
    "cases.intake.forgetting.forget_names": "Takes names out, and so names nothing.",
    "cases.intake.members._list": _LEASE,
    "cases.intake.members._mark_unpacked": _LEASE,
    "cases.intake.services.announce": "A file on its way; the delivery leaves events.",
    "cases.intake.services.receive": "A file on its way; the delivery leaves events.",
    "cases.intake.tasks._count_try": _LEASE,
    "cases.intake.tasks._hand_back": _LEASE,
    "cases.intake.tasks._pause": _LEASE,
    "cases.pictures.picture": _NO_ROWS,
    "export.archive.opened": _NO_ROWS,
    "export.safekeeping.backing_up.written": _NO_ROWS,
    "grading.reminding.services._end": _LEASE,
    "grading.services.keep_times": "No grade yet; the log comes with the grade.",
    "grading.services.save_draft": "A draft is no grade and is never counted.",
    "grading.visits.keep_visits": _PART,
    "presentation.blinding_audit.reading.tells.repeated_sentences": _NO_ROWS,
    "reports.jobs.claim": _LEASE,
    "reports.labels.computing.digest_of": _NO_ROWS,
    "reports.review.patterns.repeated": _NO_ROWS,
    "reports.review.services.digest_of": _NO_ROWS,
    "reports.services.source_named": _PART,
    "reports.sources.spending.note": "What an answer cost; its row is never altered.",
    "reports.tables.services._put_dialect": "A table on its way; confirming it counts.",
    "reports.tables.services.look": "A table on its way; confirming it counts.",
    "reports.tables.services.set_mapping": "A table on its way; confirming it counts.",
    "reports.tables.staging.keep": _NO_ROWS,
    "studies.people.inviting.send": "Whether the mail server took a letter.",
    "studies.webhooks.delivering._tell": "What it tells of is an event already.",
    "studies.webhooks.delivering.release": _LEASE,
    "work.asking.made_or_waiting": _PART,
    "work.leases.extend": _LEASE,
    "work.leases.fail": _LEASE,
    "work.leases.queue_anew": _PART,
    "work.leases.ring": _LEASE,
    "work.leases.ring_on_commit": _LEASE,
    "work.leases.take": _LEASE,
    "work.leases.unheard": _LEASE,
}
Verb = tuple[ast.FunctionDef, str]


@functools.cache
def code() -> tuple[dict[str, Verb], dict[str, dict[str, str]]]:
    """Every function of a module by its full name, and what each module imports."""
    verbs: dict[str, Verb] = {}
    imports: dict[str, dict[str, str]] = {}
    for path in (ROOT / "readerstudy").rglob("*.py"):
        # The demonstration calls the verbs of the others.
        if {"migrations", "demo"} & set(path.parts):
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text())
        imports[module] = {
            name.asname or name.name: f"{node.module}.{name.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                verbs[f"{module}.{node.name}"] = (node, module)
    return verbs, imports


def called(name: str) -> set[str]:
    """What a function names of its own module and of those that it imports."""
    verbs, imports = code()
    node, module = verbs[name]
    known = imports[module]
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(known.get(part.id, f"{module}.{part.id}"))
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found.add(f"{known.get(part.value.id, '')}.{part.attr}")
    return found


def records(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function comes to `record`, by itself or by what it calls."""
    if name in RECORDS:
        return True
    if name not in code()[0] or name in seen:
        return False
    return any(records(each, seen | {name}) for each in called(name))


def is_a_verb(node: ast.FunctionDef) -> bool:
    is_atomic = any("atomic" in ast.dump(each) for each in node.decorator_list)
    writes = any(
        isinstance(part, ast.Attribute) and part.attr in WRITES
        for part in ast.walk(node)
    )
    return is_atomic or (writes and not node.name.startswith("_"))


def test_every_verb_that_writes_leaves_an_event_or_says_why_not():
    found = {
        name.removeprefix("readerstudy.")
        for name, (node, _) in code()[0].items()
        if is_a_verb(node) and not records(name)
    }
    assert found == WITHOUT_EVENT.keys()


def test_the_walk_finds_the_verbs_that_record():
    for name in (
        "grading.services.submit",
        "studies.lifecycle.services.close",
        "export.services.make_bundle",
        "presentation.thawing.thaw",
    ):
        assert is_a_verb(code()[0][f"readerstudy.{name}"][0]) or "make" in name
        assert records(f"readerstudy.{name}"), name


@pytest.mark.django_db
def test_every_file_that_leaves_a_closed_study_leaves_an_event_with_its_actor(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.study_without_grades()
    key = worlds.token(anya()).key
    told = Event.objects.of_stream(study.code).filter(verb="study.downloaded")
    answer = anya().client.get(reverse("export:file", args=[study.code, "reads.csv"]))
    assert answer.status_code == 200
    answer = anya().client.get(
        reverse("api:table", args=[study.code, "reads.csv"]),
        headers={"Authorization": f"Token {key}"},
    )
    assert answer.status_code == 200
    assert [(event.actor, event.subject, event.detail["by"]) for event in told] == [
        (anya().user, "reads.csv", "browser"),
        (anya().user, "reads.csv", "script"),
    ]


# Files without an event: what the asker brought or may put on a wall.
TAKEN_SILENTLY = {
    "presentation:protocol": "The protocol, of which its hash is published.",
    "presentation:amendments": "What is published beside that protocol.",
    "calendar:feed": "A reader's own sessions, asked for every hour.",
    "calendar:download": "The same, once.",
    "reports:tables:bad_rows": "Rows of a table that the asker has uploaded.",
    "schema": "The description of the interface.",
}


@pytest.mark.django_db
def test_every_file_that_a_page_offers_leaves_an_event_with_who_took_it(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.close(worlds.open_study())
    last = Event.objects.order_by("-pk").values_list("pk", flat=True)
    silent, told = set(), set()
    for url in sorted(every_url() - {"sign_out"}):
        path = address(url, study)
        for someone in (cora(), anya()):
            before = last[0]
            answer = someone.client.get(path)
            if answer.streaming:
                list(answer)
            if "attachment" not in answer.get("Content-Disposition", ""):
                continue
            left = Event.objects.filter(pk__gt=before, actor=someone.user)
            (told if left.exists() else silent).add(url)
    assert silent <= TAKEN_SILENTLY.keys()
    assert {"analysis:metrics_csv", "reports:labels:file", "export:file"} <= told


@pytest.mark.django_db
def test_a_command_on_the_server_names_the_user_of_the_system(monkeypatch):
    monkeypatch.setattr(origin, "_command", "export_study")
    monkeypatch.setenv("LOGNAME", "operator")
    event = record(actor=None, verb="study.exported", stream="s")
    assert event.detail == {"command": "export_study", "system_user": "operator"}
