"""What readers are told where a study cannot be read now."""

from django.utils.translation import gettext as _

from readerstudy.studies.models import Study


def why_no_reading(study: Study) -> str:
    """Why a study that is not open cannot be read, in a sentence."""
    if study.is_draft or study.is_frozen:
        return _("The study is not open for reading yet.")
    if study.is_paused:
        return _("Reading is paused.")
    return _("The study is closed for reading.")
