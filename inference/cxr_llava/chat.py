"""Conversations to the Llama-2 prompt text that the reference renders."""

from collections.abc import Mapping, Sequence
from typing import Any

# What transformers 4.36.2 inserts if the tokenizer asks for it and the caller gave no
# system message. Quoted, since parity needs every character.
DEFAULT_SYSTEM_MESSAGE = (
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as "
    "possible, while being safe. Your answers should not include any harmful, "
    "unethical, racist, sexist, toxic, dangerous, or illegal content. Please ensure "
    "that your responses are socially unbiased and positive in nature.\n\nIf a "
    "question does not make any sense, or is not factually coherent, explain why "
    "instead of answering something not correct. If you don't know the answer to a "
    "question, please don't share false information."
)


def render(
    conversation: Sequence[Mapping[str, Any]], default_system: bool = False
) -> str:
    """Return the prompt text, with `<s>` and `</s>` written out.

    The whole first block, system message included, is stripped of outer whitespace.
    Raises ValueError unless turns alternate user, assistant, user, ...
    """
    system, turns = _split(conversation)
    if system is None and default_system:
        system = DEFAULT_SYSTEM_MESSAGE
    text = ""
    for index, turn in enumerate(turns):
        role, content = turn["role"], turn["content"]
        if role != ("user", "assistant")[index % 2]:
            raise ValueError(
                "Conversation roles must alternate user/assistant/user/assistant/... "
                f"after one optional system message; turn {index + 1} is {role!r}."
            )
        if index == 0 and system is not None:
            content = f"<<SYS>>\n{system}\n<</SYS>>\n\n{content}"
        content = content.strip()
        text += f"<s>[INST] {content} [/INST]" if role == "user" else f" {content} </s>"
    return text


def _split(
    conversation: Sequence[Mapping[str, Any]],
) -> tuple[str | None, Sequence[Mapping[str, Any]]]:
    if not conversation:
        raise ValueError("The conversation is empty: give at least one question.")
    if conversation[0]["role"] == "system":
        return conversation[0]["content"], conversation[1:]
    return None, conversation
