"""Accounts by user name and password, as Django checks them.

Every request asks whose it is: the account is found without putting SQL together.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from readerstudy.accounts.models import User
from readerstudy.statements import Statement

_account = Statement(lambda number: User.objects.filter(pk=number), numbers=["number"])


class Accounts(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        """The account of a session, unless it was closed."""
        user = _account.first(number=user_id)
        return user if user and self.user_can_authenticate(user) else None
