"""A new token, as typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from readerstudy.accounts.models import ApiToken
from readerstudy.studies.tokens.services import DEFAULT_DAYS, MAXIMUM_DAYS


class TokenForm(forms.Form):
    """What the script is called and how long it may ask."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What it is for, such as: notebook of the main analysis."),
    )
    scope = forms.ChoiceField(
        label=_("What it is good for"),
        choices=ApiToken.Scope.choices,
        widget=forms.RadioSelect,
        help_text=_("Choose no more than the script needs."),
    )
    days = forms.IntegerField(
        label=_("Good for how many days"),
        min_value=1,
        max_value=MAXIMUM_DAYS,
        initial=DEFAULT_DAYS,
        help_text=_("At most a year. After that make another one."),
    )
