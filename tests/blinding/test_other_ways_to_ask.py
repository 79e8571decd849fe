"""Asked otherwise than by a GET of a browser: HEAD, OPTIONS, conditions, ranges, other
methods, tokens, addresses of what is not there. Not a byte tells the arms apart."""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.studies.models import Study
from tests import worlds
from tests.blinding.alike import assert_alike
from tests.blinding.exchange import (
    OF_A_SLOT,
    Answer,
    comparable,
    exchange_what_is_behind,
    open_to_readers,
    undone,
)
from tests.people import person, rosa
from tests.test_permissions import OF_AN_IMAGE, address

CONDITIONS = [
    {"If-None-Match": "*"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Range": "bytes=0-9"},
    {"Accept-Encoding": "gzip, br"},
    {"HX-Request": "true"},
]
METHODS = ("head", "options", "delete", "put", "post")


@pytest.fixture
def study(settings, tmp_path) -> Study:
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, undo_seconds=600)
    worlds.grade_next(study.membership_set.readers().get(), "A")
    rosa().client.get(reverse("grading:next", args=[study.code]), follow=True)
    return study


def paths(study: Study) -> list[str]:
    """Each address that is open to readers; those of a slot for a slot of each arm."""
    urls = open_to_readers() - {"schema"}
    slots = Slot.objects.of_study(study).order_by("position")
    arms = study.arm_set.values_list("pk", flat=True)
    ids = [slots.filter(presented__arm=arm)[0].public_id for arm in arms]
    found = [address(url, study) for url in sorted(urls - OF_A_SLOT)]
    for url in sorted((urls | {"api:grade", "api:draft"}) & OF_A_SLOT):
        more = [0] if url in OF_AN_IMAGE else []
        found += [reverse(url, args=[id_, *more]) for id_ in ids]
    return found


def asked(client: Client, each: list[str]) -> dict[tuple[str, str], Answer]:
    found = {}
    for path in each:
        with undone():
            for method in METHODS:
                answer = getattr(client, method)(path)
                found[path, method] = comparable(answer)
            for headers in CONDITIONS:
                answer = client.get(path, headers=headers)
                found[path, str(headers)] = comparable(answer)
    return found


@pytest.mark.django_db
def test_methods_conditions_and_ranges_tell_nothing(study):
    client, each = rosa().client, paths(study)
    before = asked(client, each)
    exchange_what_is_behind(study)
    assert_alike(asked(client, each), before)
    # Nothing is answered by "as before", and nothing in parts.
    assert not {answer[0] for answer in before.values()} & {206, 304, 412, 416, 500}


@pytest.mark.django_db
def test_the_token_of_a_reader_opens_no_more(study):
    key = {"Authorization": f"Token {worlds.token(rosa()).key}"}
    client, each = Client(headers=key), paths(study)
    with_token = {path: comparable(client.get(path)) for path in each}
    exchange_what_is_behind(study)
    assert {path: comparable(client.get(path)) for path in each} == with_token
    opened = {path for path, answer in with_token.items() if answer[0] == 200}
    api = {path for path in opened if path.startswith("/api/v1/")}
    # What a token opens, a session opens as well, with the same bytes.
    for path in api:
        assert comparable(rosa().client.get(path))[3] == with_token[path][3]
    assert api


@pytest.mark.django_db
def test_what_is_there_for_another_looks_like_what_is_not_there(settings, tmp_path):
    """Slots of another reader in either arm, and of nobody: one refusal."""
    settings.MEDIA_ROOT = tmp_path
    ravi = person("Ravi")
    study = worlds.open_study(cases=2, distance=1, readers=[rosa(), ravi])
    hers = Slot.objects.of_study(study).filter(reader__user=rosa().user)
    first, second = study.arm_set.order_by("position")
    ids = [hers.filter(presented__arm=arm)[0].public_id for arm in (first, second)]
    for url in sorted(OF_A_SLOT):
        more = [0] if url in OF_AN_IMAGE else []
        refused = []
        for public_id in (*ids, "0123456789abcdef"):
            path = reverse(url, args=[public_id, *more])
            refused.append(
                [
                    comparable(getattr(ravi.client, method)(path))
                    for method in ("get", "head", "post", "put")
                ]
            )
        assert refused[0] == refused[1] == refused[2], url
        assert {answer[0] for answer in refused[0]} <= {404, 405}


@pytest.mark.django_db
def test_the_number_of_an_arm_or_a_report_tells_nothing_either(study):
    """Rows of either arm, and rows that are not there: one refusal for a reader."""
    first, second = study.arm_set.order_by("position")
    reports = [
        PresentedReport.objects.filter(arm=arm)[0].report_id for arm in (first, second)
    ]
    of_an_arm = ("studies:remove_arm", "reports:self_test", "reports:overrule")
    numbers = dict.fromkeys(of_an_arm, (first.pk, second.pk, 0))
    numbers["reports:sources:report"] = (*reports, 0)
    for url, rows in numbers.items():
        refused = [
            [
                comparable(getattr(rosa().client, method)(reverse(url, args=args)))
                for method in ("get", "post")
            ]
            for args in ([study.code, row] for row in rows)
        ]
        assert refused[0] == refused[1] == refused[2], url
