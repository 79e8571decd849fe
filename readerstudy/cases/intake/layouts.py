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

    key_of   the key of a file by its name; "" where it stands alone
    take     take in a file, with those that belong to it, and tell of each what became
             of it (fates.py); by itself it does nothing twice
    turn_of  by a file's name, and whether it is an archive's member, which files come
             first: those of the smallest number
    """

    key_of: Callable[[str], str]
    take: Callable[[Claim, Delivery, DeliveredFile], None]
    turn_of: Callable[[str, bool], int]


_registered: dict[str, Layout] = {}


def register(name: str, layout: Layout) -> None:
    """Let a stage say how it takes a layout in."""
    _registered[name] = layout


def layout_of(delivery: Delivery) -> Layout:
    """The layout of a delivery."""
    return _registered[delivery.layout]


def next_file(delivery: Delivery) -> DeliveredFile | None:
    """What is to be taken in next; None ends the delivery. It is found by an index."""
    return delivery.files.all().to_do().select_related("archive").first()
