"""Where django-allauth asks the site: at every sign-in, sign-out and change."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_password_login,
)
from allauth.account.models import Login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.handlers.proxy import AxesProxyHandler
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from readerstudy.accounts.addresses import address_of
from readerstudy.accounts.models import User
from readerstudy.accounts.sealed import opened, sealed
from readerstudy.studies.account import services, sessions
from readerstudy.studies.account.confirming import is_confirmed
from readerstudy.studies.account.lockout import counted_name
from readerstudy.studies.account.second_factor import (
    KINDS,
    needs_second_factor,
    owes_second_factor,
)

# The letters that allauth would send at once, and the events that they stand for; what
# it tells of only after the change is stored, noted.py sees for itself.
EVENTS = {
    "mfa/email/totp_deactivated": ("account.factor_removed", "app"),
    "mfa/email/webauthn_added": ("account.factor_added", "passkey"),
    "mfa/email/webauthn_removed": ("account.factor_removed", "passkey"),
    "socialaccount/email/account_connected": ("account.hospital_linked", "hospital"),
    "socialaccount/email/account_disconnected": (
        "account.hospital_unlinked",
        "hospital",
    ),
}
GREETINGS = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
WAYS = {"socialaccount": "hospital", "mfa": "second factor"}


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and out; the sentences where it does not work."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "Username and password do not fit together. Capital and small letters "
            "count in both. If you have forgotten yours, ask the person who runs this "
            "site for a new one."
        ),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _(
            "This code is not right, or it was used already. Wait for the next one."
        ),
        "too_many_login_attempts": _(
            "There were too many wrong codes, and none is taken for a while, not even "
            "the right one. A passkey that signs in alone still opens the account."
        ),
        "rate_limited": _("There were too many wrong codes. Wait a while."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation, or by whoever runs the site."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be led there: to pages of this very site."""
        request = self.request
        return url_has_allowed_host_and_scheme(
            url,
            allowed_hosts={request.get_host()},
            require_https=request.is_secure(),
        )

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by axes, by name and address."""

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.begin(request.session, owes=owes_second_factor(user))
        # Slips of the pen before it are forgotten.
        AxesProxyHandler.reset_attempts(
            username=counted_name(request, {"username": user.username}),
            ip_address=address_of(request),
        )
        records = get_authentication_records(request, user)
        ways = [record["method"] for record in records]
        if any(record.get("passwordless") for record in records):
            ways = ["passkey"]
        services.note_sign_in(user=user, ways=[WAYS.get(way, way) for way in ways])

    def logout(self, request: HttpRequest) -> None:
        services.sign_out(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Say what allauth wants said, but for greetings that every page shows."""
        if message_template not in GREETINGS:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(
        self, template_prefix: str, user: User, *args: Any, **kwargs: Any
    ) -> None:
        """Leave an event of what allauth would write a letter about."""
        if template_prefix in EVENTS:
            verb, kind = EVENTS[template_prefix]
            services.note_change(user=user, verb=verb, detail={"kind": kind})
        super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whether a page of allauth asks again who one is; a sign-in counts too."""
        return not is_confirmed(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to confirm, one's hospital account among them."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your authenticator app"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        ways = [way | {"description": words[way["id"]]} for way in ways]
        if SocialAccount.objects.filter(user=user.pk).exists():
            ways.append(
                {
                    "id": "hospital",
                    "description": _("Use your hospital account"),
                    "url": reverse("account:hospital_again"),
                }
            )
        return ways


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: their names, and which of them may go."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _(
            "Your account needs a second factor, and this is the last one. Add another "
            "first."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=KINDS)
        is_last = not others.exclude(pk=authenticator.pk).exists()
        return not (is_last and needs_second_factor(user))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """No name is proposed: the person knows which device it is."""
        return ""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "readerstudy"}

    def _get_user_identifier(self, user: User) -> str:
        return user.username


def begin_new(request: HttpRequest, user: User) -> HttpResponse:
    """Sign a person in who has just chosen a password, by the way of every sign-in."""
    credentials = {"username": user.username}
    answer: HttpResponse = perform_password_login(
        request, credentials, Login(user=user)
    )
    return answer
