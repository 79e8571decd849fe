#!/usr/bin/env python
"""Run readerstudy's management commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readerstudy.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError
    from environs import EnvError

    from readerstudy.audit import origin

    origin.begin(" ".join(sys.argv[1:2]))
    try:
        execute_from_command_line(sys.argv)
    except (EnvError, ImproperlyConfigured) as problem:
        # A setting is missing or wrong; the sentence says which.
        sys.exit(str(problem))
    except (OperationalError, ProgrammingError) as problem:
        # A traceback helps nobody whose database is missing or not yet set up.
        sentence = str(problem).strip().splitlines()[0]
        if "no such table" in sentence or "does not exist" in sentence:
            sys.exit(
                f"The database is not set up: run `manage.py migrate`. ({sentence})"
            )
        if sentence.startswith(("connection failed", "connection timeout")):
            says_more = "`manage.py doctor` says more."
            sys.exit(f"The database does not answer; {says_more} ({sentence})")
        raise


if __name__ == "__main__":
    main()
