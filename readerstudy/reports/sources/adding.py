"""The pages on which a source is added: each kind with its form, verb and help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.forms import BoundField, Form

from readerstudy.reports.models import Source
from readerstudy.reports.sources import services
from readerstudy.reports.sources.forms import (
    CommandForm,
    EndpointForm,
    ImageTextForm,
)


@dataclass(frozen=True)
class Addable:
    """One kind of source that can be added.

    setting  the setting by which the administrator names what may be chosen
    example  how it could look
    rare     fields that most people leave as they are
    """

    title: str
    explained: str
    form: type[Form]
    verb: Callable[..., Source]
    setting: str
    example: str
    rare: frozenset[str]

    def fields(self, form: Form, *, rare: bool) -> list[BoundField]:
        """The rare fields of its form, or the others, in their order."""
        return [field for field in form if (field.name in self.rare) == rare]

    @property
    def is_empty(self) -> bool:
        """Whether the site's settings name nothing to choose from."""
        return not getattr(settings, self.setting)


ADDABLE: Mapping[str, Addable] = {
    "endpoint": Addable(
        "An endpoint elsewhere",
        "Any service that speaks OpenAI's protocol, such as GPT, Gemini or vLLM. "
        "Radiographs leave this server, so each collection needs a confirmation before "
        "anything is sent.",
        EndpointForm,
        services.add_endpoint,
        "REPORT_ENDPOINTS",
        "openai=https://api.openai.com/v1",
        frozenset(
            {"detail", "temperature", "seed", "max_tokens", "limit", "largest_side"}
        ),
    ),
    "transformers": Addable(
        "A model of transformers",
        "Any image-text-to-text model with a chat template, such as MedGemma. The "
        "worker loads it; radiographs stay here.",
        ImageTextForm,
        services.add_image_text,
        "REPORT_MODELS",
        "google/medgemma-4b-it",
        frozenset({"system", "max_new_tokens"}),
    ),
    "command": Addable(
        "A command on the server",
        "For models that need an environment of their own, such as MAIRA-2, "
        "CheXagent-2 or LLaVA-Rad: a program that reads paths of images and writes "
        "reports.",
        CommandForm,
        services.add_command,
        "REPORT_COMMANDS",
        "maira2=/path/to/maira2/bin/python /path/to/adapters/maira2.py",
        frozenset({"batch", "seconds", "largest_side"}),
    ),
}


def facts_of_source(source: Source) -> list[tuple[str, Any]]:
    """Label and value of what a source other than CXR-LLaVA is set to."""
    labels = {
        "endpoint": "Endpoint",
        "prompt": "Prompt",
        "system": "System message",
        "alternative": "Alternative prompt",
        "detail": "Detail",
        "temperature": "Temperature",
        "seed": "Seed",
        "max_tokens": "Most tokens",
        "limit": "Name of that limit",
        "max_new_tokens": "Most tokens",
        "version": "Version",
        "batch": "Radiographs in one run",
        "seconds": "Seconds of one run",
        "largest_side": "Pixels of the longer side, at most",
    }
    facts = [
        (
            "Model" if source.kind != Source.Kind.COMMAND else "Command",
            source.checkpoint,
        ),
        ("Address", source.address),
        *((labels[name], value) for name, value in source.making.items()),
    ]
    allowed = settings.REPORT_ENDPOINTS.get(source.making.get("endpoint", ""))
    if allowed is not None:
        facts.append(("The key lies in", allowed.key_place))
    if source.currency:
        facts.append(
            (
                "Price of 1,000 tokens",
                f"{services.plain_price(source.price_in)} in, "
                f"{services.plain_price(source.price_out)} out, {source.currency}",
            )
        )
    return [(label, value) for label, value in facts if value != ""]
