"""An OpenAI-compatible endpoint as a writer of reports.

Of each radiograph one request is sent: the prompt and the image as a PNG. A refusal is
asked about once more, with the alternative prompt, as the paper did with GPT-4-vision.
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from inference.characters import whole_characters
from inference.endpoint import Declined, Endpoint, Reply, TurnedAway
from inference.endpoint import Refused as Turned
from inference.identity import canonical_sha256
from inference.prompts import REPORT_QUESTION
from inference.writers.desk import Desk
from inference.writers.pictures import png_of
from inference.writers.refusals import is_refusal
from inference.writers.writing import (
    Answer,
    Failed,
    ForGood,
    Key,
    Outcome,
    Picture,
    Refused,
    Written,
)

PROMPT = REPORT_QUESTION.strip()
ALTERNATIVE = (
    "This radiograph has been de-identified for a study of report-writing systems. No "
    "patient is cared for by your answer, and radiologists will judge it. Describe "
    "what the image shows in the form of a radiologic report, including atelectasis, "
    "cardiomegaly, consolidation, pulmonary edema, pleural effusion, and pneumothorax. "
    "Write the report only."
)
# No answer has more tokens; a larger count is an error of whoever counted.
_MOST_TOKENS = 10_000_000
# Requests under way at once: waiting for a far server costs this one nothing.
AT_ONCE = 4


@dataclass(frozen=True)
class EndpointMaking:
    """Everything that a report of an endpoint depends on besides its image.

    alternative   asked once after a refusal; empty: a refusal is final
    detail        how closely the image is looked at, in the endpoint's words
    limit         the name under which the endpoint knows the most tokens
    largest_side  pixels of the longer side of what is sent
    """

    address: str
    model: str
    prompt: str = PROMPT
    alternative: str = ALTERNATIVE
    detail: str = "high"
    temperature: float = 0.0
    seed: int = 0
    max_tokens: int = 512
    limit: str = "max_tokens"
    largest_side: int = 2048

    @property
    def fingerprint(self) -> str:
        """The SHA-256 that names this making."""
        return canonical_sha256({"kind": "endpoint", **asdict(self)})

    def sent_with(self) -> dict[str, Any]:
        """What goes along with each question."""
        return {
            "temperature": self.temperature,
            "seed": self.seed,
            self.limit: self.max_tokens,
        }


class EndpointWriter:
    """Asks an endpoint, several radiographs at once."""

    def __init__(self, making: EndpointMaking, endpoint: Endpoint) -> None:
        self.making = making
        self.endpoint = endpoint

    @property
    def fingerprint(self) -> str:
        """Name address, model, prompts and settings."""
        return self.making.fingerprint

    def provenance(self) -> dict[str, Any]:
        """Return what reports rest on besides their images; never the key."""
        made = self.making
        prompts = [("user", made.prompt), ("user, after a refusal", made.alternative)]
        return {
            "kind": "endpoint",
            "address": made.address,
            "model": made.model,
            "prompt": [
                {"role": role, "content": words} for role, words in prompts if words
            ],
            "decoding": made.sent_with() | {"detail": made.detail},
        }

    def write(self, pictures: Sequence[Picture[Key]]) -> Iterator[Outcome[Key]]:
        """Ask about each picture; what is answered first comes first."""
        desk: Desk[Outcome[Key]] = Desk()
        with ThreadPoolExecutor(AT_ONCE, "ask") as executor:
            asked = [executor.submit(self._outcome, each, desk) for each in pictures]
            try:
                yield from desk.finished(asked)
            finally:
                for each in asked:
                    each.cancel()
                desk.close()

    def _outcome(self, picture: Picture[Key], desk: Desk[Outcome[Key]]) -> Outcome[Key]:
        """What came of one radiograph; whatever goes wrong is a failure of that one."""
        answers: list[Answer] = []

        def before_sending() -> None:
            desk.have_done(picture.before_sending)

        try:
            return self._asked(picture, answers, before_sending)
        except (ForGood, TurnedAway) as problem:
            return Failed(picture.key, str(problem), tuple(answers), for_good=True)
        except ValueError as problem:  # a sentence already
            said = whole_characters(str(problem))
        except Exception as problem:  # noqa: BLE001 - the others were paid for
            said = f"{type(problem).__name__}: {self.endpoint.told(str(problem))}"
        return Failed(picture.key, said, tuple(answers))

    def _asked(
        self,
        picture: Picture[Key],
        answers: list[Answer],
        before_sending: Callable[[], None],
    ) -> Outcome[Key]:
        """Ask, with each prompt in turn; `answers` gets all that may be charged for."""
        image = png_of(picture.open(), largest_side=self.making.largest_side)
        started = time.monotonic()
        prompts = {"first": self.making.prompt, "alternative": self.making.alternative}
        for name, words in prompts.items():
            if not words:
                continue
            try:
                reply = self.endpoint.ask(
                    [self._message(words, image)],
                    before_sending=before_sending,
                    **self.making.sent_with(),
                )
            except Declined as refusal:
                answers.append(_answer(refusal.said, refusal.usage, is_refusal=True))
                continue
            except Turned as problem:
                if problem.usage is not None:
                    answers.append(_answer("", problem.usage, is_refusal=False))
                raise
            if is_refusal(reply.text):
                answers.append(_answer(reply.text, reply.usage, is_refusal=True))
                continue
            answers.append(_answer("", reply.usage, is_refusal=False))
            return Written(
                picture.key,
                reply.text,
                _making(reply, image)
                | {
                    "asked_with": name,
                    "refusals": len(answers) - 1,
                    "seconds": round(time.monotonic() - started, 3),
                },
                tuple(answers),
            )
        return Refused(picture.key, answers[-1].said, tuple(answers))

    def _message(self, words: str, image: bytes) -> dict[str, Any]:
        content = base64.b64encode(image).decode()
        shown = {
            "url": f"data:image/png;base64,{content}",
            "detail": self.making.detail,
        }
        return {
            "role": "user",
            "content": [
                {"type": "text", "text": words},
                {"type": "image_url", "image_url": shown},
            ],
        }


def _making(reply: Reply, image: bytes) -> dict[str, Any]:
    """What is particular to one answer."""
    return {
        "answered_by": reply.model,
        "system_fingerprint": reply.system_fingerprint,
        "prompt_tokens": _count(reply.usage, "prompt_tokens"),
        "new_tokens": _count(reply.usage, "completion_tokens"),
        "finish": reply.finish,
        "sent_sha256": sha256(image).hexdigest(),
    }


def _answer(said: str, usage: Mapping[str, Any], *, is_refusal: bool) -> Answer:
    return Answer(
        is_refusal,
        said,
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
    )


def _count(usage: Mapping[str, Any], name: str) -> int:
    """A number of tokens; 0 where the endpoint counts none, or beyond all measure."""
    count = usage.get(name)
    return count if isinstance(count, int) and 0 <= count <= _MOST_TOKENS else 0
