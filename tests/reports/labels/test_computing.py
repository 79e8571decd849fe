"""Cora lets the reports of a source be labelled; a worker does it, once and for all."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from inference import labeler
from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports.labels import computing, views
from readerstudy.reports.labels.models import CaseLabels, Labelling, LabelSet
from readerstudy.reports.labels.reading import pieces, standing
from readerstudy.reports.labels.tasks import label
from readerstudy.reports.services import source_named
from readerstudy.work import leases
from tests import label_worlds, worlds
from tests.people import cora

pytestmark = pytest.mark.django_db
TEXTS = (
    "No pleural effusion. The heart is enlarged.",
    "Large left pleural effusion.",
    "Possible small pleural effusion.",
)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    made = worlds.collection(cases=4)
    label_worlds.reports(made, "ground_truth", *TEXTS)
    return made


def ask(collection, source="ground_truth", **how):
    path = reverse("reports:labels:compute", args=[collection.name])
    return cora().client.post(path, {"source": source} | how, follow=True)


def test_a_worker_labels_every_current_report_and_keeps_the_words_behind_it(collection):
    page = ask(collection).content.decode()
    assert "0 of 4" in page
    label(Labelling.objects.get().pk)

    made = LabelSet.objects.get()
    assert (made.labelled, made.by) == (4, f"{labeler.NAME} {labeler.VERSION}")
    first, second, third, _ = made.cases.order_by("case__code")
    assert first.values["Pleural Effusion"] == 0
    assert first.values["Cardiomegaly"] == 1
    assert second.values["Pleural Effusion"] == 1
    assert third.values["Pleural Effusion"] == -1
    for row in made.cases.select_related("report"):
        text = computing.text_of(row.report)
        for mention in row.evidence:
            assert text[mention["start"] : mention["end"]] == mention["quote"]
    verbs = Event.objects.filter(verb__startswith="labels.").order_by("pk")
    assert [event.verb for event in verbs] == ["labels.queued", "labels.computed"]


def test_whoever_asks_meanwhile_waits_for_the_same_one(collection):
    ask(collection)
    ask(collection)
    assert Labelling.objects.count() == 1


def test_the_strict_way_is_not_swallowed_by_the_other(collection):
    ask(collection)
    page = ask(collection, strict="on").content.decode()
    assert "being labelled the other way" in page
    assert [each.strict for each in Labelling.objects.all()] == [False]
    label(Labelling.objects.get().pk)
    ask(collection, strict="on")
    assert [each.strict for each in Labelling.objects.order_by("pk")] == [False, True]


def test_an_order_that_ends_meanwhile_is_given_anew(collection, monkeypatch):
    first = label_worlds.ordered(collection)
    label_worlds.ends_when_looked_for(monkeypatch, first)
    second = label_worlds.ordered(collection)
    assert (second.is_unfinished, second == first) == (True, False)


def test_the_same_texts_are_labelled_once(collection):
    first = label_worlds.labels(collection)
    again = label_worlds.labels(collection)
    assert again == first
    assert LabelSet.objects.count() == 1


def test_a_worker_that_lost_its_lease_stores_nothing(collection):
    job = label_worlds.ordered(collection)
    claimed = leases.claim(Labelling, id=job.pk, worker="slow")
    found = computing.labelled_reports(job, lambda labelled: None)
    Labelling.objects.filter(pk=job.pk).update(lease_token="another's")
    assert computing.finish(claimed, found) is None
    assert not LabelSet.objects.exists()


def test_a_source_without_reports_says_what_to_do(collection):
    with pytest.raises(ValidationError, match="no reports in phantoms yet"):
        computing.order(
            collection=collection, source=source_named("nobody"), actor=cora().user
        )


def test_labels_go_stale_when_a_report_changes_or_comes(collection):
    made = label_worlds.labels(collection)
    assert standing(made).is_fresh
    label_worlds.reports(collection, "ground_truth", "Clear lungs.")
    Case.objects.create(collection=collection, code="CXR9")
    worlds.add_reports(collection, "ground_truth")
    assert standing(made).sentence == (
        "1 report has changed and 1 report is not labelled since."
    )
    page = cora().client.get(reverse("reports:labels:label_set", args=[made.pk]))
    assert "These labels are out of date." in page.content.decode()
    assert label_worlds.labels(collection) != made


def test_what_was_labelled_is_never_altered(collection):
    made = label_worlds.labels(collection)
    for rows, change in (
        (LabelSet.objects.filter(pk=made.pk), {"labelled": 9}),
        (CaseLabels.objects.filter(label_set=made), {"values": {}}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_texts_are_cut_where_mentions_meet_and_nothing_is_lost():
    mentions = [
        {"finding": "A", "polarity": "positive", "start": 0, "end": 5},
        {"finding": "B", "polarity": "negative", "start": 3, "end": 8},
    ]
    found = list(pieces("abcdefghij", mentions))
    assert "".join(piece.text for piece in found) == "abcdefghij"
    assert [(piece.text, piece.told) for piece in found] == [
        ("abc", "A: positive"),
        ("de", "A: positive; B: negative"),
        ("fgh", "B: negative"),
        ("ij", ""),
    ]


@given(
    st.lists(st.tuples(st.integers(-2, 22), st.integers(-2, 22)), max_size=12),
    st.text("abc", max_size=20),
)
def test_every_sign_tells_of_all_mentions_over_it(places, text):
    mentions = [
        {"finding": str(number), "polarity": "negative", "start": start, "end": end}
        for number, (start, end) in enumerate(places)
    ]
    found = list(pieces(text, mentions))
    assert "".join(piece.text for piece in found) == text
    told = [piece.told for piece in found for _ in piece.text]
    assert told == [
        "; ".join(
            f"{each['finding']}: negative"
            for each in mentions
            if each["start"] <= place < each["end"]
        )
        for place in range(len(text))
    ]


def test_a_mention_is_looked_at_for_its_own_piece_alone():
    looks = 0

    class Watched(dict):
        def __getitem__(self, key):
            nonlocal looks
            looks += 1
            return super().__getitem__(key)

    mentions = [
        Watched(finding="Edema", polarity="positive", start=start, end=start + 3)
        for start in range(0, 4_000, 4)
    ]
    assert len(list(pieces("Edema, " * 600, mentions))) > 1_999
    assert looks < 20 * len(mentions)


def test_the_page_shows_counts_and_marks_and_filters_to_a_finding(collection):
    made = label_worlds.labels(collection)
    path = reverse("reports:labels:label_set", args=[made.pk])
    asked = {"finding": "Pleural Effusion", "says": "negative"}
    page = cora().client.get(path, asked).content.decode()
    assert "1 case: Pleural Effusion, negative" in page
    assert 'class="said-negative"' in page
    assert "Cardiomegaly: positive" not in page
    blank = cora().client.get(path, {"finding": "Edema", "says": "blank"})
    assert "4 cases: Edema, blank" in blank.content.decode()


def test_the_next_page_of_texts_keeps_the_filter(collection, monkeypatch):
    monkeypatch.setattr(views, "CASES_PER_PAGE", 3)
    made = label_worlds.labels(collection)
    path = reverse("reports:labels:label_set", args=[made.pk])
    asked = {"finding": "Edema", "says": "blank"}
    page = cora().client.get(path, asked).content.decode()
    assert page.count("<article") == 3
    (further,) = re.findall(r'href="([^"]*after=[^"#]*)#cases">Next page', page)
    rest = cora().client.get(path + further.replace("&amp;", "&")).content.decode()
    assert rest.count("<article") == 1
    assert "4 cases: Edema, blank" in rest and "Next page" not in rest


def test_labels_and_evidence_can_be_taken_away(collection):
    made = label_worlds.labels(collection)

    def file(kind):
        answer = cora().client.get(reverse("reports:labels:file", args=[made.pk, kind]))
        return b"".join(answer).decode().splitlines()

    header, first, *_ = file("labels")
    assert header.startswith("study_id,No Finding,Enlarged Cardiomediastinum")
    assert first.startswith("CXR1,") and first.count(",") == 14
    assert file("evidence")[0] == "study_id,finding,polarity,quote,start,end,rule"
