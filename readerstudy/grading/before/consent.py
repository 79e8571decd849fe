"""Consent: once for each version of what a reader agrees to."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.audit.services import record
from readerstudy.grading.before.models import Consent
from readerstudy.statements import Statement
from readerstudy.studies.lifecycle.words import why_no_reading
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.protocol import canonical_json, sha256_of


def consent_version(study: Study) -> str:
    """The present version: a hash of the instructions and the consent text."""
    texts = {"instructions": study.instructions, "consent": study.consent}
    return sha256_of(canonical_json(texts))


def lacks_consent(reader: Membership) -> bool:
    """Whether a reader has to agree first; never where the study asks for nothing."""
    study = reader.study
    if not study.consent.strip():
        return False
    version = consent_version(study)
    return _given.first(reader=reader.pk, version=version) is None


_given = Statement(
    lambda reader, version: Consent.objects.filter(reader=reader, version=version),
    numbers=["reader"],
    words=["version"],
)


def agreed_before(reader: Membership) -> bool:
    """Whether a reader agreed to another version of the texts."""
    given = Consent.objects.filter(reader=reader)
    return given.exclude(version=consent_version(reader.study)).exists()


@transaction.atomic
def agree(*, reader: Membership, version: str) -> Consent:
    """Store a reader's agreement to the version that they were shown; once."""
    # The texts may be amended while a reader looks at them.
    study = Study.objects.select_for_update().get(pk=reader.study_id)
    reader.study = study
    if not reader.may_read:
        raise ValidationError(why_no_reading(reader))
    if version != consent_version(study):
        raise ValidationError(
            _("The text was changed while you read it. Please read it once more.")
        )
    consent, is_new = Consent.objects.get_or_create(reader=reader, version=version)
    if is_new:
        record(
            actor=reader.user,
            verb="consent.given",
            stream=study.code,
            subject=reader.reader_code,
            detail={"version": version},
            rows=[consent],
        )
    return consent
