"""Cora exports a conversation as a figure or as its words; it leaves an event."""

import json
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from inference.panel.reading import read_conversation
from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports.console import services
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db
MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF-1.", "json": b"{"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.open_study()


def exported(study, talk, client=None, **form):
    path = reverse("reports:console:export", args=[study.code, talk.pk])
    return (client or cora().client).post(path, form)


def told_after(study, talk, **form):
    """What the page says once an export was asked for."""
    client = cora().client
    exported(study, talk, client, **form)
    page = reverse("reports:console:conversation", args=[study.code, talk.pk])
    return client.get(page).content.decode()


def events():
    return Event.objects.filter(verb="console.exported").order_by("id")


@pytest.mark.parametrize("kind", MAGIC)
def test_each_kind_comes_as_a_file_and_is_recorded(study, kind):
    talk = worlds.conversation(study)
    answer = exported(study, talk, kind=kind, with_truth="on")
    assert answer.status_code == 200
    assert answer.content.startswith(MAGIC[kind])
    name = f'attachment; filename="acceptability-cxr1-conversation-{talk.pk}.{kind}"'
    assert answer["Content-Disposition"] == name
    event = events().get()
    assert (event.actor, event.stream_id) == (cora().user, study.code)
    assert event.detail == {
        "conversation": talk.pk,
        "questions": 1,
        "kind": kind,
        "ground_truth": True,
    }


def test_the_figure_shows_what_was_answered_and_the_truth_if_asked_for(study):
    talk = worlds.conversation(study, "A nodule <left> & “effusion”.")
    ask = {"conversation": talk, "actor": cora().user, "kind": "free"}
    services.ask(**ask, question="Not answered yet?")

    def text(**form):
        root = ElementTree.fromstring(exported(study, talk, kind="svg", **form).content)
        return " ".join("".join(root.itertext()).split())

    told = text(with_truth="on")
    assert "A nodule <left> & “effusion”." in told
    assert "Not answered yet?" not in told
    assert "Ground truth" in told and "Text ground_truth on CXR1." in told
    assert "Case: CXR1" in told and "Not for clinical use." in told
    assert "Ground truth" not in text()


def test_the_words_alone_make_the_same_panel_on_the_command_line(study, tmp_path):
    talk = worlds.conversation(study, "A nodule.")
    turn = services.ask(
        conversation=talk, actor=cora().user, kind="free", question="심장은?"
    )
    worlds.answered(turn, "정상.")
    labels = services.ask(conversation=talk, actor=cora().user, kind="labels")
    worlds.answered(labels, "None of them.")
    path = tmp_path / "saved.json"
    path.write_bytes(exported(study, talk, kind="json", with_truth="on").content)
    exchanges, made = read_conversation(path, "")
    answers = [each.answer for each in exchanges]
    assert answers == ["A nodule.", "정상.", "None of them."]
    assert exchanges[1].question == "심장은?"
    assert made["weights_sha256"] == "a" * 64
    saved = json.loads(path.read_text())
    assert saved["ground_truth"] == [
        ["", "The heart is normal. Text ground_truth on CXR1."]
    ]


def test_without_an_answer_there_is_nothing_to_export(study):
    case = Case.objects.of_study(study).first()
    turn = services.begin(study=study, case=case, actor=cora().user, kind="report")
    text = told_after(study, turn.conversation, kind="png")
    assert "There is no answer yet that could be exported." in text
    assert not events().exists()


def test_an_unknown_kind_and_a_lost_radiograph_are_refused_in_a_sentence(study):
    talk = worlds.conversation(study)
    told = told_after(study, talk, kind="gif")
    assert "gif is not one of the available choices" in told
    image = talk.image
    image.frame_file.storage.delete(image.frame_file.name)
    told = told_after(study, talk, kind="svg")
    assert "The stored radiograph of case CXR1 can&#x27;t be read" in told
    assert not events().exists()


def test_signs_that_no_font_has_are_said_on_the_next_page(study):
    talk = worlds.conversation(study, "\U00012000 is cuneiform.")
    told = told_after(study, talk, kind="pdf")
    assert "No font of this machine has \U00012000" in told
    assert events().count() == 1
