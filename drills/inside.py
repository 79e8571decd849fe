"""How a drill becomes one of the site's own processes."""

import os

import django
from django.core.management import call_command

from drills.stack import ROOT, Stack


def enter(site: Stack) -> None:
    """Set this process up on the site's database, past the proxies, and migrate it.

    Only after this may a module of the site be imported.
    """
    os.environ |= site.direct
    # Of what the drill itself misses meanwhile nobody need hear.
    os.environ["LOG_LEVEL"] = "ERROR"
    os.chdir(ROOT)
    django.setup()
    call_command("migrate", verbosity=0)
