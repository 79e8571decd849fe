"""The sign-in form; the words are ours, the check is Django's."""

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": (
            "Username and password do not fit together. Capital and small letters "
            "count in both. If you have forgotten yours, ask the person who runs this "
            "site for a new one."
        ),
    }
