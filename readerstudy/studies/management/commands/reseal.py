"""Put what is encrypted in the database under the signing key of now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.studies.account.sealing import reseal


class Command(BaseCommand):
    help = "Encrypts second factors anew, so that SECRET_KEY_FALLBACKS may be emptied."

    def handle(self, *args: Any, **options: Any) -> None:
        done, shut = reseal(actor=None)
        self.stdout.write(f"Under the key of now: {done}.")
        if shut:
            people = ", ".join(map(str, sorted(set(shut))))
            raise CommandError(
                f"No key of the settings opens the second factors of person {people}. "
                "Add the key under which they were stored to SECRET_KEY_FALLBACKS, or "
                "give these people new ones: manage.py reset_sign_in."
            )
