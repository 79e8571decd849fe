"""A person is erased: nothing of theirs is left but what they did."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from readerstudy.accounts.models import ApiToken, User
from readerstudy.audit.models import Event
from readerstudy.audit.verifying import verify
from readerstudy.export.erasing import erase
from readerstudy.grading.models import Grade
from readerstudy.studies.people.inviting import accept
from tests import worlds
from tests.people import cora, enters, nils, person, rosa, sign_in
from tests.tables import filled_tables

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PASSWORD = "a long word that nobody guesses"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in filled_tables():
            cursor.execute(f"SELECT * FROM {table}")
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


def with_much_to_erase() -> User:
    reader = person("Zebedee").user
    reader.last_name, reader.email = "Quillfeather", "zebedee@hospital.example"
    reader.set_password(PASSWORD)
    reader.save()
    study = worlds.open_study(readers=[person("Zebedee")], cases=2)
    member = study.membership_set.readers().get()
    while worlds.grade_next(member, "B"):
        pass
    made = worlds.invitation(
        worlds.open_study("other", readers=[rosa()], cases=2),
        name="Zebedee Quillfeather",
        email=reader.email,
    )
    accept(key=made.key, user=reader)
    worlds.token(person("Zebedee"))
    sign_in(reader)
    return reader


def test_nothing_of_a_person_is_left_but_what_they_did():
    reader = with_much_to_erase()
    grades = list(Grade.objects.values_list("pk", "letter", "submitted_at"))
    remains = erase(person=reader, actor=cora().user)
    stored = everything_stored().lower()
    for word in ("zebedee", "quillfeather", "hospital.example"):
        assert [line for line in stored.splitlines() if word in line] == []
    assert remains.removed["accounts.ApiToken"] == 1
    assert remains.removed["sessions.Session"] == 1
    assert remains.removed["invitations"] == 1
    assert remains.roles == 2 and remains.events_naming == 0
    assert list(Grade.objects.values_list("pk", "letter", "submitted_at")) == grades
    verdict = verify()
    assert [each.says for each in verdict.breaks if "blinding" not in each.table] == []


def test_an_erased_person_signs_in_in_no_way(client):
    reader = with_much_to_erase()
    before = sign_in(reader)
    key = worlds.token(person("Zebedee"), "another").key
    erase(person=reader, actor=None)
    reader.refresh_from_db()
    assert not enters("zebedee", PASSWORD)
    assert not enters(reader.username, PASSWORD)
    assert before.get("/").status_code == 302
    answer = client.get("/api/v1/studies/", headers={"Authorization": f"Token {key}"})
    assert answer.status_code in {401, 403, 404}
    assert not ApiToken.objects.filter(user=reader).exists()


def test_erasing_leaves_one_event_however_often(capsys):
    nils()
    call_command("erase_person", "nils")
    told = capsys.readouterr().out
    assert "is called erased-" in told and "Comments and reasons" in told
    erased = User.objects.get(username__startswith="erased-")
    call_command("erase_person", erased.username)
    assert "erased already" in capsys.readouterr().out
    event = Event.objects.get(verb="person.erased")
    assert event.subject == erased.number
    with pytest.raises(CommandError, match="Nobody has the user name"):
        call_command("erase_person", "nils")


def test_a_study_keeps_a_coordinator():
    worlds.draft_study(cases=2)
    with pytest.raises(ValidationError, match="acceptability would have no coord"):
        erase(person=cora().user, actor=None)
    assert cora().user.first_name == "Cora"


def test_who_else_is_signed_in_stays_so():
    nils()
    other = sign_in(rosa().user)
    erase(person=nils().user, actor=None)
    assert other.get("/account/").status_code == 200


def test_the_command_says_which_study_would_have_no_coordinator():
    worlds.draft_study(cases=2)
    with pytest.raises(CommandError, match="acceptability would have no coordinator"):
        call_command("erase_person", "cora")
    assert cora().user.first_name == "Cora"
