"""Ordering radiographs from a PACS: a delivery whose files lie there."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.intake import services as intake
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.intake.services import Announced
from readerstudy.cases.pacs.archive import Archive, addresses
from readerstudy.cases.pacs.search import SEARCH_SECONDS
from readerstudy.cases.pacs.servers import PacsServer


def order_radiographs(
    *,
    server: PacsServer,
    studies: Sequence[tuple[str, list[str]]],
    collection: str,
    code_from: str,
    take_burned_in: bool,
    actor: User,
) -> Delivery:
    """Have the radiographs of studies fetched into a collection.

    studies  UID of each study and of those of its series that are wanted

    Raises NotNow or Refused where the PACS does not say what is in them, and
    ValidationError where they cannot be delivered.
    """
    # The PACS is asked first: no transaction waits for another machine.
    files = _files(server, studies)
    with transaction.atomic():
        delivery = intake.open_delivery(
            collection=collection,
            origin=Delivery.Origin.DICOMWEB,
            layout=Delivery.Layout.RADIOGRAPHS,
            options={
                "server": server.name,
                "code_from": code_from,
                "take_burned_in": take_burned_in,
            },
            actor=actor,
        )
        intake.announce(delivery=delivery, files=files)
        return intake.seal(delivery=delivery, actor=actor)


def _files(
    server: PacsServer, studies: Sequence[tuple[str, list[str]]]
) -> list[Announced]:
    """Each instance, named by a pseudonym of its study and a number."""
    archive, pseudonym = Archive(server, seconds=SEARCH_SECONDS), pseudonymiser()
    numbers: Counter[str] = Counter()
    files: dict[str, Announced] = {}
    for study, each in studies:
        for series in each:
            found = archive.instances(study, series)
            for address in sorted(addresses(study, series, found)):
                numbers[study] += 1
                name = f"{pseudonym(study)}/{numbers[study]}.dcm"
                files.setdefault(address, Announced(name=name, address=address))
    return list(files.values())
