"""Exchange what is behind every text, and compare what a person gets before and after.

The texts stay where they are; what a reader must not know changes places."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.test import Client
from django.urls import reverse

from readerstudy.grading.before.pattern import Pattern
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.reports.models import Report, SelfTestResult
from readerstudy.reports.services import source_named
from readerstudy.studies.models import Arm, Study
from tests.blinding.alike import assert_alike
from tests.lifted import lifted
from tests.test_permissions import BODIES, OF_AN_IMAGE, address, lines

OF_A_SLOT = {
    *(f"grading:{name}" for name in ("read", "following", "amend")),
    "presentation:window",
    *(f"api:{name}" for name in ("image", "preview", "frame", "draft", "grade")),
    *(f"api:{name}" for name in ("open", "undo")),
}
CLOCKS = {"set-cookie", "date", "expires"}
# Tokens and times of day differ from answer to answer.
FLEETING = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=csrf-token" content=")[^"]*'
    rb'|(?<="X-CSRFToken": ")[^"]*|(?<=name="pattern" value=")[^"]*'
    rb'|(?<=ed_at":")[^"]*|(?<=undo_until":")[^"]*'
    # What a passkey is to sign.
    rb'|(?<="challenge": ")[^"]*'
    # The address of a new calendar, and when it was made.
    rb"|(?<=/calendar/)[\w-]{20,}(?=\.ics)|(?<=has an address, made on )[^.]*"
)

PATTERN = Pattern("top_left", "bottom_right", 10, "level")

Answer = tuple[int, list[tuple[str, str]], list[str], bytes]


def comparable(answer) -> Answer:
    """An answer without what differs at every visit: status, headers, cookies, body."""
    headers = [pair for pair in answer.items() if pair[0].lower() not in CLOCKS]
    content = b"".join(answer) if answer.streaming else answer.content
    body = FLEETING.sub(b"", content)
    return answer.status_code, sorted(headers), sorted(answer.cookies), body


def open_to_readers() -> set[str]:
    """The addresses that answer a reader of the study with more than a refusal."""
    return {
        line["url"]
        for line in lines()
        if line["method"] == "GET" and line["reader"] in {"200", "204", "302"}
    }


def paths_of(study: Study, urls: set[str]) -> list[str]:
    """The paths of these addresses, those of a slot for each slot.

    Rows that an address needs are made, so that looking twice finds the same.
    """
    slots = Slot.objects.of_study(study).order_by("position")
    ids = list(slots.values_list("public_id", flat=True))
    paths = [address(url, study) for url in sorted(urls - OF_A_SLOT)]
    paths += [
        reverse(url, args=[id_, 0] if url in OF_AN_IMAGE else [id_])
        for url in sorted(urls & OF_A_SLOT)
        for id_ in ids
    ]
    return paths


def fetched(client: Client, paths: list[str]) -> dict[str, Answer]:
    """What a reader gets at these paths."""
    return {path: comparable(client.get(path)) for path in paths}


def told(client: Client, study: Study) -> list[Answer]:
    """The answers to drafts and grades, good and bad ones; nothing of it is kept."""
    slot = Slot.objects.of_study(study).filter(grade=None).order_by("position").first()
    if slot is None:
        return []
    bodies = [BODIES["api:draft"], BODIES["api:grade"]]
    urls = [reverse(name, args=[slot.public_id]) for name in ("api:draft", "api:grade")]
    other = BODIES["api:grade"] | {"letter": "D"}
    asked = [
        (client.put, urls[0], bodies[0]),
        (client.put, urls[0], {}),
        (client.post, urls[1], {"letter": "E"}),
        (client.post, urls[1], bodies[1]),
        (client.post, urls[1], bodies[1]),
        (client.post, urls[1], other),
        (client.options, urls[1], {}),
        (client.post, reverse("api:open", args=[slot.public_id]), {}),
        (client.post, reverse("api:undo", args=[slot.public_id]), {}),
    ]
    form = reverse("grading:read", args=[slot.public_id])
    with undone():
        answers = [client.post(form, {"letter": "A", "idempotency_key": "a-form-key"})]
    last = Slot.objects.of_study(study).exclude(grade=None).order_by("position").last()
    if last:
        again = [
            reverse(url, args=[last.public_id]) for url in ("api:undo", "api:open")
        ]
        asked += [(client.post, url, {}) for url in again]
        asked.append((client.post, reverse("api:grade", args=[last.public_id]), other))
    with undone():
        for ask, url, body in asked:
            answers.append(ask(url, json.dumps(body), content_type="application/json"))
    # What was refused is said on the next page: on this one, not on one compared.
    client.get(reverse("home"))
    return [comparable(answer) for answer in answers]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside was never written."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def exchange_what_is_behind(study: Study) -> None:
    """Put the other arm and the other report behind every text.

    Slots, ids and texts stay; arm, source and everything that is known of the report's
    making change places.
    """
    first, second = study.arm_set.order_by("position")
    presented = PresentedReport.objects.filter(study=study)
    behind = dict(presented.values_list("id", "arm"))
    of_case = {(row.case_id, row.arm_id): row.report_id for row in presented}
    with lifted("studies_arm", "presentation_presentedreport"):
        between = Arm.objects.create(
            study=study, position=9, name="between", source="none"
        )
        presented.filter(arm=first).update(arm=between)
        presented.filter(arm=second).update(arm=first)
        presented.filter(arm=between).update(arm=second)
        between.delete()
        for row in presented.all():
            assert row.arm_id != behind[row.pk]
            presented.filter(pk=row.pk).update(report=of_case[row.case_id, row.arm_id])


def find_out(source: str) -> None:
    """Let a self-test have found out that the source of one arm ignores the pixels."""
    SelfTestResult.objects.create(
        source=source_named(source),
        fingerprint="f" * 64,
        verdict="ignores",
        sentence="100% of the reports stay word for word the same.",
        outcome={},
    )


def assert_blind(client: Client, study: Study, urls: set[str]) -> None:
    """Exchange what is behind the texts, and back: a reader sees no difference."""
    seen, paths = [], paths_of(study, urls)
    for _ in range(2):
        seen.append((fetched(client, paths), told(client, study)))
        exchange_what_is_behind(study)
    assert_alike(*seen)


def exchange_readings(study: Study) -> None:
    """Let the first reading of each report that comes again be its second, and back."""
    spare = PresentedReport.objects.filter(study=study).exclude(
        slot__in=Slot.objects.of_study(study).filter(repeat=1)
    )[0]
    for again in Slot.objects.of_study(study).filter(repeat=1):
        first = Slot.objects.filter(reader=again.reader, presented=again.presented)
        # A report has one second reading at a time: it waits with another report.
        with lifted("presentation_slot"):
            Slot.objects.filter(pk=again.pk).update(presented=spare)
            first.update(repeat=1)
            held = {"presented": again.presented_id, "repeat": 0}
            Slot.objects.filter(pk=again.pk).update(**held)


def exchange_what_is_practised(study: Study, source: str) -> None:
    """Let another source have written the reports to practise on."""
    practised = Report.objects.filter(practicecase__study=study)
    with lifted("reports_report"):
        practised.update(source=source_named(source))
