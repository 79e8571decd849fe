"""Put what is encrypted in the database under the signing key of now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.studies.account.sealing import reseal


class Command(BaseCommand):
    help = (
        "Encrypts anew what is encrypted, so that SECRET_KEY_FALLBACKS may be emptied."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = reseal(actor=None)
        self.stdout.write(f"Under the key of now: {found.done}.")
        add_the_key = (
            "Add the key under which they were stored to SECRET_KEY_FALLBACKS, or "
        )
        if found.people:
            people = ", ".join(sorted(set(found.people)))
            raise CommandError(
                f"No key of the settings opens the second factors of {people}. "
                f"{add_the_key}let these people make new ones: `manage.py "
                "reset_sign_in USERNAME --factors`."
            )
        if found.webhooks:
            raise CommandError(
                "No key of the settings opens the secrets of the webhooks to "
                f"{', '.join(sorted(set(found.webhooks)))}. {add_the_key}remove these "
                "webhooks and add them anew."
            )
