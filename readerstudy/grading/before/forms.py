"""The forms before a session; the services decide."""

import json
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from readerstudy.grading.before.pattern import CORNERS, NONE, Pattern
from readerstudy.studies.models import Membership

_SALT = "readerstudy.display-check"
_GOOD_FOR_SECONDS = 3600
_PLACES = {
    "top_left": _("top left"),
    "top_right": _("top right"),
    "bottom_left": _("bottom left"),
    "bottom_right": _("bottom right"),
}
_WHERE = [*((corner, _PLACES[corner]) for corner in CORNERS), (NONE, _("I see none"))]


class ConsentForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput)
    agrees = forms.BooleanField(
        label=_("I have read this and I agree."),
        error_messages={"required": _("Tick the box if you agree.")},
    )


class DisplayForm(forms.Form):
    """What a reader tells of a pattern; the pattern comes back under a signature."""

    dark = forms.ChoiceField(
        choices=_WHERE,
        widget=forms.RadioSelect,
        label=_("Black patch: in which corner is a faint square?"),
    )
    bright = forms.ChoiceField(
        choices=_WHERE,
        widget=forms.RadioSelect,
        label=_("White patch: in which corner is a faint square?"),
    )
    steps = forms.IntegerField(
        min_value=1,
        max_value=99,
        label=_("How many steps has the row, black and white included?"),
    )
    lines = forms.ChoiceField(
        choices=[
            ("upright", _("upright")),
            ("level", _("level")),
            (NONE, _("I see none")),
        ],
        widget=forms.RadioSelect,
        label=_("Which way do the fine lines run?"),
    )
    room = forms.BooleanField(
        required=False,
        label=_("The room is dim, and no lamp or window is mirrored in the screen."),
    )

    def answers(self) -> dict[str, Any]:
        """What was told, in plain values."""
        return dict(self.cleaned_data)


class StalePattern(ValueError):
    """The page was open for too long, or its pattern is another reader's."""


def sealed(pattern: Pattern, reader: Membership) -> str:
    """A pattern in a form that comes back unaltered."""
    return signing.dumps([reader.pk, pattern.as_json()], salt=_SALT)


def unsealed(token: str, reader: Membership) -> Pattern:
    """The pattern that was sealed; raises StalePattern."""
    try:
        owner, pattern = signing.loads(token, salt=_SALT, max_age=_GOOD_FOR_SECONDS)
    except signing.BadSignature as problem:
        raise StalePattern from problem
    if owner != reader.pk:
        raise StalePattern
    return Pattern(**pattern)


def told_of_device(text: str) -> Any:
    """What a browser wrote about its screen; nothing where that is no JSON."""
    try:
        return json.loads(text[:2000])
    except ValueError:
        return None
