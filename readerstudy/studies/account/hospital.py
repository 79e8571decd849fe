"""Hospital accounts: who may come in by one.

A hospital account opens an account here only if it was linked to it: by the person who
was signed in, on the own page, or by following an invitation. An e-mail address never
links the two: the site has not verified the one it knows, and a hospital may give an
address to somebody else later.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from readerstudy.accounts.models import User
from readerstudy.studies.account import services
from readerstudy.studies.people.models import Invitation

# In the session: what a person was about to do when they left for the hospital.
MAY_LINK, INVITATION = "may_link_hospital", "invitation_followed"


class HospitalAdapter(DefaultSocialAccountAdapter):
    """What is asked when somebody comes back from the hospital's sign-in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        # Of what the hospital says of a person the site keeps its number for them.
        sociallogin.account.extra_data = {}
        process = sociallogin.state.get("process")
        if process == AuthProcess.REDIRECT:
            self._confirm(request, sociallogin)
        if process == AuthProcess.CONNECT and not request.session.pop(MAY_LINK, False):
            raise _sent_back(request, _("Begin on this page to link an account."))

    def _confirm(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Take a sign-in at the hospital as the answer to who one is."""
        is_same = sociallogin.is_existing and sociallogin.user == request.user
        if not is_same:
            raise _sent_back(request, _("This is not the hospital account of yours."))
        record_authentication(
            request, request.user, "socialaccount", reauthenticated=True
        )

    def is_open_for_signup(
        self, request: HttpRequest, sociallogin: SocialLogin
    ) -> bool:
        """Whether a new account is made: only on the way from an invitation."""
        followed: int = request.session.get(INVITATION, 0)
        return Invitation.objects.in_force().filter(pk=followed).exists()

    def is_auto_signup_allowed(
        self, request: HttpRequest, sociallogin: SocialLogin
    ) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Take name and user name over; the address stays with the hospital."""
        user: User = super().populate_user(
            request, sociallogin, {**data, "email": None}
        )
        sociallogin.email_addresses = []
        return user

    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None
    ) -> User:
        user: User = super().save_user(request, sociallogin, form)
        services.note_change(
            user=user, verb="account.made", detail={"by": "hospital account"}
        )
        return user


def _sent_back(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    messages.error(request, sentence)
    return ImmediateHttpResponse(redirect("account:account"))
