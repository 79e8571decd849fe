"""Cora has the model prove that it looks at the image, and is held back where it does
not. Everything is made for real, by the worker's own task and the bundled model."""

import shutil

import pytest
import torch
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from safetensors.torch import load_file, save_file

from inference.selftest import run_self_test
from inference.verdict import Verdict
from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from readerstudy.reports import selftests, services, tasks
from readerstudy.reports.management.commands import selftest_source
from readerstudy.reports.models import (
    Job,
    Overruling,
    Report,
    SelfTest,
    SelfTestResult,
)
from readerstudy.reports.progress import NOT_CONFIRMED
from readerstudy.reports.sources import sending
from readerstudy.work import leases
from tests import worlds
from tests.lifted import lifted
from tests.people import anya, cora, rosa

pytestmark = pytest.mark.django_db
IMAGES = 2


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    """A draft on drawn chests whose reports the model has still to write."""
    made = worlds.phantoms("phantoms", cases=4)
    worlds.add_reports(made, "ground_truth")
    return worlds.draft_study()


@pytest.fixture
def written(study):
    """The same study once the model has written."""
    services.precompute_for_study(study=study, actor=cora().user)
    for job in Job.objects.all():
        tasks.write_reports(job.pk)
    assert Job.objects.filter(status=Job.Status.DONE).count() == 4
    worlds.accept_blinding(study)
    return study


def arm_of(study):
    return study.arm_set.get(name="cxr_llava")


def page(study, name="reports:of_study"):
    answer = cora().client.get(reverse(name, args=[study.code]))
    return answer.content.decode()


def press(study, name="reports:self_test", **form):
    url = reverse(name, args=[study.code, arm_of(study).pk])
    return cora().client.post(url, form, follow=True).content.decode()


def ask(study):
    (test,) = selftests.ask_for_arm(arm=arm_of(study), actor=cora().user, images=IMAGES)
    return test


def constant(images):
    return ["The lungs are clear."] * len(images)


def unless_blank(images):
    flat = [len(image.getcolors(70_000) or "many") == 1 for image in images]
    return ["Nothing to see." if each else "Clear lungs." for each in flat]


def seeing(images):
    """One word for the brightness of each coarse tile."""
    tiles = [image.resize((4, 4)).tobytes() for image in images]
    return [
        " ".join(f"{place}-{tile // 16}" for place, tile in enumerate(each))
        for each in tiles
    ]


SOURCES = {
    Verdict.IGNORES: constant,
    Verdict.UNTOLD: unless_blank,
    Verdict.LOOKS: seeing,
}


def finish(test, write):
    """What the worker does with a test, with another source in the model's place."""
    claimed = leases.claim(SelfTest, id=test.pk, worker="one")
    images = tasks.images_of(test)
    outcome = run_self_test(write, list(images.values()), list(images))
    return selftests.finish(claimed, outcome=outcome, provenance={})


def told(study, verdict):
    """A result as the pure test gives it, for what is shown and decided after it."""
    result = finish(ask(study), SOURCES[verdict])
    assert result.verdict == verdict
    return result


def warnings(study):
    return [check.sentence for check in checklist(study) if check.warns]


def open_points(study):
    return [check.sentence for check in checklist(study) if not check.done]


@pytest.mark.slow
def test_the_model_is_tested_by_the_worker_on_the_studys_own_cases(written):
    assert "It was not tested yet." in page(written)
    press(written)
    test = SelfTest.objects.get()
    assert (test.images, test.reports, test.stream) == (4, 28, written.code)
    assert "0 of 28" in page(written)
    assert "hx-get" in page(written, "reports:self_tests")
    tasks.self_test(test.pk)
    result = SelfTestResult.objects.get()
    assert (result.verdict, result.fingerprint) == ("looks", test.fingerprint)
    assert set(result.outcome["names"]) == {"CXR1", "CXR2", "CXR3", "CXR4"}
    assert result.provenance["decoding"]["do_sample"] is False
    assert set(result.provenance["rendered_sha256"]) == set(result.outcome["names"])
    texts = dict(
        Report.objects.filter(source__name="cxr_llava").values_list(
            "case__code", "text"
        )
    )
    names = result.outcome["names"]
    assert result.outcome["texts"]["first"] == [texts[name] for name in names]
    text = page(written)
    assert "It looks at the image." in text and "hx-get" not in text
    assert "flat grey" in text
    poll = reverse("reports:self_tests", args=[written.code])
    assert cora().client.get(poll)["HX-Refresh"] == "true"
    assert warnings(written) == [] and open_points(written) == []
    frozen = freeze(study=written, actor=cora().user)
    assert frozen.protocol["accepted_warnings"] == []
    (proof,) = frozen.protocol["self_tests"]
    assert (proof["arm"], proof["verdict"], proof["images"]) == (
        "cxr_llava",
        "looks",
        4,
    )


@pytest.mark.slow
def test_a_model_with_a_dead_projector_is_found_out(study, settings, tmp_path):
    blind = tmp_path / "blind"
    shutil.copytree(settings.CXR_LLAVA_CHECKPOINT, blind)
    weights = load_file(blind / "model.safetensors")
    for name in [each for each in weights if "mm_projector" in each]:
        weights[name] = torch.zeros_like(weights[name])
    save_file(weights, blind / "model.safetensors", {"format": "pt"})
    settings.CXR_LLAVA_CHECKPOINT = str(blind)
    tasks.self_test(ask(study).pk)
    assert SelfTestResult.objects.get().verdict == "ignores"
    assert "It ignores the pixels." in page(study)
    assert any("the source ignores the pixels" in each for each in open_points(study))


def test_pressing_twice_asks_for_one_test(study):
    press(study)
    press(study)
    assert SelfTest.objects.count() == 1
    verbs = list(Event.objects.of_stream(study.code).values_list("verb", flat=True))
    assert verbs.count("selftest.asked") == 1


def test_a_test_takes_cases_of_every_stratum_in_turn(study):
    Case.objects.filter(code__in=["CXR1", "CXR2", "CXR3"]).update(stratum="normal")
    Case.objects.filter(code="CXR4").update(stratum="abnormal")
    codes = [Case.objects.get(pk=case).code for case in ask(study).cases]
    assert codes == ["CXR4", "CXR1"]


def test_a_worker_that_died_leaves_the_test_to_another(study):
    test = ask(study)
    dead = leases.claim(SelfTest, id=test.pk, worker="dead")
    SelfTest.objects.update(lease_until="2000-01-01T00:00Z")
    assert leases.unheard(SelfTest) == [test.pk]
    alive = leases.claim(SelfTest, id=test.pk, worker="alive")
    outcome = run_self_test(constant, list(tasks.images_of(test).values()))
    assert selftests.finish(dead, outcome=outcome, provenance={}) is None
    assert selftests.finish(alive, outcome=outcome, provenance={})
    assert SelfTestResult.objects.count() == 1


@pytest.mark.slow
def test_a_test_is_made_between_two_batches_and_not_after_all(study, settings):
    settings.CXR_LLAVA_BATCH = 2
    services.precompute_for_study(study=study, actor=cora().user)
    ask(study)
    tasks.write_reports(Job.objects.order_by("id").first().pk)
    assert SelfTestResult.objects.count() == 1
    assert Job.objects.waiting().count() == 2


def test_a_test_that_fails_says_why_and_can_be_asked_again(study, settings, tmp_path):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    test = ask(study)
    SelfTest.objects.update(checkpoint=tmp_path / "nowhere")
    tasks.self_test(test.pk)
    assert "The test could not be made: There is no checkpoint folder" in page(study)
    assert any("could not be tested. There is no" in each for each in warnings(study))
    press(study)
    assert SelfTest.objects.count() == 2


def said_of_sending(verb, source, collection):
    words = {"statement": "Vote 12/26.", "actor": cora().user}
    verb(source=source, collection=collection, **words)


def test_a_test_sends_nothing_after_that_was_taken_back(source, collection, server):
    said_of_sending(sending.confirm, source, collection)
    test = selftests.ask(source=source, actor=None, cases=list(Case.objects.all()))
    said_of_sending(sending.take_back, source, collection)
    tasks.self_test(test.pk)
    test.refresh_from_db()
    assert (test.status, test.failure) == ("failed", NOT_CONFIRMED)
    assert not server.requests


def test_a_test_asks_for_leave_before_each_sending(
    source, collection, server, monkeypatch
):
    said_of_sending(sending.confirm, source, collection)
    test = selftests.ask(source=source, actor=None, cases=list(Case.objects.all()))
    require, asked = sending.require, []

    def taken_back_at_the_sixth(**words):
        asked.append(words)
        if len(asked) == 6:
            said_of_sending(sending.take_back, source, collection)
        require(**words)

    monkeypatch.setattr(sending, "require", taken_back_at_the_sixth)
    tasks.self_test(test.pk)
    test.refresh_from_db()
    assert (test.status, test.failure) == ("failed", NOT_CONFIRMED)
    # Asked once at the start, and then before each radiograph.
    assert len(server.requests) == 4


def test_imported_reports_have_no_model_to_test(study):
    worlds.add_reports(study.caseset.collection, "cxr_llava")
    assert "no model to test here" in press(study)
    assert not SelfTest.objects.exists()
    text = page(study)
    assert "4 imported texts: 4 different, the commonest under 1, 0 empty" in text
    with pytest.raises(ValidationError, match="are imported"):
        selftests.ask(source=services.source_named("other"), actor=None)


def test_imported_texts_that_all_say_the_same_are_a_warning(study):
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").update(text="Clear lungs.")
    flag = (
        "One text stands under all 4 cases: the source says the same whatever it is "
        "shown."
    )
    assert f"Ground truth: {flag}" in warnings(study)
    assert flag in page(study)


@pytest.mark.slow
def test_what_was_not_tested_can_be_frozen_if_the_warning_is_accepted(written):
    (warning,) = warnings(written)
    assert "whether the source looks at the image was not tested" in warning
    url = reverse("presentation:freeze", args=[written.code])
    assert "I accept what is warned of above" in cora().client.get(url).content.decode()
    refused = cora().client.post(url, {"is_sure": "on"}, follow=True)
    assert "Accept what is warned of first." in refused.content.decode()
    written.refresh_from_db()
    assert written.is_draft
    cora().client.post(url, {"is_sure": "on", "accepts_warnings": "on"})
    written.refresh_from_db()
    assert written.is_frozen
    assert written.protocol["accepted_warnings"] == [warning]
    assert written.protocol["self_tests"][0]["verdict"] is None


def test_a_verdict_that_cannot_be_told_is_a_warning(study):
    told(study, Verdict.UNTOLD)
    assert any("cannot be told" in each for each in warnings(study))
    assert not any("look" in each for each in open_points(study))


@pytest.mark.slow
def test_a_source_that_ignores_pixels_blocks_until_overruled_with_a_reason(written):
    result = told(written, Verdict.IGNORES)
    with pytest.raises(ValidationError, match="ignores the pixels"):
        freeze(study=written, actor=cora().user, accepts_warnings=True)
    form = {"result": result.pk, "reason": " "}
    assert "This field is required" in press(written, "reports:overrule", **form)
    form["reason"] = "The study shows what a blind model is worth."
    assert "Overruled by Cora" in press(written, "reports:overrule", **form)
    event = Event.objects.of_stream(written.code).last()
    assert (event.verb, event.detail["reason"]) == (
        "selftest.overruled",
        form["reason"],
    )
    assert open_points(written) == []
    with pytest.raises(ValidationError, match="Accept what is warned of"):
        freeze(study=written, actor=cora().user)
    frozen = freeze(study=written, actor=cora().user, accepts_warnings=True)
    (proof,) = frozen.protocol["self_tests"]
    assert (proof["verdict"], proof["overruled"]) == ("ignores", form["reason"])


def test_only_the_newest_result_that_stands_in_the_way_is_overruled_once(study):
    def overrule(result):
        return selftests.overrule(
            arm=arm_of(study), actor=cora().user, result=result.pk, reason="It is fun."
        )

    old, new = told(study, Verdict.IGNORES), told(study, Verdict.IGNORES)
    with pytest.raises(ValidationError, match="newer result"):
        overrule(old)
    overrule(new)
    with pytest.raises(ValidationError, match="overruled before"):
        overrule(new)
    with pytest.raises(ValidationError, match="in nobody's way"):
        overrule(told(study, Verdict.LOOKS))
    assert Overruling.objects.count() == 1


def test_results_and_overrulings_are_never_altered(study):
    result = told(study, Verdict.IGNORES)
    overruling = selftests.overrule(
        arm=arm_of(study), actor=cora().user, result=result.pk, reason="It is fun."
    )
    for rows, change in (
        (SelfTestResult.objects.filter(pk=result.pk), {"verdict": "looks"}),
        (Overruling.objects.filter(pk=overruling.pk), {"reason": "Other."}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Overruling.objects.create(
            study=study, result=told(study, Verdict.IGNORES), author=cora().user
        )


def test_rosa_and_anya_see_nothing_of_it(study):
    told(study, Verdict.IGNORES)
    urls = [
        reverse("reports:of_study", args=[study.code]),
        reverse("reports:self_tests", args=[study.code]),
    ]
    for someone in (rosa(), anya()):
        assert [someone.client.get(url).status_code for url in urls] == [403, 403]


def command(monkeypatch, *words, work=lambda: None):
    """Run the command; the worker's part is done where it would wait for a worker."""
    monkeypatch.setattr(selftest_source.Patience, "wait", lambda self: work())
    call_command("selftest_source", "--source", *words)


def test_the_command_waits_for_the_verdict_and_fails_where_pixels_are_ignored(
    study, monkeypatch, capsys
):
    def work(write):
        return lambda: finish(SelfTest.objects.latest("id"), write)

    words = ["cxr_llava", "--images", "2"]
    with pytest.raises(CommandError, match="cxr_llava ignores the pixels: 100%"):
        command(monkeypatch, *words, work=work(constant))
    assert SelfTest.objects.get().cases == []
    words += ["--collection", "phantoms"]
    command(monkeypatch, *words, work=work(seeing))
    assert "cxr_llava looks at the image" in capsys.readouterr().out
    assert len(SelfTest.objects.latest("id").cases) == 2


def test_the_command_counts_imported_texts(study, monkeypatch, capsys):
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").update(text="Clear lungs.")
    command(monkeypatch, "ground_truth")
    said = capsys.readouterr().out
    assert "4 texts: 1 different" in said and "One text stands under 4 of 4" in said
    for words, sentence in (
        (["none"], "no reports of none"),
        (["cxr_llava", "--collection", "none"], "no collection none"),
        (["cxr_llava", "--images", "1"], "two at the least"),
    ):
        with pytest.raises(CommandError, match=sentence):
            command(monkeypatch, *words)
