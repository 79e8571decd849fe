"""Letters say the same in every language of the site."""

import pytest

from readerstudy.grading.reminding import services as reminding
from readerstudy.studies.people.inviting import letter
from tests import worlds

pytestmark = pytest.mark.django_db


def test_a_letter_says_the_same_in_each_language(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study()
    invitation = worlds.invitation(study, role="reader", name="Ruth")
    link = "https://example.org/invitation/a-key/"
    plain = letter(invitation, link)
    assert plain[0] == "Invitation to a reader study"
    settings.LETTER_LANGUAGES = ["ko", "en-gb"]
    subject, text = letter(invitation, link)
    assert subject == "판독자 연구 초대 / Invitation to a reader study"
    assert text.endswith(plain[1]) and text.count(link) == 2
    assert "Ruth 선생님께" in text and "판독자(으)로" in text
    reminder = reminding.usual_text(study)
    assert "{total}건 가운데 {graded}건" in reminder and "Dear {name}," in reminder
    assert reminding.subject().startswith("판독자 연구가 기다리고 있습니다 / Your")
