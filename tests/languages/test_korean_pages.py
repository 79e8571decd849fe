"""Rosa reads in Korean: no page that she meets says a word of English that is not the
study's own, and what is behind her texts has no part in it."""

import json
import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from readerstudy.demo.context import sign_ins
from readerstudy.grading.after.guessing import open_sheet
from readerstudy.grading.path import Stop, next_slot, next_step
from readerstudy.language import is_readers
from readerstudy.presentation.blind import removed_note
from readerstudy.studies.instruments import OPTIONAL_NAMES, chosen
from tests import worlds
from tests.grading.test_words import Heard, known_texts
from tests.people import Person, cora, rosa
from tests.studies.account.people import with_password
from tests.test_permissions import lines

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=40)]

# Names, keys and units that Korean writes in Latin letters.
LATIN = re.compile(
    r"readerstudy|English|UTC|API|JavaScript|DICOM|ZIP|PACS|RADPEER|pandas|https|AI|QR"
    r"|Esc|Enter|Shift|Backspace|Space|Ctrl|XXXX|Rosa|rosa|Cora|A study|CXR|KST"
)
WORDS = re.compile(r'<script id="[\w-]*words"[^>]*>(.*?)</script>', re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def in_korean(someone: Person | None = None) -> Client:
    client = someone.client if someone else Client()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ko-KR,ko;q=0.9,en;q=0.8"
    return client


def english_in(html: str, data: set[str]) -> list[str]:
    """What a page or its scripts say in English, beside names and the study's texts."""
    heard = Heard()
    heard.feed(html)
    for block in re.findall(
        r'<script id="[\w-]*words"[^>]*>(.*?)</script>', html, re.S
    ):
        heard.said += spoken(json.loads(block))
    heard.said += re.findall(r'data-[\w-]*(?:error|other)="([^"]*)"', html)
    left = []
    for text in heard.said:
        for known in sorted(data, key=len, reverse=True):
            text = text.replace(known, " ")
        text = re.sub(r"\{\w+\}", " ", LATIN.sub(" ", text))
        if WORD.search(text):
            left.append(" ".join(text.split()))
    return left


def spoken(words: object) -> list[str]:
    if isinstance(words, dict):
        return [text for each in words.values() for text in spoken(each)]
    return [str(words)]


def said_of(study) -> set[str]:
    """The study's own texts; not the note, which is the site's."""
    notes = {removed_note("as_written"), removed_note("ellipsis")}
    texts = known_texts(study) - notes
    return texts | {study.title, study.consent, study.instructions, study.pause_message}


@pytest.mark.parametrize(
    "rules",
    [
        {"instruments": list(OPTIONAL_NAMES), "consent": "I agree."},
        {"presentation": "pair", "display_check": True, "guess_sample": 2},
        {"washout_days": 7, "session_reads": 3, "instructions": "Grade this."},
    ],
    ids=["all questions", "pairs", "sessions"],
)
def test_a_study_is_read_in_korean_from_the_first_page_to_the_last(rules):
    study = worlds.open_study(cases=3, distance=1, **rules)
    worlds.practice_case(study)
    client, reader = in_korean(rosa()), study.membership_set.readers().get()
    data, found, stops = said_of(study), {}, set()

    def look(path: str) -> str:
        answer = client.get(path, follow=True)
        html = answer.content.decode()
        assert answer.status_code in {200, 204}
        assert 'lang="ko"' in html or "<html" not in html
        place = answer.request["PATH_INFO"]
        if left := english_in(html, data):
            found[place] = left
        return place

    for _ in range(20):
        for name in ("start", "consent", "display", "practice", "graded", "next"):
            stops.add(re.sub(r"/[\w-]{16}/", "/", look(page(name, study))))
        look(reverse("home"))
        slot = next_slot(reader)
        if slot:
            look(reverse("grading:following", args=[slot.public_id]))
            look(reverse("presentation:window", args=[slot.public_id]))
        step = next_step(reader)
        if step.stop == Stop.PREPARE:
            look(page("practice_case", study, 1))
            worlds.prepare(reader)
        elif step.stop == Stop.GUESS:
            look(page("guess", study, step.session))
            open_sheet(reader=reader, session=step.session)
            look(page("guess", study, step.session))
            break
        elif step.stop == Stop.READ:
            read_on(reader)
        else:
            break
    assert found == {}
    assert len(stops) > 4


def read_on(reader) -> None:
    """Grade the next page, whatever the study asks of it."""
    slot = next_slot(reader)
    assert slot is not None
    if reader.study.presentation == "pair":
        worlds.grade_pair(slot)
        return
    asked = [each for each in chosen(reader.study.instruments) if each.kind == "choice"]
    worlds.grade(slot, "B", answers={each.name: each.values[0] for each in asked})


def page(name: str, study, *more: object) -> str:
    return reverse(f"grading:{name}", args=[study.code, *more])


def test_the_account_the_sign_in_and_the_errors_are_in_korean():
    client = in_korean(with_password(rosa()))
    invitation = worlds.invitation(worlds.draft_study(), role="reader", name="Rosa")
    names = ["account:account", "account:password", "accounts:tokens"]
    names += ["account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn"]
    names += ["mfa_generate_recovery_codes", "account_inactive"]
    own = [client.get(reverse(name)) for name in names]
    own.append(client.post(reverse("account:password"), {"current": "x", "new": "y"}))
    own.append(client.post(reverse("accounts:tokens"), {}))
    strange = in_korean()
    accept = reverse("people:accept", args=[invitation.key])
    strangers = [strange.get(reverse("sign_in")), strange.get("/no-such-page/")]
    strangers.append(
        strange.post(reverse("sign_in"), {"username": "r", "password": "x"})
    )
    strangers.append(strange.get(accept))
    strangers.append(strange.post(accept, {"username": "r", "password": "x"}))
    strangers.append(strange.get(reverse("people:accept", args=["nothing"])))
    # A page of the coordinators, which she may not open.
    own.append(client.get(reverse("studies:setup", args=["acceptability"])))
    found = {
        answer.request["PATH_INFO"]: left
        for answer in (*own, *strangers)
        if (left := english_in(answer.content.decode(), {"acceptability"}))
    }
    assert found == {}


def test_the_sign_ins_of_a_demonstration_are_in_korean():
    said = [each[part] for each in told() for part in ("role", "task")]
    with translation.override("ko"):
        assert not WORD.search(" ".join(str(word) for word in said))


def told() -> list[dict[str, str]]:
    found: list[dict[str, str]] = sign_ins(RequestFactory().get("/"))[
        "demonstration_sign_ins"
    ]
    return found


def test_it_is_chosen_by_the_browser_or_kept_by_a_choice(settings):
    settings.LANGUAGE_COOKIE_SECURE = True
    client = Client()
    sign_in = reverse("sign_in")
    assert 'lang="en-gb"' in client.get(sign_in).content.decode()
    told = client.get(sign_in, headers={"Accept-Language": "ko"})
    assert told["Content-Language"] == "ko"
    assert {"Accept-Language", "Cookie"} <= set(told["Vary"].split(", "))
    chosen = client.post(
        reverse("language"), {"language": "ko", "next": f"{sign_in}?next=/read/x/"}
    )
    assert chosen.url == f"{sign_in}?next=/read/x/"
    cookie = chosen.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    page = client.get(sign_in, headers={"Accept-Language": "en"})
    assert "로그인" in page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]
    client.post(reverse("language"), {"language": "tlh", "next": "https://else.where/"})
    assert "로그인" in client.get(sign_in).content.decode()
    assert client.get(reverse("language")).status_code == 405


def test_what_a_reader_reaches_speaks_both_and_all_else_is_english():
    study = worlds.open_study()
    everything = {line["url"] for line in lines()}
    reached = {
        line["url"]
        for line in lines()
        if line["reader"] in {"200", "201", "204", "400", "409"}
    }
    wordless = {"schema", "api_docs", "healthz", "readyz", "language", "api:studies"}
    images = {
        url for url in everything if re.match(r"api:.*(image|preview|frame)", url)
    }
    silent = {url for url in everything if not is_readers(*named(url))}
    assert reached & silent == (reached & (wordless | images))
    coordinator = in_korean(cora())
    for name in ("setup", "reading"):
        shown = coordinator.get(reverse(f"studies:{name}", args=[study.code]))
        assert 'lang="en-gb"' in shown.content.decode()
        assert not re.search(r"[가-힣]", shown.content.decode())


def named(url: str) -> tuple[str, str]:
    space, _, name = url.rpartition(":")
    return space, name


def test_the_radiograph_is_the_same_and_is_kept_as_before():
    study = worlds.open_study()
    slot = next_slot(study.membership_set.readers().get())
    frame = reverse("api:frame", args=[slot.public_id, 0])
    in_english = rosa().client.get(frame)
    korean = in_korean(rosa()).get(frame)
    assert b"".join(korean) == b"".join(in_english)
    assert dict(korean.items()) == dict(in_english.items())
