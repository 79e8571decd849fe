"""Forms of the sources' pages."""

from typing import Any

from django import forms
from django.conf import settings

from inference.writers.endpoint import ALTERNATIVE, PROMPT
from readerstudy.reports.writers import COMMAND_BATCH

_SIDE = (
    "The model gets an 8-bit grey PNG in the display window of the radiograph; its "
    "longer side has so many pixels at the most."
)


class _Named(forms.Form):
    name = forms.SlugField(
        max_length=80,
        label="Name of the source",
        help_text="Letters, digits, - and _. Arms of a study choose it by this name.",
    )


def _words(label: str, help_text: str, initial: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        initial=initial,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        **more,
    )


def _price(way: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=f"Price of 1,000 tokens {way}",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=6,
        help_text=help_text,
    )


def _currency() -> forms.RegexField:
    return forms.RegexField(
        r"^[A-Za-z]{3}$",
        required=False,
        max_length=3,
        help_text="Three letters, such as USD.",
    )


class ModelForm(_Named):
    """One more checkpoint of CXR-LLaVA, under a name of its own."""

    checkpoint = forms.CharField(
        max_length=300,
        help_text="A folder on the server, or a hub id such as ECOFRI/CXR-LLaVA-v2, "
        "also with @revision.",
    )


class EndpointForm(_Named):
    """An endpoint that speaks OpenAI's protocol."""

    endpoint = forms.ChoiceField(
        help_text="Where it answers, as the site's settings have it.",
        choices=lambda: [
            (each.name, f"{each.name}: {each.url}")
            for each in settings.REPORT_ENDPOINTS.values()
        ],
    )
    model = forms.CharField(
        max_length=300,
        help_text="Its name at the endpoint, best with a date or version in it.",
    )
    prompt = _words("Prompt", "Asked with each radiograph.", PROMPT)
    alternative = _words(
        "Alternative prompt",
        "Asked once more after a refusal. Without it, the first refusal is final.",
        ALTERNATIVE,
        required=False,
    )
    detail = forms.ChoiceField(
        choices=[("high", "high"), ("auto", "auto"), ("low", "low")],
        help_text="How closely the endpoint looks; the paper took high.",
    )
    temperature = forms.FloatField(
        min_value=0, max_value=2, initial=0, help_text="0 repeats itself best."
    )
    seed = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, initial=0, help_text="Sent along."
    )
    max_tokens = forms.IntegerField(
        label="Most tokens of an answer", min_value=1, max_value=100_000, initial=512
    )
    limit = forms.ChoiceField(
        label="Name of that limit",
        choices=[
            ("max_tokens", "max_tokens"),
            ("max_completion_tokens", "max_completion_tokens"),
        ],
        help_text="Newer models of OpenAI want the longer name.",
    )
    largest_side = forms.IntegerField(
        label="Pixels of the longer side",
        min_value=64,
        max_value=8192,
        initial=2048,
        help_text=_SIDE,
    )
    price_in = _price(
        "in",
        "Of prompt and image. With prices, costs are added up; they can be "
        "changed later.",
    )
    price_out = _price("out")
    currency = _currency()


class PricesForm(forms.Form):
    """What the answers of an endpoint cost from now on."""

    price_in = _price("in", "Of prompt and image.")
    price_out = _price("out")
    currency = _currency()


class ImageTextForm(_Named):
    """A model that the worker loads with transformers."""

    checkpoint = forms.ChoiceField(
        label="Model",
        help_text="A folder or hub id, as the site's settings have it.",
        choices=lambda: [(each, each) for each in settings.REPORT_MODELS],
    )
    system = _words(
        "System message", "Said before the prompt, if at all.", "", required=False
    )
    prompt = _words("Prompt", "Asked with each radiograph.", PROMPT)
    max_new_tokens = forms.IntegerField(
        label="Most tokens of a report", min_value=1, max_value=100_000, initial=512
    )


class CommandForm(_Named):
    """A command with an environment of its own."""

    command = forms.ChoiceField(
        help_text="By the name that the site's settings give it.",
        choices=lambda: [(name, name) for name in settings.REPORT_COMMANDS],
    )
    version = forms.CharField(
        max_length=200,
        help_text="Of the model and its adapter. It belongs to the making of every "
        "report: after an update, add another source.",
    )
    batch = forms.IntegerField(
        label="Radiographs in one run",
        min_value=1,
        max_value=1000,
        initial=COMMAND_BATCH,
        help_text="The command loads its model anew for each run.",
    )
    seconds = forms.IntegerField(
        label="Seconds of one run",
        min_value=1,
        max_value=86_400,
        initial=1800,
        help_text="After so many, the run is ended.",
    )
    largest_side = forms.IntegerField(
        label="Pixels of the longer side",
        min_value=64,
        max_value=8192,
        initial=2048,
        help_text=_SIDE,
    )


class SendingForm(forms.Form):
    """Whether radiographs of a collection may be sent to an endpoint, and why."""

    source = forms.SlugField(max_length=80, widget=forms.HiddenInput)
    statement = forms.CharField(
        label="On what grounds",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The vote, contract or agreement that allows it. It stands in the "
        "record of the site.",
    )
    is_sure = forms.BooleanField(
        label="I have the right to decide this for the collection."
    )
