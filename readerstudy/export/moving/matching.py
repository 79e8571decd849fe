"""What of a packed study a server holds already, and what stands against taking it in.

Nothing is written here: the page shows it before anybody confirms.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from readerstudy.accounts.models import User
from readerstudy.audit.models import Stream
from readerstudy.export.moving.archive import Packed
from readerstudy.export.moving.declared import DECLARED
from readerstudy.export.moving.lines import Key, Row, dumps, key_of, plain, target_of
from readerstudy.export.moving.scope import ORDER, SHARED, model_of
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from readerstudy.studies.services import RESERVED_CODES


@dataclass
class Found:
    """What stands where a study is to go.

    code      what the study is to be called here
    rows      primary keys of what is there already, by model and key
    problems  why the study can't be taken in, a sentence each
    """

    code: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    people: list[tuple[str, str, User | None]] = field(default_factory=list)
    added: dict[str, int] = field(default_factory=dict)

    def pk_of(self, label: str, key: Key) -> Any:
        return self.rows.get(label, {}).get(dumps(key))


def look(packed: Packed, *, code: str = "") -> Found:
    """Hold a packed study against what this server holds."""
    found = Found(code or packed.study["code"])
    found.problems += _strange_columns(packed)
    if found.problems:
        return found
    found.problems += _about_code(packed, code)
    for label in ORDER:
        found.rows[label] = {}
        if label in SHARED:
            _match(label, packed, found)
    for row in packed.rows["accounts.User"]:
        person = User.objects.filter(username=row["username"]).first()
        name = f"{row['first_name']} {row['last_name']}".strip()
        found.people.append((row["username"], name, person))
    found.problems += _newer_reports(packed, found)
    for row in packed.rows["cases.Case"]:
        new = not found.pk_of("cases.Case", key_of("cases.Case", row))
        name = row["collection"][0]
        found.added[name] = found.added.get(name, 0) + new
    return found


def _strange_columns(packed: Packed) -> list[str]:
    """Tables must have the columns that this version knows."""
    for label, rows in packed.rows.items():
        known = set(DECLARED[label].moved())
        for row in rows:
            if set(row) != known:
                names = ", ".join(sorted(set(row) ^ known))
                return [
                    f"The rows of {label} are not those of this version ({names}): the "
                    f"study was packed by {packed.manifest.get('software')}. Update "
                    "both servers to the same version."
                ]
    return []


def _about_code(packed: Packed, code: str) -> list[str]:
    """A study keeps its code where its protocol names it."""
    own, state = packed.study["code"], packed.study["state"]
    if code and code != own and state != Study.State.DRAFT:
        return [
            f"{own} is locked, and its protocol names it: it keeps its code on every "
            "server. Only a draft can take another one."
        ]
    wanted = code or own
    if wanted in RESERVED_CODES:
        return [f"The code {wanted} is reserved; choose another one."]
    there = Study.objects.filter(code=wanted).exists()
    if not there and not Stream.objects.filter(name=wanted).exists():
        return []
    way = (
        "Give it another code."
        if state == Study.State.DRAFT
        else "Its protocol names its code, so it can't take another one."
    )
    return [f"This server has a study {wanted} already. {way}"]


def _match(label: str, packed: Packed, found: Found) -> None:
    """Find shared rows by their keys; those that differ stand in the way."""
    model = model_of(label)
    for row in packed.rows[label]:
        wanted = _wanted(model, label, row, found)
        there = model._default_manager.filter(**wanted).first() if wanted else None
        if there is None:
            continue
        key = key_of(label, row)
        found.rows[label][dumps(key)] = there.pk
        for name in SHARED[label]:
            if plain(getattr(there, name)) != row[name]:
                found.problems.append(
                    f"{_called(key)} ({model._meta.verbose_name}) is there already, "
                    f"with another {name.replace('_', ' ')}. Rename the collection or "
                    "the source on one of the servers."
                )
                break


def _wanted(
    model: type[Model], label: str, row: Row, found: Found
) -> dict[str, Any] | None:
    """How to look for a row; None where a row that it hangs on is not there."""
    wanted = {}
    for name in DECLARED[label].key:
        target = target_of(model, name)
        value = row[name]
        if target is not None:
            value = found.pk_of(target._meta.label, value)
            if value is None:
                return None
        wanted[name] = value
    return wanted


def _newer_reports(packed: Packed, found: Found) -> list[str]:
    """A report that came in beside others would be the newest for other studies."""
    for row in packed.rows["reports.Report"]:
        if found.pk_of("reports.Report", key_of("reports.Report", row)):
            continue
        case = found.pk_of("cases.Case", row["case"])
        source = found.pk_of("reports.Source", row["source"])
        others = Report.objects.filter(case=case, source=source)
        if case and source and others.exists():
            name = row["source"][0]
            return [
                f"{_called(row['case'])} has another report of {name} here. Rename "
                "the collection or the source on one of the servers."
            ]
    return []


def _called(key: Key) -> str:
    """A key in words: its plain values one after the other."""
    words: list[str] = []
    for value in key:
        words.append(_called(value) if isinstance(value, list) else str(value)[:40])
    return " ".join(words)
