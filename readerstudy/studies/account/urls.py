"""Addresses of signing in and of one's own account; of django-allauth's, those we use.

Its names are its own, for it looks for them itself.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as sign_in
from allauth.mfa.base import views as factors
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as hospitals
from allauth.socialaccount.providers.openid_connect import views as openid
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.urls import include, path
from django.views.decorators.http import require_http_methods

from readerstudy.studies.account import views
from readerstudy.studies.account.noted import noted

View = Callable[..., Any]


def stranger(view: View) -> View:
    """Open to those who are not signed in."""
    return login_not_required(view)


def shown(view: View) -> View:
    return require_http_methods(["GET"])(view)


def sent(view: View) -> View:
    return require_http_methods(["POST"])(view)


def form(view: View) -> View:
    return require_http_methods(["GET", "POST"])(view)


def change(view: View) -> View:
    """A form whose change and event are stored together, or neither."""
    return form(transaction.atomic(view))


_ACCOUNT = [
    path("account/", views.account, name="account"),
    path("account/sessions/end/", views.end_sessions, name="end_sessions"),
    path("account/password/", views.password, name="password"),
    path("account/confirm/", views.confirm, name="confirm"),
    path("account/confirm/hospital/", views.hospital_again, name="hospital_again"),
    path("account/confirmed/", views.confirmed, name="confirmed"),
    path("account/hospital/link/", views.link_hospital, name="link_hospital"),
    path(
        "account/hospital/<int:account_id>/unlink/",
        views.unlink_hospital,
        name="unlink_hospital",
    ),
]
_ADD_APP = noted(
    app.activate_totp,
    Authenticator.Type.TOTP,
    verb="account.factor_added",
    kind="app",
)
_NEW_CODES = noted(
    codes.generate_recovery_codes,
    Authenticator.Type.RECOVERY_CODES,
    verb="account.recovery_codes_made",
    kind="codes",
)
_LOGIN, _LOGOUT = form(sign_in.login), sent(sign_in.logout)

urlpatterns = [
    path("sign-in/", _LOGIN, name="sign_in"),
    path("sign-in/", _LOGIN, name="account_login"),
    path("sign-out/", _LOGOUT, name="sign_out"),
    path("sign-out/", _LOGOUT, name="account_logout"),
    path("sign-in/code/", form(factors.authenticate), name="mfa_authenticate"),
    path(
        "sign-in/passkey/",
        stranger(form(passkeys.login_webauthn)),
        name="mfa_login_webauthn",
    ),
    path(
        "sign-in/closed/",
        stranger(shown(sign_in.account_inactive)),
        name="account_inactive",
    ),
    path(
        "hospital/<slug:provider_id>/sign-in/",
        views.hospital_sign_in,
        name="openid_connect_login",
    ),
    path(
        "hospital/<slug:provider_id>/back/",
        stranger(shown(openid.callback)),
        name="openid_connect_callback",
    ),
    path(
        "hospital/cancelled/",
        stranger(shown(hospitals.login_cancelled)),
        name="socialaccount_login_cancelled",
    ),
    path(
        "hospital/failed/",
        stranger(shown(hospitals.login_error)),
        name="socialaccount_login_error",
    ),
    path("", include((_ACCOUNT, "account"))),
    path("account/", views.account, name="mfa_index"),
    path("account/", views.account, name="mfa_list_webauthn"),
    path("account/", views.account, name="socialaccount_connections"),
    path(
        "account/confirm/password/",
        form(sign_in.reauthenticate),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        form(factors.reauthenticate),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        form(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", change(_ADD_APP), name="mfa_activate_totp"),
    path(
        "account/app/remove/", change(app.deactivate_totp), name="mfa_deactivate_totp"
    ),
    path(
        "account/passkeys/add/", change(passkeys.add_webauthn), name="mfa_add_webauthn"
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        change(views.remove_passkey),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/codes/",
        shown(transaction.atomic(codes.view_recovery_codes)),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/codes/new/",
        change(_NEW_CODES),
        name="mfa_generate_recovery_codes",
    ),
]
