"""The cases of a page with what their lists show beside them."""

from collections.abc import Iterable
from dataclasses import dataclass

from readerstudy.cases.desk.flags import FLAGS, case_flags
from readerstudy.cases.models import Case, Image


@dataclass(frozen=True)
class Badge:
    """A flag in words, with its reason."""

    label: str
    reason: str


@dataclass(frozen=True)
class ListedCase:
    """A case, its images with the one that is read first, and its flags."""

    case: Case
    images: list[Image]
    badges: list[Badge]

    @property
    def read(self) -> Image | None:
        """The radiograph that is read; it stands first."""
        return self.first if self.case.image_id else None

    @property
    def first(self) -> Image | None:
        """The radiograph that stands for the case in a list."""
        return self.images[0] if self.images else None


def listed(cases: Iterable[Case]) -> list[ListedCase]:
    """Cases whose images were fetched along, with their flags."""
    return [_listed(case) for case in cases]


def _listed(case: Case) -> ListedCase:
    images = sorted(
        case.images.all(),
        key=lambda image: (image.pk != case.image_id, image.is_prior, image.pk),
    )
    current = [image for image in images if not image.is_prior]
    read = next((image for image in images if image.pk == case.image_id), None)
    flags = case_flags(
        view=read.view if read else "",
        radiographs=len(current),
        frontal=sum(image.view == Image.View.FRONTAL for image in current),
    )
    if "several_frontal" in flags:
        del flags["several"]
    badges = [Badge(FLAGS[name], reason) for name, reason in flags.items()]
    for image in images:
        badges += [
            Badge(FLAGS.get(name, name), f"{image.name}: {reason}")
            for name, reason in image.flags.items()
        ]
    return ListedCase(case, images, badges)
