"""Forms of invitations and withdrawals; the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.lifecycle.forms import ReasonForm
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.people.inviting import DEFAULT_DAYS, MAXIMUM_DAYS, ROLES
from readerstudy.studies.people.models import Withdrawal
from readerstudy.studies.people.withdrawing import KEPT_ONCE_OPEN


class InvitationForm(forms.Form):
    name = forms.CharField(max_length=150, help_text="As the person is addressed.")
    role = forms.ChoiceField(
        choices=[(role, Membership.Role(role).label) for role in ROLES]
    )
    email = forms.EmailField(
        required=False,
        label="E-mail address",
        help_text="Left empty, the link is for you to print or to hand over.",
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=MAXIMUM_DAYS,
        initial=DEFAULT_DAYS,
        label="Good for, in days",
    )


class AcceptForm(forms.Form):
    """A new person's account."""

    username = forms.CharField(
        max_length=150,
        help_text=_("With it you sign in from now on."),
        label=_("User name"),
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label=_("Password"),
        help_text=_("Eight characters or more, and none of those that everybody uses."),
        strip=False,
    )
    again = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label=_("Password once more"),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password") != typed.pop("again", None):
            self.add_error("again", _("The two passwords differ."))
        return typed


class OneReader(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A reader by code and name."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.reader_code}, {obj.user}"


class WithdrawalForm(ReasonForm, ConfirmationForm):
    """Who leaves, why, and what becomes of what they read."""

    reader = OneReader(
        queryset=Membership.objects.none(), empty_label="Choose a reader"
    )
    rule = forms.ChoiceField(
        choices=Withdrawal.Rule.choices,
        initial=Withdrawal.Rule.EXCLUDED,
        widget=forms.RadioSelect,
        label="What they have read",
        help_text="Decided now, without a look at any grade.",
    )
    field_order = ["reader", "reason", "rule", "is_sure"]

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readers = study.membership_set.readers().filter(withdrawal=None)
        if study.is_unblinded:
            rule = self.fields["rule"]
            assert isinstance(rule, forms.ChoiceField)  # noqa: S101
            kept = Withdrawal.Rule.KEPT
            rule.choices, rule.initial = [(kept.value, kept.label)], kept
            rule.help_text = KEPT_ONCE_OPEN
        field = self.fields["reader"]
        assert isinstance(field, OneReader)  # noqa: S101
        field.queryset = readers.select_related("user")
