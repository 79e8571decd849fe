"""Letters to readers: invitations and reminders say the same whatever is behind the
texts, in subject, headers, body and name."""

import re
from email.message import Message

import pytest
from django.core import mail
from django.urls import reverse

from readerstudy.grading.models import Reminder
from readerstudy.grading.reminding import services as reminding
from readerstudy.studies.models import Study
from readerstudy.studies.people.inviting import send
from readerstudy.work import leases
from tests import worlds
from tests.blinding.exchange import exchange_what_is_behind, undone
from tests.blinding.names import NAMES
from tests.people import cora, rosa

# Moment, process, chance and the host: nothing of the study.
MESSAGE_ID = re.compile(r"<\d+\.\d+\.\d+@[\w.-]+>")
PASSING = {"date", "message-id"}


def reminder(study: Study) -> Message:
    """The letter that a worker sends to Rosa."""
    mail.outbox.clear()
    reader = study.membership_set.readers().get()
    text = reminding.usual_text(study)
    with undone():
        asked = {"study": study, "actor": cora().user, "readers": [reader]}
        (made,) = reminding.remind(**asked, text=text)
        claimed = leases.claim(Reminder, id=made.pk, worker="a worker")
        assert claimed is not None
        reminding.do(claimed)
    (sent,) = mail.outbox
    return sent.message()


def invitation(study: Study) -> Message:
    """The letter that invites somebody to analyse the study."""
    mail.outbox.clear()
    with undone():
        made = worlds.invitation(study, email="ruth@example.org")
        send(made, "https://example.org/" + reverse("people:accept", args=["a-key"]))
    (sent,) = mail.outbox
    return sent.message()


def told_in(letter: Message) -> tuple[list[tuple[str, str]], str]:
    """Headers and body of a letter, without its moment and its own name."""
    headers = [pair for pair in letter.items() if pair[0].lower() not in PASSING]
    return headers, letter.get_payload(decode=True).decode()


@pytest.mark.django_db
@pytest.mark.parametrize("written", [reminder, invitation])
def test_no_letter_tells_what_is_behind_the_texts(written, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    rosa_herself = rosa().user
    rosa_herself.email = "rosa@example.org"
    rosa_herself.save()
    study = worlds.open_study(cases=2, distance=1)
    before = written(study)
    exchange_what_is_behind(study)
    after = written(study)
    assert told_in(before) == told_in(after)
    for letter in (before, after):
        assert MESSAGE_ID.fullmatch(letter["Message-ID"])
        assert not NAMES.findall(letter.as_bytes())
