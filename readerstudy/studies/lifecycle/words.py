"""What readers are told where they cannot read now."""

from django.utils.translation import gettext as _

from readerstudy.studies.models import Membership


def why_no_reading(reader: Membership) -> str:
    """Why a reader who may not read cannot, in a sentence."""
    study = reader.study
    if reader.has_withdrawn:
        return _("You have left this study, so there is nothing more to read.")
    if study.is_draft or study.is_frozen:
        return _("The study is not open for reading yet.")
    if study.is_paused:
        return _("Reading is paused.")
    return _("The study is closed for reading.")
