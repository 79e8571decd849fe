"""The forms of signing in and of one's own account; labels and sentences are ours."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MfaReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from axes.helpers import get_cool_off
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from readerstudy.accounts.models import User
from readerstudy.studies.account import services


class SignInForm(LoginForm):
    """User name and password, under the names that browsers have kept them by."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget = forms.TextInput(
            attrs={
                **{"autocomplete": "username", "autocapitalize": "none"},
                **{"maxlength": "150", "autofocus": True},
            }
        )
        self.fields["password"].widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password"}
        )
        self.fields["password"].help_text = ""

    def add_prefix(self, field_name: str) -> str:
        return "username" if field_name == "login" else field_name


class PasswordAgainForm(ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True}
        )
        self.fields["password"].help_text = ""


def _in_plain_words(field: forms.Field) -> None:
    field.label = _("Code")
    field.help_text = _(
        "Six digits from your authenticator app, or one of your recovery codes."
    )
    field.widget = forms.TextInput(
        attrs={
            **{"autocomplete": "one-time-code", "inputmode": "numeric"},
            **{"maxlength": "20", "autofocus": True},
        }
    )


class CodeForm(AuthenticateForm):
    """A code at the sign-in; wrong ones are counted and leave events."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_plain_words(self.fields["code"])

    def clean_code(self) -> str:
        return counted(super().clean_code, self.user)


class CodeAgainForm(MfaReauthenticateForm):
    """A code once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_plain_words(self.fields["code"])

    def clean_code(self) -> str:
        return counted(super().clean_code, self.user)


def counted(check: Any, user: User) -> str:
    """Check a code; what is wrong leaves an event, and so does the end of trying."""
    try:
        code: str = check()
    except ValidationError as refusal:
        if refusal.code == "too_many_login_attempts":
            # One event for each time that it is locked, not one for each try.
            seconds = get_cool_off().total_seconds()
            if cache.add(f"code-locked-{user.pk}", 1, timeout=seconds):
                services.note_lock_out(username=user.username, what="code")
        else:
            services.note_failure(username=user.username, what="code")
        raise
    return code


class AppForm(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_plain_words(self.fields["code"])
        self.fields["code"].help_text = _("The six digits that the app shows now.")


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: what it is called, and what the browser answers with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _(
            "By which you know it again, such as: telephone, or key on my key ring."
        )
        self.fields["passwordless"].label = _(
            "Sign in with it alone, without a password"
        )
        self.fields["passwordless"].help_text = ""


class NewPasswordForm(forms.Form):
    """The password now, and twice the one to come."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Eight characters or more, and none of those that everybody uses."),
    )
    again = forms.CharField(
        label=_("New password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        # Counted as every wrong password is: a screen that was left is no way to guess.
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["current"]):
            raise ValidationError(_("This is not your password."))
        return str(self.cleaned_data["current"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password") != typed.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return typed
