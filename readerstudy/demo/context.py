"""What the pages of a demonstration site show besides: who may sign in."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from readerstudy.demo.people import PASSWORD, SIGN_INS
from readerstudy.studies.models import Membership

TASKS = {
    "coordinator": _("Set up a study, watch it, close it"),
    "reader": _("Grade the reports of the open study"),
    "analyst": _("See and export the results of the closed study"),
}


def sign_ins(request: HttpRequest) -> dict[str, Any]:
    """List the demonstration's accounts for the sign-in page."""
    return {
        "demonstration_sign_ins": [
            {
                "role": Membership.Role(role).label,
                "task": TASKS[role],
                "username": username,
                "password": PASSWORD,
            }
            for role, username, _name in SIGN_INS
        ]
    }
