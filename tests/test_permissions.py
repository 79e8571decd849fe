"""permissions.csv and how each address in it is asked; test_permission_matrix.py asks.

A person of another study must get 404, a person of this study with the wrong role
403, and an address that is missing from the file fails the test.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings as settings_of_site
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from readerstudy.access import membership
from readerstudy.accounts.authentication import sha256_of_key
from readerstudy.analysis.findings.models import (
    FindingsJob,
    FindingsRun,
    MetricAgreement,
)
from readerstudy.analysis.services import compute
from readerstudy.cases.models import Case, Collection, Delivery, Image
from readerstudy.export.models import BundleOrder, ExportBundle
from readerstudy.grading.models import CalendarFeed
from readerstudy.presentation.models import Slot
from readerstudy.reports.labels.models import LabelSet, LabelUpload
from readerstudy.reports.models import Report
from readerstudy.studies.models import Invitation, Study
from tests import label_worlds, moving_worlds, webhook_worlds, worlds
from tests.people import Person, anya, cora, join, person, rosa

# Addresses of a slot's radiographs, by the slot's id and the number of the radiograph.
OF_AN_IMAGE = {"api:image", "api:preview", "api:frame"}
# Addresses of a collection, by its name.
OF_A_COLLECTION = (
    *("collection", "dates", "removed_csv", "burned_in", "search", "looked_at"),
)
OF_TEXTS = ("texts", "looked_at", "sign_off")
ON_COLLECTIONS = ("bulk", "look", "duplicates", "tell_apart")
PRACTICE_IMAGE = ("image", "preview", "frame")
STATES = ["draft", "frozen", "open", "paused", "closed", "archived"]
# An address, a method, states of the study, and the status for each role.
Line = dict[str, str]


@cache
def lines() -> list[Line]:
    """The lines of the file, one per state of the study where a line names several."""
    with Path(__file__).with_name("permissions.csv").open() as rows:
        return [
            line | {"state": state}
            for line in csv.DictReader(rows)
            for state in line["state"].split()
        ]


def every_part() -> Iterator[tuple[str, set[str]]]:
    """The names of all addresses that the site resolves, with those of their parts."""

    def walk(
        resolver: URLResolver, prefix: str, above: set[str]
    ) -> Iterator[tuple[str, set[str]]]:
        for entry in resolver.url_patterns:
            parts = above | set(entry.pattern.converters)
            if isinstance(entry, URLResolver):
                space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
                yield from walk(entry, space, parts)
            elif isinstance(entry, URLPattern):
                yield f"{prefix}{entry.name}", parts

    yield from walk(get_resolver(), "", set())


def every_url() -> set[str]:
    """The names of all addresses that the site resolves."""
    return {url for url, _ in every_part()}


def test_every_address_stands_in_the_matrix():
    assert every_url() - {line["url"] for line in lines()} == set()
    assert {line["url"] for line in lines()} - every_url() == set()


@pytest.mark.django_db
def test_every_method_of_an_address_stands_in_the_matrix(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    listed = {(line["url"], line["method"]) for line in lines()}
    answered = set()
    for url in every_url():
        # What no view takes is refused with the methods that it would take.
        refusal = cora().client.generic("TRACE", address(url, study))
        assert refusal.status_code == 405, url
        answered |= {(url, method) for method in refusal["Allow"].split(", ")}
    quiet = {"HEAD", "OPTIONS"}
    assert {pair for pair in answered - listed if pair[1] not in quiet} == set()


def other_people() -> dict[str, Person]:
    """Three people with roles in a study of their own."""
    owner = person("Otto", may_create_studies=True)
    other = Study.objects.create(
        code="elsewhere", title="Elsewhere", created_by=owner.user
    )
    reader, analyst = person("Olga"), person("Omar")
    join(other, owner, "coordinator")
    join(other, reader, "reader", "R1")
    join(other, analyst, "analyst")
    return {
        "other_reader": reader,
        "other_coordinator": owner,
        "other_analyst": analyst,
    }


def study_in(state: str) -> Study:
    if state == "draft":
        return worlds.draft_study()
    if state in {"frozen", "paused", "archived"}:
        made: Study = getattr(worlds, f"{state}_study")()
        return made
    study = worlds.open_study()
    return worlds.close(study) if state == "closed" else study


def address(url: str, study: Study) -> str:
    """The address under test, for the study's own rows."""
    slot = Slot.objects.of_study(study).order_by("position").first()
    public_id = slot.public_id if slot else "none"
    image = Image.objects.order_by("id").first()
    arguments: dict[str, list[object]] = {
        "accounts:tokens": [],
        "studies:remove_arm": [study.code, study.arm_set.first().pk],
        "studies:remove_member": [study.code, study.membership_set.last().pk],
        "reports:self_test": [study.code, study.arm_set.first().pk],
        "reports:overrule": [study.code, study.arm_set.first().pk],
        "cases:pacs:find": [],
        "cases:collection": ["phantoms"],
        "reports:tables:tables": [],
        "reports:sources:sources": [],
        "reports:sources:source": ["ground_truth"],
        "reports:sources:add": ["endpoint"],
        "reports:sources:sending": ["phantoms"],
        "cases:image": [image.pk],
        "cases:override": [image.pk],
        **{f"cases:deidentification:{name}": ["phantoms"] for name in OF_A_COLLECTION},
        "cases:deidentification:image": [image.pk],
        "cases:deidentification:picture": [image.pk],
        "cases:deidentification:regions": [image.pk],
        "cases:deidentification:add_region": [image.pk],
        "cases:deidentification:remove_region": [image.pk, 1],
        **{f"reports:review:{name}": ["phantoms"] for name in OF_TEXTS},
        **{f"cases:{name}": ["phantoms"] for name in ON_COLLECTIONS},
        **{f"cases:{name}": [image.case_id] for name in ("set_aside", "take_back")},
        "cases:drawn_image": [study.code, image.pk],
        **{f"grading:{name}": [public_id] for name in ("read", "following", "amend")},
        "presentation:window": [public_id],
        "presentation:remove_practice": [study.code, 1],
        "grading:practice_case": [study.code, 1],
        **{f"api:practice_{name}": [study.code, 1] for name in PRACTICE_IMAGE},
        "grading:guess": [study.code, 1],
        "grading:open_guess": [study.code, 1],
        "export:file": [study.code, "reads.csv"],
        "export:reads": [study.code, "fhir"],
        "api:studies": [],
        "api:results": [study.code],
        "api:tables": [study.code],
        "api:table": [study.code, "pairs.csv"],
    }
    if url in {"export:order", "export:retry", "export:stored"}:
        return reverse(url, args=[study.code, exported(url, study)])
    if url.startswith("webhooks:"):
        told = webhook_worlds.undelivered(study)
        row = {"webhooks": [], "redeliver": [told.pk]}
        name = url.rsplit(":", 1)[1]
        return reverse(url, args=[study.code, *row.get(name, [told.webhook_id])])
    if url.startswith("calendar:"):
        return calendar_address(url)
    if url in {"people:accept", "people:take_back"}:
        key, invitation_id = invited(study)
        if url == "people:accept":
            return reverse(url, args=[key])
        return reverse(url, args=[study.code, invitation_id])
    if url.startswith(("account:", "account_", "mfa_", "socialaccount_", "openid_")):
        own = {"account:unlink_hospital": [0], "mfa_remove_webauthn": [0]}
        own |= {f"openid_connect_{way}": ["none"] for way in ("login", "callback")}
        return reverse(url, args=own.get(url, []))
    if url == "cases:undo":
        return reverse(url, args=[worlds.bulk_change().pk])
    if url == "cases:lift_exclusion":
        # What is read is fixed once a study is frozen: it has no exclusion to lift.
        struck = worlds.left_out(study).pk if study.is_draft else 0
        return reverse(url, args=[study.code, struck])
    if url == "accounts:revoke_token":
        return reverse(url, args=[worlds.token(anya()).key_sha256[:16]])
    if url == "presentation:blinding:result":
        audit = study.blindingaudit_set.first()
        return reverse(url, args=[study.code, audit.pk if audit else 0])
    if url in moving_worlds.OF_AN_ARRIVAL:
        return moving_worlds.address(url)
    if url.startswith("reports:tables:") and url not in arguments:
        return reverse(url, args=[worlds.table().token])
    if url == "reports:sources:report":
        return reverse(url, args=[study.code, Report.objects.first().pk])
    if url.startswith(("reports:labels:", "analysis:findings:")):
        return findings_address(url)
    if url.startswith("analysis:"):
        return analysis_address(url, study)
    if url.startswith("cases:intake:"):
        return intake_address(url)
    if url.startswith("reports:console:"):
        return console_address(url, study)
    if url.startswith("grading:rehearsal:"):
        return rehearsal_address(url, study)
    if url in OF_AN_IMAGE:
        return reverse(url, args=[public_id, 0])
    if url in arguments:
        return reverse(url, args=arguments[url])
    if url.startswith("api:"):
        return reverse(url, args=[public_id])
    site_wide = {
        *("set_up:new", "cases:collections", "cases:deidentification:profile"),
        "export:unpack",
        *(f"operations:{page}" for page in ("metrics", "work", "retry", "storage")),
    }
    if ":" in url and url not in site_wide:
        return reverse(url, args=[study.code])
    return reverse(url)


def invited(study: Study) -> tuple[str, int]:
    """The key of an invitation to a study, made on first use, and its row."""
    key = f"key-to-{study.code}"
    found = Invitation.objects.filter(key_sha256=sha256_of_key(key)).first()
    if found is None and not study.is_closed:
        found = worlds.invitation(study)
        found.key_sha256 = sha256_of_key(key)
        found.save()
    return key, found.pk if found else 0


def calendar_address(url: str) -> str:
    """An address of calendars; that of Rosa's is made on first use."""
    if url != "calendar:feed":
        return reverse(url)
    key = "key-to-the-calendar-of-rosa"
    hashed = {"key_sha256": sha256_of_key(key)}
    CalendarFeed.objects.get_or_create(user=rosa().user, defaults=hashed)
    return reverse(url, args=[key])


def intake_address(url: str) -> str:
    """The address of a delivery that waits for its file; begun if there is none."""
    if url in {"cases:intake:deliveries", "cases:intake:bring_in"}:
        return reverse(url)
    delivery = Delivery.objects.first() or worlds.delivery()
    arguments = [delivery.pk]
    if url == "cases:intake:chunk":
        arguments.append(delivery.files.get().pk)
    return reverse(url, args=arguments)


def exported(url: str, study: Study) -> int:
    """A bundle that was kept, or the order of one that failed; made on first use."""
    if url == "export:stored":
        bundle = ExportBundle.objects.filter(study=study).exclude(file="").first()
        if bundle is None:
            kept = default_storage.save("bundles/kept.zip", ContentFile(b"PK"))
            bundle = ExportBundle.objects.create(
                study=study, file=kept, size=2, sha256=sha256(b"PK").hexdigest()
            )
        return bundle.pk
    failed = {"study": study, "status": "failed"}
    order = BundleOrder.objects.filter(**failed).first()
    return (order or BundleOrder.objects.create(asked_by=cora().user, **failed)).pk


def analysis_address(url: str, study: Study) -> str:
    """The address of a results page; of rows that an open study can't have, of none."""
    run_id = exclusion_id = 0
    if study.is_closed:
        run = study.analysisrun_set.first() or compute(study=study, actor=None)
        run_id = run.pk
        # The analysis of an archived study stays as it is.
        left_out = study.exclusion_set.first()
        if left_out is None and study.state == Study.State.CLOSED:
            left_out = worlds.exclusion(study)
        exclusion_id = left_out.pk if left_out else 0
        if url == "analysis:metrics_csv":
            result = {"draws": 0, "seed": 0, "metrics": [], "warnings": []}
            MetricAgreement.objects.get_or_create(
                study=study, status="done", defaults={"result": result}
            )
    case = Case.objects.order_by("id").first()
    row: list[object] = {
        "section": ["table-5"],
        "run_section": [run_id, "overview"],
        "figure": [run_id, "flow", "svg"],
        "lift": [exclusion_id],
        "disagreement": [case.pk],
        "radiograph": [case.pk],
    }.get(url.rsplit(":", 1)[1], [])
    return reverse(url, args=[study.code, *row])


def findings_address(url: str) -> str:
    """The address of labels or of a comparison of them; made on first use."""
    made = Collection.objects.get(name="phantoms")
    name = url.rsplit(":", 1)[1]
    if name in {"compute", "bring_in", "collection", "new"}:
        return reverse(url, args=[made.name])
    if name in {"check", "drop"}:
        upload = LabelUpload.objects.first() or label_worlds.uploaded(
            made, b"study_id,Edema\nCXR1,1\nCXR2,0\n"
        )
        return reverse(url, args=[upload.token])
    if name in {"progress", "storing"}:
        return reverse(url, args=[label_worlds.awaited(made, name).pk])
    first = LabelSet.objects.first() or label_worlds.labels(made)
    if url.startswith("reports:labels:"):
        return reverse(url, args=[first.pk, *(["labels"] if name == "file" else [])])
    if name in {"job", "retry"}:
        # One that failed: it stays a page of its own.
        failed = {"collection": made, "status": "failed"}
        compared = LabelSet.objects.exclude(pk=first.pk).first()
        compared = compared or label_worlds.labels(made, "cxr_llava")
        asked = label_worlds.asked(first, compared).as_json()
        job = FindingsJob.objects.filter(**failed).first()
        job = job or FindingsJob.objects.create(asked=asked, **failed)
        return reverse(url, args=[job.pk])
    run = FindingsRun.objects.first() or label_worlds.compared(
        first, label_worlds.labels(made, "cxr_llava")
    )
    return reverse(url, args=[run.pk, *(["findings.csv"] if name == "file" else [])])


def console_address(url: str, study: Study) -> str:
    """The address for a conversation of the study, which is begun if there is none."""
    talk = study.conversation_set.first() or worlds.conversation(study)
    row = {
        "case": talk.case_id,
        "image": talk.image_id,
        "conversation": talk.pk,
        "export": talk.pk,
        "turn": talk.turns.first().pk,
        "retry": talk.turns.first().pk,
    }.get(url.rsplit(":", 1)[1])
    return reverse(url, args=[study.code] + ([row] if row else []))


def rehearsal_address(url: str, study: Study) -> str:
    """The address of the first page of a rehearsal, or of its first session."""
    place: list[object] = {"start": [], "window": []}.get(url.rsplit(":", 1)[1], [1])
    if url.rsplit(":", 1)[1] in PRACTICE_IMAGE:
        place = [1, 0]
    return reverse(url, args=[study.code, *place])


BODIES = {
    "cases:intake:announce": {"files": [{"name": "CXR1.dcm", "size": 9}]},
    "api:draft": {"letter": "A", "comment": ""},
    "api:grade": {
        "letter": "A",
        "comment": "",
        "idempotency_key": "a-key-of-a-client",
    },
}
BODIES |= {
    f"grading:rehearsal:{name}": BODIES[f"api:{name}"] for name in ("draft", "grade")
}


FORMS = {
    "accounts:tokens": {"name": "Notebook", "scope": "results", "days": "90"},
    "studies:add_arm": {"label": "Another", "source": "another"},
    "studies:add_member": {"user": "omar", "role": "analyst"},
    "studies:amend": {"field": "title", "value": "Other", "reason": "Asked for."},
    "lifecycle:pause": {"reason": "A server moves."},
    "lifecycle:archive": {"is_sure": "on"},
    "presentation:thaw": {"reason": "A case is missing.", "is_sure": "on"},
    "lifecycle:unblind": {"reason": "Harm is feared.", "is_sure": "on"},
    "lifecycle:confirm_unblind": {"sealed": "", "typed_code": "acceptability"},
    "people:invitations": {"name": "Ruth", "role": "analyst", "days": "14"},
    "webhooks:webhooks": {"receiver": "registry", "kinds": ["study.closed"]},
    "people:withdraw": {"reason": "Ill.", "rule": "excluded", "is_sure": "on"},
    "grading:close": {"is_sure": "on", "accepted_missing": "12", "reason": "Done."},
    "cases:of_study": {"collection": "phantoms", "seed": "1", "unknown": "0"},
    "cases:exclude": {"codes": "CXR1", "reason": "quality"},
    "cases:set_aside": {"reason": "Twice."},
    "cases:intake:bring_in": {
        "collection": "clinic",
        "origin": "upload",
        "layout": "radiographs",
        "code_from": "stem",
    },
    "cases:override": {"view": "frontal", "stratum": "normal"},
    "presentation:freeze": {"is_sure": "on"},
    "cases:deidentification:add_region": {
        **{"left": "1", "top": "1", "width": "4", "height": "4"},
    },
    "reports:review:looked_at": {"source": "ground_truth", "kind": "name"},
    "presentation:blinding:run": {
        "layout_profile": "even/2",
        "redaction": "ellipsis",
    },
    "presentation:blinding:layout": {
        "layout_profile": "even/2",
        "redaction": "ellipsis",
    },
    "export:copy": {"code": "again", "title": "Again", "cases": "same"},
    "grading:amend": {"reason": "A slip of the finger."},
    "analysis:lift": {"reason": "It can be read."},
    "reports:console:case": {"kind": "report"},
    "reports:sources:sources": {
        "name": "other_weights",
        "checkpoint": str(settings_of_site.CXR_LLAVA_CHECKPOINT),
    },
    "reports:tables:file": {"encoding": "utf-8", "delimiter": "44"},
    "reports:tables:columns": {"case": "0", "rule": "exact", "report": "1"}
    | {"doubled": "none", "source": "another"},
    "operations:retry": {"kind": "reports.job"},
    "reports:console:conversation": {"kind": "differential"},
    "reports:console:export": {"kind": "svg"},
}


def ask(client: Client, line: Line, path: str) -> HttpResponse:
    method: Callable[..., HttpResponse] = getattr(client, line["method"].lower())
    if line["url"] in BODIES:
        return method(
            path, json.dumps(BODIES[line["url"]]), content_type="application/json"
        )
    return method(path, FORMS.get(line["url"], {}))


@contextmanager
def forgotten(client: Client) -> Iterator[None]:
    """Whatever a request stores, signs out or leaves in the browser is as before."""
    cookies = client.cookies.output()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    if client.cookies.output() != cookies:
        client.cookies.clear()
        client.cookies.load(cookies.replace("Set-Cookie: ", ""))


def by_world(asked: Iterable[Line]) -> list[list[Line]]:
    """Lines apart by the rows that their addresses want: those of an app together."""
    groups: dict[tuple[str, bool], list[Line]] = {}
    for line in asked:
        app, _, name = line["url"].rpartition(":")
        groups.setdefault((app, name.startswith("practice_")), []).append(line)
    return list(groups.values())


@contextmanager
def addressed(study: Study, group: list[Line]) -> Iterator[list[tuple[Line, str]]]:
    """The lines of a group with their paths; the rows behind them are there inside."""
    with transaction.atomic():
        if any(":practice_" in line["url"] for line in group):
            worlds.practice_case(study)
        yield [(line, address(line["url"], study)) for line in group]
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_reader_cannot_reach_the_slot_of_another_reader(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ravi = person("Ravi")
    study = worlds.open_study(readers=[rosa(), ravi])
    hers = Slot.objects.of_study(study).filter(reader__user=rosa().user).first()
    image = reverse("api:image", args=[hers.public_id, 0])
    assert rosa().client.get(image).status_code == 200
    of_the_slot = {"grading:read", "grading:following", "presentation:window"}
    for url in OF_AN_IMAGE | of_the_slot:
        numbers = [0] if url in OF_AN_IMAGE else []
        path = reverse(url, args=[hers.public_id, *numbers])
        assert ravi.client.get(path).status_code == 404


def test_who_is_not_signed_in_is_nobody_to_the_only_door(rf):
    """The site asks for a sign-in before any view; the door does not rely on it."""
    request = rf.get("/studies/acceptability/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied, match="Sign in first"):
        membership(request, "acceptability")
