"""The layouts: what the files of a delivery are to each other, and who takes them in.

A layout that brings reports belongs to the stage of reports, which comes later and so
registers itself here when the site starts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.work.leases import Claim


@dataclass(frozen=True)
class Layout:
    """How one layout is taken in.

    key_of  the key of a file by its name; "" where it stands alone
    take    take in a file, with those that belong to it, and tell of each what became
            of it (fates.py); by itself it does nothing twice
    next    which of the files to do is the next; None ends the delivery
    """

    key_of: Callable[[str], str]
    take: Callable[[Claim, Delivery, DeliveredFile], None]
    next: Callable[[Delivery], DeliveredFile | None]


_registered: dict[str, Layout] = {}


def register(name: str, layout: Layout) -> None:
    """Let a stage say how it takes a layout in."""
    _registered[name] = layout


def layout_of(delivery: Delivery) -> Layout:
    """The layout of a delivery."""
    return _registered[delivery.layout]


def next_by_name(delivery: Delivery) -> DeliveredFile | None:
    """The first file to do, by name."""
    return delivery.files.all().to_do().first()
