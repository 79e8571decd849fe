"""The door to the pages of the site itself, for whoever looks after it."""

from django.core.exceptions import PermissionDenied

from readerstudy.access import AnyRequest, person, still_reads
from readerstudy.accounts.models import User


def administrator(request: AnyRequest) -> User:
    """The person, if they look after the site itself. It is no role in any study."""
    user = person(request)
    if not user.is_staff:
        raise PermissionDenied("This page is for the administrators of the site.")
    return user


def administrator_of_work(request: AnyRequest) -> User:
    """An administrator who may see what the workers do.

    Why a report failed may name its source, so it is kept from who still reads.
    """
    user = administrator(request)
    if still_reads(request):
        raise PermissionDenied(
            "You are a reader of a study that is not closed yet. What the workers do "
            "is kept from you until then; `manage.py doctor` says whether they are "
            "well."
        )
    return user
