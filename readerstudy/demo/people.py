"""The people of the demonstration: plainly invented, with passwords that are shown."""

from django.db import transaction

from readerstudy.accounts.models import User

PASSWORD = "demonstration"  # noqa: S105 - it is printed and shown
# Role, user name, name.
SIGN_INS = (
    ("coordinator", "cora", "Cora Coordinator"),
    ("reader", "rosa", "Rosa Reader"),
    ("analyst", "anya", "Anya Analyst"),
)
SIMULATED_READERS = ("simulated-1", "simulated-2", "simulated-3")


@transaction.atomic
def ensure_people() -> dict[str, User]:
    """Make the demonstration's accounts on first use; return them by user name."""
    people = {}
    for role, username, name in SIGN_INS:
        first, last = name.split()
        people[username] = _account(
            username, first, last, may_create_studies=role == "coordinator"
        )
    for number, username in enumerate(SIMULATED_READERS, 1):
        people[username] = _account(username, "Simulated reader", str(number))
    return people


def _account(
    username: str, first: str, last: str, *, may_create_studies: bool = False
) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first,
            "last_name": last,
            "may_create_studies": may_create_studies,
        },
    )
    if is_new:
        # Nobody signs in as a simulated reader.
        if username in SIMULATED_READERS:
            user.set_unusable_password()
        else:
            user.set_password(PASSWORD)
        user.save()
    return user
