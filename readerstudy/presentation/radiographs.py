"""The radiographs behind a slot, in the order and under the labels a reader gets."""

from dataclasses import dataclass
from typing import Literal

from readerstudy.cases.models import Case, Image, ImageQuerySet
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study

Label = Literal["frontal", "lateral", "prior"]


@dataclass(frozen=True)
class LabelledImage:
    """A radiograph with a label that names neither file, date nor person."""

    label: Label
    image: Image


def radiographs_of(slot: Slot) -> list[LabelledImage]:
    """Return what a slot shows: the radiograph that is read, then others of its case.

    The others are laterals and priors; the study says whether they are shown. Empty
    where the case has no radiograph. Cost: one query where others are shown.
    """
    return radiographs_shown(slot.presented.case, slot.reader.study)


def radiographs_shown(case: Case, study: Study) -> list[LabelledImage]:
    """Return what a study shows of a case; of a draft what it would show by now."""
    if case.image is None:
        return []
    read = LabelledImage(_label(case.image), case.image)
    if not study.show_other_images:
        return [read]
    others = others_of(case)
    if study.frozen_at:
        others = others.filter(created_at__lte=study.frozen_at)
    return [read, *(LabelledImage(_label(image), image) for image in others)]


def others_of(case: Case) -> ImageQuerySet:
    """What may be shown beside the radiograph of a case that is read.

    What comes in after the freeze is not shown: the protocol lists what is.
    """
    return case.images.exclude(pk=case.image_id or 0).beside_the_read_one()


def _label(image: Image) -> Label:
    if image.is_prior:
        return "prior"
    # What is read and says nothing of its view was taken for a frontal one.
    return "lateral" if image.view == Image.View.LATERAL else "frontal"
