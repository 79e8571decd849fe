"""A new webhook, as chosen."""

from typing import Any

from django import forms
from django.conf import settings

from readerstudy.studies.webhooks.kinds import KINDS
from readerstudy.studies.webhooks.receivers import host_of


class WebhookForm(forms.Form):
    """Who is told, and of what."""

    receiver = forms.ChoiceField(
        help_text="The administrator of the site names the receivers; no other address "
        "is ever called.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="A delivery holds the kind of event, the study's code and the time. "
        "It never says who read what, or how it was graded.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        receiver = self.fields["receiver"]
        assert isinstance(receiver, forms.ChoiceField)  # noqa: S101
        receiver.choices = [
            (name, f"{name} ({host_of(url)})")
            for name, url in settings.WEBHOOKS.receivers.items()
        ]
