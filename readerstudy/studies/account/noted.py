"""Events of factors that django-allauth makes without a word in the transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from readerstudy.accounts.models import User
from readerstudy.studies.account.services import note_change

View = Callable[..., Any]


def noted(view: View, factor: str, *, verb: str, kind: str) -> View:
    """Leave an event where a view has made a factor, in the transaction around both.

    factor  the type of it, of Authenticator.Type; kind: how the event calls it
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        person = request.user
        mine = Authenticator.objects.filter(user=person, type=factor)
        before = set(mine.values_list("pk", flat=True))
        answer = view(request, *args, **kwargs)
        if set(mine.values_list("pk", flat=True)) - before:
            note_change(user=person, verb=verb, detail={"kind": kind})
        return answer

    return asked
