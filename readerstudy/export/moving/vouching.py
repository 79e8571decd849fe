"""What the record of this server has to say of a study that came from another one.

The study's own chain came along and answers for most of its rows. It does not for those
that name people, who have other numbers here; for those of no study, whose digests
stayed with the other server; and for what came before there were any digests.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from readerstudy.audit.covered import COVERED
from readerstudy.audit.rows import label_of, numbered
from readerstudy.audit.services import Told
from readerstudy.export.moving.scope import model_of


@dataclass
class Vouched:
    """Rows for this server's record, and names that mean nothing here."""

    rows: "list[QuerySet[Any]]" = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def vouch_for(told: Told, new: dict[str, list[int]]) -> Vouched:
    """Hold the new rows against the chain that came along.

    told: what that chain said last of each row. new: numbers of the new rows by model.
    Raises ValidationError where a row is not as the chain says.
    """
    vouched = Vouched()
    here = set()
    for label in COVERED.keys() & new.keys():
        declared = COVERED[label]
        rows = model_of(label)._default_manager.filter(**declared.while_)
        wanted = []
        for number, name, digest in numbered(label, rows.filter(pk__in=new[label])):
            here.add(name)
            if told.get(name) is None or declared.names_people:
                wanted.append(number)
            elif told[name] != digest:
                raise ValidationError(f"{name} is not as the study's record says.")
        if wanted:
            vouched.rows.append(rows.filter(pk__in=wanted))
    for name, said in told.items():
        if said is not None and name not in here:
            if not COVERED[label_of(name)].names_people:
                raise ValidationError(f"{name} is in the study's record alone.")
            vouched.gone.append(name)
    return vouched
