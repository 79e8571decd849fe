"""A database that was edited by hand: the verifier names the row."""

import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from readerstudy.analysis.services import compute
from readerstudy.audit.covered import COVERED
from readerstudy.audit.models import Event
from readerstudy.audit.services import SITE, record
from readerstudy.audit.verifying import Verdict, verify
from readerstudy.export.services import record_bundle
from readerstudy.grading.before.consent import agree, consent_version
from readerstudy.grading.before.display import store_check
from readerstudy.grading.after.guessing import Guess, open_sheet, store_guesses
from readerstudy.grading.before.pattern import new_pattern
from readerstudy.grading.reply import Mark
from readerstudy.studies.lifecycle.unblinding import unblind
from readerstudy.studies.people.withdrawing import withdraw
from readerstudy.studies.services import amend
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, person, rosa

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
