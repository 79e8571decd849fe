"""The prompts of CXR-LLaVA v2, as conversations.

A conversation is a list of messages with a role (system, user, assistant) and a text.
`<image>` marks the place of the radiograph. The wording is that of the released model:
other words give other reports, so it belongs to the fingerprint of every report.
"""

from collections.abc import Sequence
from typing import TypedDict

from inference.chexpert import FINDINGS

IMAGE_MARK = "<image>"

SYSTEM_MESSAGE = (
    "You are a helpful radiologist. Try to interpret chest x ray image and answer to "
    "the question that user provides."
)
REPORT_QUESTION = (
    "Write a radiologic report on the given chest radiograph, including information "
    "about atelectasis, cardiomegaly, consolidation, pulmonary edema, pleural "
    "effusion, and pneumothorax.\n"
)
DIFFERENTIAL_QUESTION = (
    "What are the possible differential diagnoses for this patient?\n"
)
LABEL_QUESTION = (
    "Label each finding in JSON format from the chest radiograph, 1 if it is present "
    f"and 0 if not: {', '.join(FINDINGS)}.\n"
)
FURTHER_STUDY_QUESTION = "Should additional radiologic study be needed?\n"


class Message(TypedDict):
    """One turn of a conversation."""

    role: str
    content: str


def ask_conversation(question: str) -> list[Message]:
    """Return the conversation that puts a free question about one radiograph."""
    return [
        {"role": "system", "content": SYSTEM_MESSAGE},
        {"role": "user", "content": f"{IMAGE_MARK}\n{question}"},
    ]


def report_conversation() -> list[Message]:
    """Return the conversation that asks for a radiologic report."""
    return ask_conversation(REPORT_QUESTION)


def differential_conversation() -> list[Message]:
    """Return the conversation that asks for differential diagnoses."""
    return ask_conversation(DIFFERENTIAL_QUESTION)


def label_conversation() -> list[Message]:
    """Return the conversation that asks for fourteen labels as JSON (Figure 2b).

    The paper prints only the beginning of its prompt; the rest is ours.
    """
    return ask_conversation(LABEL_QUESTION)


def follow_up(
    conversation: Sequence[Message], answer: str, question: str
) -> list[Message]:
    """Return the conversation continued by an answer and a further question.

    The radiograph stays in the first turn: a follow-up question carries no `<image>`.
    """
    return [
        *conversation,
        {"role": "assistant", "content": answer},
        {"role": "user", "content": question},
    ]
