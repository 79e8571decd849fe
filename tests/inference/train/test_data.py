"""What training reads: pools, manifests, dialogues; and how it is scored."""

import json

import numpy as np
import pytest
import torch

from inference.chexpert import FINDINGS
from inference.commands.evaluate import BUNDLED
from inference.cxr_llava import CxrLlavaProcessor
from inference.phantom.findings import FINE_LABELS, Finding
from inference.phantom.phantom import draw
from inference.prompts import LABEL_QUESTION, REPORT_QUESTION
from inference.train.building import new_config
from inference.train.data import PhantomData, phantom_facts
from inference.train.dialogues import conversation
from inference.train.evaluate import chance_level, f1_scores, shuffled
from inference.train.language import IGNORED, encode_answers
from inference.train.manifest import Facts, read_manifest
from inference.train.pool import build_pool, fine_targets, small_image
from inference.train.settings import ModelSettings

NODULE = (Finding("nodule", side="left", zone="upper"),)
SHAPE = ModelSettings(64, 8, 64, 1, 32, 1, 2, 32, 512)


def test_a_pool_holds_what_was_drawn(pool_folder):
    pool = build_pool(pool_folder, first=50, count=24, drawn=64, size=64, workers=1)
    assert pool.images.shape == (24, 64, 64)
    for row in (0, 11, 23):
        phantom = draw(50 + row, size=64)
        labels, patches = fine_targets(phantom)
        assert np.array_equal(pool.images[row], small_image(phantom, 64))
        assert np.array_equal(pool.labels[row], labels)
        assert np.array_equal(pool.patches[row], patches)
        assert pool.findings[row] == phantom.findings
        shown = {finding.label for finding in phantom.findings}
        assert {FINE_LABELS[one] for one in np.nonzero(labels)[0]} == shown


def test_phantoms_come_standardised_with_their_labels(pool_folder):
    pool = build_pool(pool_folder, first=50, count=24, drawn=64, size=64, workers=1)
    data = PhantomData(pool, new_config(SHAPE))
    rows = np.array([3, 20])
    assert data.pixels(rows).shape == (2, 1, 64, 64)
    assert data.abnormal(rows).tolist() == [
        float(bool(pool.findings[row])) for row in rows
    ]


def test_facts_of_a_phantom_say_what_and_where():
    facts = phantom_facts(NODULE, np.random.default_rng(1))
    assert facts.labels["Lung Lesion"] and not facts.labels["Edema"]
    assert facts.sites == {"Lung Lesion": "left upper lung"}
    assert facts.is_abnormal and facts.keywords == ("lung lesion",)
    normal = phantom_facts((), np.random.default_rng(1))
    assert normal.is_abnormal is False and normal.keywords == ("no finding",)


@pytest.mark.parametrize(
    ("labels", "abnormal"),
    [
        ({}, None),
        ({"No Finding": True}, False),
        ({"No Finding": False}, True),
        ({"Edema": False}, False),
        ({"No Finding": True, "Edema": True}, True),
    ],
)
def test_a_study_is_normal_only_where_something_says_so(labels, abnormal):
    assert Facts(labels).is_abnormal is abnormal


def test_the_label_question_is_answered_with_fourteen_labels():
    facts = phantom_facts(NODULE, np.random.default_rng(1))
    _, asked, answer = conversation(facts, "labels", np.random.default_rng(1))
    assert asked["content"].endswith(LABEL_QUESTION)
    labels = json.loads(answer["content"])
    assert tuple(labels) == FINDINGS
    assert [name for name, here in labels.items() if here] == ["Lung Lesion"]


def test_further_questions_follow_the_report_and_fit_the_facts():
    facts = phantom_facts(NODULE, np.random.default_rng(1))
    seen = set()
    for seed in range(60):
        talk = conversation(facts, "question", np.random.default_rng(seed))
        roles = [turn["role"] for turn in talk]
        assert roles[:3] == ["system", "user", "assistant"]
        assert "<image>" in talk[1]["content"]
        if len(talk) == 5:
            assert talk[1]["content"].endswith(REPORT_QUESTION)
            assert talk[2]["content"] == facts.report
        question = talk[-2]["content"].removeprefix("<image>\n").strip()
        seen.add((question, talk[-1]["content"]))
    assert ("Where is the lung lesion?", "Left upper lung.") in seen
    assert ("Is there lung lesion?", "Yes, lung lesion.") in seen
    assert ("Is there edema?", "No, there is no edema.") in seen
    study = "A chest CT is needed to characterize the nodule."
    assert ("Should additional radiologic study be needed?", study) in seen


def test_only_the_answer_is_learned_and_the_rest_is_the_prompt_of_the_processor():
    processor = CxrLlavaProcessor.from_pretrained(BUNDLED)
    facts = phantom_facts(NODULE, np.random.default_rng(1))
    talks = [
        conversation(facts, kind, np.random.default_rng(seed))
        for seed, kind in enumerate(("report", "question", "question", "labels"))
    ]
    answers = encode_answers(processor, talks)
    for row, talk in enumerate(talks):
        learned = answers.ids[row][answers.targets[row] != IGNORED]
        assert processor.decode(learned) == talk[-1]["content"]
        assert learned[-1] == 2
        prompt = processor.encode_conversation(talk[:-1])
        mark = len(answers.before)
        assert prompt[:mark] == answers.before
        length = len(prompt) - mark - 1
        assert answers.ids[row, :length].tolist() == prompt[mark + 1 :]
        assert torch.equal(
            answers.targets[row, :length], torch.full((length,), IGNORED)
        )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"image": "a.png", "labels": {"Edma": 1}}', "label 'Edma'"),
        ('{"image": "a.png", "labels": {"Edema": 2}}', "the value 2"),
        ('{"image": "a.png", "uncertain": ["Edma"]}', "'Edma' is no finding"),
        ('{"labels": {}}', "is no study"),
        ("not json", "is no study"),
        ("[]", "is no study"),
    ],
)
def test_a_faulty_manifest_is_refused_with_its_line(tmp_path, line, sentence):
    path = tmp_path / "studies.jsonl"
    path.write_text('{"image": "b.png"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Line 2") as refusal:
        read_manifest(path)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("uncertain", "labels", "abnormal"),
    [
        (["Pneumonia"], {"Edema": 0}, None),
        (["No Finding"], {"Edema": 0}, None),
        (["Pneumonia"], {"Edema": 1}, True),
        (["Pneumonia"], {"No Finding": 1}, False),
    ],
)
def test_a_doubtful_study_does_not_pass_for_normal(
    tmp_path, uncertain, labels, abnormal
):
    path = tmp_path / "studies.jsonl"
    line = {"image": "a.png", "labels": labels, "uncertain": uncertain}
    path.write_text(json.dumps(line), encoding="utf-8")
    (_, facts), *_ = read_manifest(path)
    assert facts.is_abnormal is abnormal


def test_a_report_may_hold_any_separator_of_unicode(tmp_path):
    path = tmp_path / "studies.jsonl"
    line = {"image": "a.png", "report": "One\u2028two\x85three."}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_manifest(path)[0][1].report == line["report"]


def test_a_study_without_a_known_finding_gives_no_keyword():
    assert Facts({"No Finding": True}).keywords == ("no finding",)
    assert Facts({"Edema": True, "Fracture": True}).keywords == ("edema", "fracture")
    # Abnormal in a way that the fourteen names do not tell, or not known at all.
    assert Facts({"No Finding": False}).keywords == ()
    assert Facts({}).keywords == ()


def test_an_empty_manifest_is_refused(tmp_path):
    path = tmp_path / "studies.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no study"):
        read_manifest(path)


def test_scores_are_those_of_the_definition():
    drawn = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], dtype=bool)
    stated = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], dtype=bool)
    assert f1_scores(drawn, stated).tolist() == [0.5, 0.0]
    # Shares 1/2 and 1/2 give 1/2 by chance, shares 1/4 and 0 give nothing.
    assert chance_level(drawn, stated) == pytest.approx(0.25)
    rows = np.arange(7)[:, None].repeat(2, axis=1)
    assert not (shuffled(rows, 1) == rows).any()
