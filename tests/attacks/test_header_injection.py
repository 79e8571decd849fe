"""Line breaks in names: none begins a header of an answer, or of a letter."""

import json

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from readerstudy.accounts.models import User
from readerstudy.cases.models import Case, DeliveredFile, Image
from readerstudy.reports.labels.models import LabelSet, LabelUpload
from readerstudy.reports.tables.models import TableImport
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, rosa
from tests.tables import filled_tables
from tests.test_permissions import address, ask, forgotten, lines

pytestmark = pytest.mark.django_db
BREAKS = ["\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "\r\n\r\n<p>evil</p>"]
WITH_A_NAME = (Case, DeliveredFile, Image, LabelSet, LabelUpload, TableImport)


def rename(text: str) -> None:
    """Line breaks in the names of all that is there."""
    with lifted(*filled_tables()):
        for model in WITH_A_NAME:
            field = "code" if model is Case else "name"
            for row in model.objects.all():
                model.objects.filter(pk=row.pk).update(**{field: f"{row.pk}{text}"})


def test_no_name_begins_a_header_of_a_download():
    study = worlds.study_without_grades()
    asked = [
        (line, address(line["url"], study))
        for line in lines()
        if (line["state"], line["method"], line["coordinator"])
        == ("closed", "GET", "200")
    ]
    rename(BREAKS[0])
    client, downloads = cora().client, 0
    for line, path in asked:
        with forgotten(client):
            answer = ask(client, line, path)
            if answer.streaming:
                b"".join(answer)
        assert "X-Evil" not in answer, line["url"]
        for name, value in answer.items():
            assert "\r" not in value and "\n" not in value, (line["url"], name)
        downloads += "Content-Disposition" in answer
    assert downloads >= 5


@pytest.mark.parametrize("text", BREAKS)
def test_a_file_that_is_uploaded_may_be_called_anything(text):
    worlds.collection(cases=1)
    file = SimpleUploadedFile("reports.csv", b"case,report\nCXR1,Clear.\n")
    file.name = f"reports{text}.csv"
    collection = worlds.Collection.objects.get()
    form = {"collection": collection.pk, "file": file}
    answer = cora().client.post(reverse("reports:tables:tables"), form)
    assert "X-Evil" not in answer
    assert answer.status_code in {200, 302}
    for table in TableImport.objects.all():
        assert "\n" not in table.name and "\r" not in table.name
    delivery = worlds.delivery()
    told = cora().client.post(
        reverse("cases:intake:announce", args=[delivery.pk]),
        json.dumps({"files": [{"name": f"a{text}.dcm", "size": 3}]}),
        content_type="application/json",
    )
    assert "X-Evil" not in told


@pytest.mark.parametrize("text", BREAKS)
def test_no_word_of_an_invitation_begins_a_header_of_its_letter(text):
    study = worlds.draft_study(cases=2, distance=1)
    study.title = f"A study{text}"
    study.save()
    User.objects.filter(pk=cora().user.pk).update(first_name=f"Cora{text}")
    form = {"name": f"Ruth{text}", "role": "analyst", "days": "14"}
    where = reverse("people:invitations", args=[study.code])
    cora().client.post(where, form | {"email": "ruth@example.org"})
    cora().client.post(where, form | {"email": f"ruth@example.org{text}"})
    for letter in mail.outbox:
        assert letter.to == ["ruth@example.org"]
        message = letter.message()
        assert message["X-Evil"] is None
        assert set(message.keys()) <= {
            *("Content-Type", "MIME-Version", "Content-Transfer-Encoding"),
            *("Subject", "From", "To", "Date", "Message-ID"),
        }


@pytest.mark.parametrize("text", BREAKS[:2])
def test_an_address_with_a_line_break_gets_no_letter(text):
    """However it came into the database."""
    study = worlds.draft_study(cases=2, distance=1)
    made = worlds.invitation(study, email="ruth@example.org")
    made.email = f"ruth@example.org{text}\nBcc: victim@example.org"
    from readerstudy.studies.people.inviting import send

    with pytest.raises(Exception, match=r"newline|Header"):
        send(made, "https://study.example.org/invitation/x/")
    assert mail.outbox == []


def test_a_language_or_a_host_of_a_request_begins_no_header():
    answer = rosa().client.get(
        reverse("home"), headers={"accept-language": "de\r\nX-Evil: 1"}
    )
    assert "X-Evil" not in answer
