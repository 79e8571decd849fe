"""A study in which every text that people, files or models wrote is an attack.

One text serves two: it breaks out of whatever HTML it stands in, and a spreadsheet
would run it.
"""

from contextlib import suppress

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat

from readerstudy.studies.models import Study
from tests import worlds
from tests.lifted import lifted
from tests.tables import filled_tables

ELEMENT, ATTRIBUTE = "xss-probe", "onxss"
HOSTILE = (
    f"=1+1'\" {ATTRIBUTE}=1 </script></style></textarea></title></option>"
    f"<{ELEMENT} {ATTRIBUTE}=1>-->]]>"
)
# Where words come from outside. Names of sources and collections stand in addresses and
# so have forms of their own.
TEXTS = {
    "accounts.User": ["first_name", "last_name"],
    "accounts.ApiToken": ["name"],
    "studies.Study": ["title", "instructions", "pause_message"],
    "studies.Arm": ["label"],
    "studies.Invitation": ["name", "failure"],
    "studies.Withdrawal": ["reason"],
    "studies.Amendment": ["reason", "before", "after"],
    "cases.Case": ["code", "indication"],
    "cases.CaseExclusion": ["note"],
    "cases.Image": ["name", "view_reason"],
    "cases.SetAside": ["reason"],
    "cases.Delivery": ["failure", "note"],
    "cases.DeliveredFile": ["name", "reason"],
    "reports.Report": ["text", "findings", "impression"],
    "reports.SignOff": ["statement", "without_scan"],
    "reports.LabelSet": ["name", "file_name"],
    "reports.LabelUpload": ["name"],
    "reports.TableImport": ["name"],
    "reports.Turn": ["question", "answer", "failure"],
    "reports.SelfTestResult": ["sentence"],
    "reports.Overruling": ["reason"],
    "presentation.BlindingAcceptance": ["text"],
    "presentation.PracticeCase": ["explanation"],
    "grading.Grade": ["comment", "reason"],
    "grading.ErrorMark": ["quote", "replacement"],
    "grading.Reminder": ["text", "failure"],
    "analysis.Exclusion": ["reason"],
    "export.BundleOrder": ["failure"],
}


def poison() -> int:
    """Put the attack into every text that is there; returns how many rows have it."""
    rows = 0
    with lifted(*filled_tables()):
        for label, names in TEXTS.items():
            model = apps.get_model(label)
            kept = model._default_manager.all()
            for name in names:
                room = model._meta.get_field(name).max_length
                text = HOSTILE if room is None or room > len(HOSTILE) + 9 else ""
                # A row's number keeps apart what must not be there twice.
                made = Concat(Value(text), Cast(F("pk"), TextField()))
                if text:
                    # Some words may stand only where a rule of the row asks for them.
                    with suppress(IntegrityError), transaction.atomic():
                        rows += kept.update(**{name: made})
    return rows


def draft() -> Study:
    """A hostile draft that can still be frozen."""
    study = worlds.draft_study(cases=2, distance=1, consent="", guess_sample=0)
    poison()
    worlds.signed_off(study.caseset.collection)
    worlds.accept_blinding(study)
    poison()
    return Study.objects.get(pk=study.pk)


def opened() -> Study:
    """A hostile study that is open, its texts laid out by the site itself."""
    return worlds.opened(draft())


def closed() -> Study:
    """A hostile study in which everything is graded, with hostile comments."""
    study = opened()
    reader = study.membership_set.readers().get()
    number = 0
    while slot := worlds.next_slot(reader):
        worlds.grade(slot, "ABCD"[number % 4], comment=HOSTILE)
        number += 1
    return worlds.close(study)
