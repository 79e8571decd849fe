"""Cora reads her own study as a reader who does not exist, and leaves no trace."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.audit.models import Stream
from readerstudy.cases.frame_store import preview_name
from readerstudy.cases.models import Case
from readerstudy.grading.rehearsal.pretend import most_readable, pretend_list
from readerstudy.grading.rehearsal.services import NotReady, bodies_of, rehearsal_of
from readerstudy.presentation.dealing import Design, deal_design
from readerstudy.presentation.design import dealt_from
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.presentation.services import freeze
from readerstudy.presentation.sessions import WITHOUT_LIMIT, SessionPlan
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from readerstudy.studies.services import create
from tests import worlds
from tests.lifted import lifted
from tests.people import Person, cora, join, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def at(name: str, study: Study, *numbers: int) -> str:
    return reverse(f"grading:rehearsal:{name}", args=[study.code, *numbers])


def words_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def sent(ask: Callable[..., Any], url: str, body: object) -> Any:
    return ask(url, json.dumps(body), content_type="application/json")


def trace() -> tuple[dict[str, int], list[str]]:
    """How many rows every table holds, and every file of the site."""
    rows = {model._meta.label: model.objects.count() for model in apps.get_models()}
    media = Path(site.MEDIA_ROOT)
    return rows, sorted(str(path.relative_to(media)) for path in media.rglob("*"))


VISIT = {
    "key": "a-visit-of-cora",
    "began_at": "2026-01-01T10:00:00Z",
    "events": [[0, "shown", ""], [900, "painted", ""], [5000, "submit", ""]],
}


def read_page(client: Any, study: Study, place: int, **answers: Any) -> str:
    """Do with a page what a browser does; where it leads then."""
    shown = client.get(at("page", study, place))
    assert shown.status_code == 200
    for name in ("image", "preview", "frame"):
        assert client.get(at(name, study, place, 0)).status_code == 200
    assert client.get(at("following", study, place)).status_code in {200, 204}
    assert client.get(at("window", study)).status_code == 200
    assert sent(client.post, at("open", study, place), {}).status_code == 200
    drafted = sent(client.put, at("draft", study, place), answers | {"visits": [VISIT]})
    assert drafted.json() == {"saved_at": None}
    grade = answers | {"visits": [VISIT], "idempotency_key": f"a-key-of-{place}"}
    graded = sent(client.post, at("grade", study, place), grade)
    assert graded.status_code == 201, graded.content
    taken_back = sent(client.post, at("undo", study, place), {})
    assert taken_back.json()["url"] == at("page", study, place)
    return graded.json()["next_url"]


def rehearse(
    someone: Person, study: Study, answers: dict[str, Any] | None = None
) -> list[str]:
    """Walk through a whole rehearsal; the addresses that were led to."""
    client, path = someone.client, at("page", study, 1)
    assert client.get(at("start", study)).status_code == 200
    seen = []
    while not seen or path not in seen:
        seen.append(path)
        kind, number = path.strip("/").split("/")[-2:]
        if number == "guess":
            session = int(path.strip("/").split("/")[-2])
            form = client.get(path)
            fields = form.content.decode().count('class="card"')
            filled = {f"author{n}": "model" for n in range(1, fields + 1)}
            filled |= {f"confidence{n}": "3" for n in range(1, fields + 1)}
            path = client.post(path, filled).url
            assert path == at("session", study, session)
        elif kind == "session":
            page = words_of(client.get(path))
            if "The rehearsal is over" in page:
                break
            onward = rehearsal_of(study).sessions[int(number) + 1][0]
            assert at("page", study, onward) in page
            path = at("page", study, onward)
        else:
            path = read_page(client, study, int(number), **(answers or {"letter": "B"}))
    return seen


@pytest.mark.parametrize("state", ["draft", "frozen", "open", "paused"])
def test_a_whole_rehearsal_leaves_no_row_no_file_and_no_line_in_the_record(state):
    rules = {"cases": 5, "guess_sample": 3, "session_reads": 5}
    study = getattr(worlds, f"{state}_study")(**rules)
    study.refresh_from_db()
    client = cora()
    client.client.get(reverse("home"))
    before, events = trace(), list(Stream.objects.values())
    seen = rehearse(client, study)
    assert len(seen) == 10 + 2 * 2
    assert trace() == before
    assert list(Stream.objects.values()) == events
    assert not Slot.objects.exclude(opened_at=None).exists()
    study_now = Study.objects.filter(pk=study.pk).values().get()
    study.refresh_from_db()
    assert study_now["state"] == state and study.seed == study_now["seed"]


def test_a_preview_that_no_import_made_is_the_one_that_an_import_makes(tmp_path):
    study = worlds.draft_study()
    image = rehearsal_of(study).cases["CXR1"].image
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    preview = tmp_path / preview_name(image.frame_sha256)
    assert preview in kept
    preview.unlink()
    rehearse(cora(), study)
    now = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert now == kept


def test_the_list_is_no_readers_and_stays_the_same():
    study = worlds.frozen_study(cases=6)
    pages = rehearsal_of(study).dealt.pages
    assert pages == rehearsal_of(study).dealt.pages
    theirs = Slot.objects.of_study(study).order_by("position")
    read = list(theirs.values_list("presented__case__code", "presented__arm__name"))
    mine = [(deal.case, deal.arm) for page in pages for deal in page]
    assert sorted(mine) == sorted(read) and mine != read


@pytest.mark.parametrize("profile", ["plain/3", "even/2"])
def test_a_draft_is_laid_out_as_the_freeze_will_do_it(profile):
    study = worlds.draft_study(redaction="ellipsis", layout_profile=profile)
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").update(
            text="FINDINGS: xxxx heart. Lungs clear"
        )
    worlds.accept_blinding(study)
    draft = rehearsal_of(study)
    laid_out = {
        (deal.case, deal.arm): bodies_of(draft, page)[0]
        for page in draft.dealt.pages
        for deal in page
    }
    frozen = freeze(study=study, actor=cora().user, accepts_warnings=True)
    rows = PresentedReport.objects.filter(study=frozen)
    stored = rows.values_list("case__code", "arm__name", "body")
    assert {(case, arm): body for case, arm, body in stored} == {
        key: json.loads(json.dumps(body)) for key, body in laid_out.items()
    }


def test_two_side_by_side_with_a_preference_and_marked_errors():
    study = worlds.draft_study(
        cases=3, presentation="pair", instruments=["comment", "errors"]
    )
    client = cora().client
    page = words_of(client.get(at("page", study, 1)))
    assert "Which report is better?" in page and "1 of 3" in page
    mark = {"category": "omission", "significant": True}
    reports = [{"letter": "B", "marks": [mark]}, {"letter": "D"}]
    grade = {"reports": reports, "idempotency_key": "a-key-of-cora"}
    refused = sent(client.post, at("grade", study, 1), grade)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Say which report is better")
    seen = rehearse(cora(), study, {"reports": reports, "preference": "equal"})
    assert len(seen) == 3 + 1


@pytest.mark.parametrize(
    "bad",
    [
        {"letter": "E"},
        {"letter": "", "idempotency_key": "a-key-of-cora"},
        {"letter": "A", "idempotency_key": "short"},
        {"letter": "A", "idempotency_key": "a-key-of-cora", "cannot_assess": "no"},
        {"letter": "A", "idempotency_key": "a-key-of-cora", "preference": "1"},
        {"letter": "A", "idempotency_key": "a-key-of-cora", "visits": [{}]},
    ],
)
def test_what_a_reader_may_not_send_is_refused_in_the_same_words(bad):
    study = worlds.open_study()
    slot = Slot.objects.of_study(study).order_by("position")[0]
    real = sent(rosa().client.post, reverse("api:grade", args=[slot.public_id]), bad)
    mine = sent(cora().client.post, at("grade", study, 1), bad)
    assert real.status_code == mine.status_code == 400
    assert real.json() == mine.json()


def test_answers_have_the_form_of_the_real_ones():
    study = worlds.open_study()
    slot = Slot.objects.of_study(study).order_by("position")[0]
    body = {"letter": "A", "idempotency_key": "a-key-of-cora"}
    for name, method in {
        "open": "post",
        "draft": "put",
        "grade": "post",
        "undo": "post",
    }.items():
        url = reverse(f"api:{name}", args=[slot.public_id])
        real = sent(getattr(rosa().client, method), url, body)
        mine = sent(getattr(cora().client, method), at(name, study, 1), body)
        assert real.status_code == mine.status_code
        assert real.json().keys() == mine.json().keys()


def test_a_browser_without_script_goes_through_as_well():
    study = worlds.draft_study()
    client = cora().client
    refused = client.post(at("page", study, 1), {"letter": ""}, follow=True)
    assert "Choose one of the grades" in words_of(refused)
    answer = client.post(at("page", study, 1), {"letter": "C"})
    assert answer.url == at("page", study, 2)


def test_no_page_names_an_arm_or_a_source():
    study = worlds.draft_study(guess_sample=3)
    paths = [at("page", study, place) for place in range(1, 13)]
    paths += [at("start", study), at("guess", study, 1), at("session", study, 1)]
    names = [*study.arm_set.values_list("name", "label", "source")]
    # The texts of these reports name their sources; those of real ones do not.
    with lifted("reports_report"):
        Report.objects.update(text="The heart is normal.")
    for path in paths:
        shown = words_of(cora().client.get(path)).lower()
        for each in {str(name).lower() for row in names for name in row}:
            assert each not in shown, (path, each)


def test_the_browser_keeps_its_copies_under_an_owner_who_never_reads():
    study = worlds.draft_study()
    page = words_of(cora().client.get(at("page", study, 1)))
    assert 'data-owner="rehearsal.acceptability"' in page
    theirs = {f"{study.code}.{each.reader_code}" for each in study.membership_set.all()}
    assert "rehearsal.acceptability" not in theirs


def test_repeats_sessions_and_the_wash_out_are_as_the_design_asks():
    study = worlds.draft_study(
        cases=6, distance=2, hidden_repeats=2, washout_days=7, session_reads=6
    )
    found = rehearsal_of(study)
    deals = [deal for page in found.dealt.pages for deal in page]
    assert sum(deal.repeat for deal in deals) == 2 and found.dealt.note == ""
    assert len(found.sessions) > 1
    first = cora().client.get(at("session", study, 1))
    assert "earliest. In the rehearsal you go on at once" in words_of(first)


def test_it_says_what_to_do_where_there_is_nothing_to_read():
    study = worlds.draft_study()

    def said() -> str:
        first = cora().client.get(at("page", study, 1))
        assert first.url == at("start", study)
        assert sent(cora().client.post, at("open", study, 1), {}).status_code == 404
        return words_of(cora().client.get(at("start", study)))

    Case.objects.update(image=None)
    assert "None of the drawn cases has an image chosen yet" in said()
    with lifted("reports_report"):
        Report.objects.filter(source__name="cxr_llava").delete()
    Case.objects.update(image=None)
    study.arm_set.exclude(source="ground_truth").delete()
    assert "two arms at the least" in said()


def test_without_a_case_the_rehearsal_leads_to_where_cases_are_drawn():
    study = create(coordinator=cora().user, code="empty", title="An empty study")
    with pytest.raises(NotReady, match="No cases are drawn yet") as refused:
        rehearsal_of(study)
    assert refused.value.place == "cases:of_study"
    start = cora().client.get(at("start", study))
    assert "No cases are drawn yet." in words_of(start)
    assert reverse("cases:of_study", args=["empty"]) in start.content.decode()


def test_half_a_sheet_of_guesses_is_asked_again():
    study = worlds.draft_study(guess_sample=3)
    url = at("guess", study, 1)
    half = cora().client.post(url, {"author1": "model", "confidence1": "4"})
    assert half.status_code == 200
    assert "Answers are missing." in words_of(half)
    whole = {f"author{number}": "model" for number in (1, 2, 3)}
    whole |= {f"confidence{number}": "4" for number in (1, 2, 3)}
    assert cora().client.post(url, whole).url == at("session", study, 1)


def test_a_script_that_asks_for_a_page_behind_the_last_one_is_told():
    study = worlds.draft_study()
    answer = sent(cora().client.post, at("open", study, 13), {})
    assert answer.status_code == 404
    assert answer.json() == {"detail": "The rehearsal has no such page any more."}


def test_a_study_that_can_not_be_dealt_at_all_says_why():
    study = worlds.draft_study(presentation="pair")
    study.arm_set.create(position=3, name="third", label="Third", source="third")
    worlds.add_reports(Case.objects.first().collection, "third")
    start = words_of(cora().client.get(at("start", study)))
    assert "Side by side two arms are compared" in start


def test_one_case_with_reports_of_two_arms_is_enough():
    study = worlds.draft_study(cases=6, distance=5, hidden_repeats=2)
    kept = Case.objects.get(code="CXR3")
    with lifted("reports_report"):
        Report.objects.filter(source__name="cxr_llava").exclude(case=kept).delete()
    start = words_of(cora().client.get(at("start", study)))
    assert "5 cases are left out" in start
    assert "The list can't be dealt as the design asks" in start
    assert len(rehearse(cora(), study)) == 2 + 1
    with lifted("reports_report"):
        Report.objects.filter(source__name="cxr_llava").delete()
    with pytest.raises(NotReady, match="No radiograph has reports of two arms yet"):
        rehearsal_of(study)


def test_whoever_reads_these_cases_elsewhere_may_not_rehearse():
    study = worlds.draft_study()
    carl = person("Carl", may_create_studies=True)
    join(study, carl, "coordinator")
    assert carl.client.get(at("start", study)).status_code == 200
    join(worlds.draft_study("other"), carl, "reader", "R7")
    answer = carl.client.get(at("start", study))
    assert answer.status_code == 403
    assert b"another coordinator" in answer.content
    assert sent(carl.client.post, at("grade", study, 1), {}).status_code == 403
    assert cora().client.get(at("start", study)).status_code == 200


def test_a_page_that_is_not_on_the_list_is_not_found():
    study = worlds.draft_study()
    for name, numbers in {
        "page": [13],
        "following": [0],
        "session": [2],
        "guess": [2],
        "frame": [1, 1],
        "image": [13, 0],
    }.items():
        assert cora().client.get(at(name, study, *numbers)).status_code == 404


def test_the_set_up_and_the_freeze_lead_here():
    study = worlds.draft_study()
    for page in ("studies:setup", "presentation:freeze"):
        shown = cora().client.get(reverse(page, args=[study.code]))
        assert at("start", study) in shown.content.decode()


designs = st.builds(
    Design,
    allocation=st.sampled_from(["crossed", "split_plot", "one_report"]),
    reader_groups=st.integers(2, 4),
    anchor_cases=st.integers(0, 3),
    arm_order=st.sampled_from(["mixed", "williams"]),
    hidden_repeats=st.integers(0, 4),
    pairs=st.booleans(),
)


@given(
    design=designs,
    cases=st.integers(1, 12),
    distance=st.integers(1, 12),
    arms=st.integers(2, 3),
    limit=st.none() | st.integers(1, 7),
)
def test_any_design_on_any_few_cases_can_be_rehearsed(
    design, cases, distance, arms, limit
):
    # Side by side there are two arms and no more.
    names = [f"arm {number}" for number in range(2 if design.pairs else arms)]
    dealt = pretend_list(
        design,
        strata={f"CXR{number}": "ab"[number % 2] for number in range(cases)},
        arms=names,
        minimum_distance=distance,
        seed=5,
        plan=SessionPlan(limit) if limit else WITHOUT_LIMIT,
    )
    deals = [deal for page in dealt.pages for deal in page]
    assert [deal.position for deal in deals] == list(range(1, len(deals) + 1))
    assert {len(page) for page in dealt.pages} == {2 if deals[0].side else 1}
    sessions = [page[0].session for page in dealt.pages]
    assert sessions == sorted(sessions) and set(sessions) == set(
        range(1, sessions[-1] + 1)
    )


@given(
    st.dictionaries(
        st.text("abcd", min_size=1, max_size=3),
        st.frozensets(st.sampled_from(["x", "y", "z"])),
        max_size=8,
    )
)
def test_what_can_be_read_is_as_much_as_there_is(arms_of):
    cases, arms = most_readable(arms_of)
    assert all(arms <= arms_of[case] for case in cases)
    assert bool(cases) == any(len(each) > 1 for each in arms_of.values())
    everything = frozenset("xyz")
    if arms_of and all(each == everything for each in arms_of.values()):
        assert (cases, arms) == (list(arms_of), everything)


def test_a_reader_of_the_study_gets_another_list_from_the_same_seed():
    study = worlds.draft_study(seed=1)
    real = deal_design(
        **dealt_from(study),
        readers=["R0"],
        strata={f"CXR{n}": "normal" for n in range(1, 7)},
        arms=["reference", "model"],
    )
    pretend = pretend_list(
        **dealt_from(study),
        strata={f"CXR{n}": "normal" for n in range(1, 7)},
        arms=["reference", "model"],
    )
    assert [page[0] for page in pretend.pages] != real
