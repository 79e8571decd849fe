"""Questions and answers about a study, built from what is known of it.

The paper had GPT-4 write its dialogues. Here templates do: whether a finding is there
and where, what it may mean, and what to do next, always after the report as the first
turn (Figures 4 and 5). Only the last answer of a conversation is learned.
"""

import json
from collections.abc import Callable

import numpy as np

from inference.chexpert import FINDINGS, NO_FINDING, SUPPORT_DEVICES
from inference.prompts import (
    DIFFERENTIAL_QUESTION,
    FURTHER_STUDY_QUESTION,
    Message,
    ask_conversation,
    follow_up,
    label_conversation,
    report_conversation,
)
from inference.train.manifest import Facts

# What each finding may mean and what would settle it; ordinary textbook knowledge.
CAUSES = {
    "Cardiomegaly": "heart failure, cardiomyopathy or pericardial effusion",
    "Pleural Effusion": "heart failure, infection or malignancy",
    "Consolidation": "pneumonia, aspiration or hemorrhage",
    "Pneumothorax": "trauma, a ruptured bleb or a recent procedure",
    "Lung Lesion": "primary lung cancer, metastasis or granuloma",
    "Edema": "heart failure, fluid overload or renal failure",
    "Pneumonia": "bacterial, viral or atypical infection",
    "Atelectasis": "mucus plugging, compression or a central mass",
    "Fracture": "trauma or a pathologic fracture",
    "Enlarged Cardiomediastinum": "aortic dilatation, a mass or a projection effect",
    "Lung Opacity": "infection, edema or atelectasis",
    "Pleural Other": "pleural thickening, plaque or scarring",
}
STUDIES = {
    "Pneumothorax": "A follow-up radiograph is needed soon.",
    "Lung Lesion": "A chest CT is needed to characterize the nodule.",
    "Pleural Effusion": "An ultrasound can guide drainage.",
    "Cardiomegaly": "An echocardiogram is suggested.",
    "Consolidation": "A follow-up radiograph after treatment is suggested.",
    "Edema": "An echocardiogram is suggested.",
    "Enlarged Cardiomediastinum": "A chest CT is suggested.",
    "Fracture": "Dedicated views are suggested.",
}
NO_CAUSES = "There is no abnormality to explain."
NO_STUDY = "No further study is needed."

Turn = tuple[str, str]


def conversation(facts: Facts, kind: str, rng: np.random.Generator) -> list[Message]:
    """A conversation of a kind (report, labels, question), its last turn the answer.

    Raises ValueError for a study without what the kind needs.
    """
    if kind == "labels":
        return _answered(label_conversation(), label_answer(facts))
    if not facts.report:
        raise ValueError("A study without a report cannot be asked about it.")
    first = _answered(report_conversation(), facts.report)
    if kind == "report":
        return first
    question, answer = _question(facts, rng)
    if rng.random() < 0.5:
        return _answered(follow_up(first[:-1], facts.report, question), answer)
    return _answered(ask_conversation(question), answer)


def label_answer(facts: Facts) -> str:
    """Fourteen labels as JSON; what is not known to be present is written as absent."""
    return json.dumps({name: int(facts.labels.get(name, False)) for name in FINDINGS})


def _answered(asked: list[Message], answer: str) -> list[Message]:
    return [*asked, {"role": "assistant", "content": answer}]


def _question(facts: Facts, rng: np.random.Generator) -> Turn:
    """One further question and its answer."""
    kinds: list[Callable[[Facts, np.random.Generator], Turn]] = [
        _differential,
        _further_study,
    ]
    if len(facts.labels) > 1:
        kinds += [_presence, _presence]
    if facts.sites:
        kinds.append(_place)
    if facts.questions:
        kinds += [_given] * 4
    return kinds[int(rng.integers(len(kinds)))](facts, rng)


def _present(facts: Facts) -> list[str]:
    hidden = {NO_FINDING, SUPPORT_DEVICES}
    return [name for name in FINDINGS if facts.labels.get(name) and name not in hidden]


def _differential(facts: Facts, rng: np.random.Generator) -> Turn:
    answers = [
        f"{name.capitalize()}: {CAUSES[name]}."
        for name in _present(facts)
        if name in CAUSES
    ]
    return DIFFERENTIAL_QUESTION, " ".join(answers) or NO_CAUSES


def _further_study(facts: Facts, rng: np.random.Generator) -> Turn:
    advice = [STUDIES[name] for name in _present(facts) if name in STUDIES]
    return FURTHER_STUDY_QUESTION, " ".join(dict.fromkeys(advice)) or NO_STUDY


def _presence(facts: Facts, rng: np.random.Generator) -> Turn:
    known = [name for name in FINDINGS if name in facts.labels and name != NO_FINDING]
    name = known[int(rng.integers(len(known)))]
    words = name.lower()
    answer = f"Yes, {words}." if facts.labels[name] else f"No, there is no {words}."
    return f"Is there {words}?", answer


def _place(facts: Facts, rng: np.random.Generator) -> Turn:
    names = sorted(facts.sites)
    name = names[int(rng.integers(len(names)))]
    question = f"Where is the {name.lower()}?"
    if name == SUPPORT_DEVICES:
        question = "Which support devices are there?"
    place = facts.sites[name]
    return question, f"{place[0].upper()}{place[1:]}."


def _given(facts: Facts, rng: np.random.Generator) -> Turn:
    return facts.questions[int(rng.integers(len(facts.questions)))]
