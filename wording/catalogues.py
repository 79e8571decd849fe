"""A language's catalogue: kept as text (.po), read by Django as bytes (.mo)."""

import datetime
import io
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from wording.found import ROOT, Wording

HEADER = "# {language} of readerstudy. `make messages` keeps it in step with the code."
# Catalogues are the same whenever they are written.
_NO_DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def texts() -> list[Path]:
    """The catalogues that are kept, one of each language."""
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def brought_up(old: Catalog, wordings: dict[Wording, list[str]]) -> Catalog:
    """A catalogue of just these wordings, with the translations that there were."""
    language = old.locale.english_name if old.locale else ""
    new = Catalog(
        locale=old.locale,
        project="readerstudy",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        header_comment=HEADER.format(language=language),
        creation_date=_NO_DAY,
        revision_date=_NO_DAY,
        fuzzy=False,
    )
    for wording, files in wordings.items():
        kept = old.get(wording[0] if isinstance(wording, tuple) else wording)
        new.add(
            wording,
            kept.string if kept and kept.id == wording else None,
            locations=[(file, 1) for file in files],
        )
    return new


def untranslated(catalogue: Catalog) -> list[str]:
    """The wordings without a translation."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not all(_forms(message.string))
    ]


def _forms(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)


def as_text(catalogue: Catalog) -> bytes:
    """The catalogue as it is kept."""
    file = io.BytesIO()
    write_po(file, catalogue, width=88, include_lineno=False)
    # Whose version of Babel wrote it is nothing to keep.
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b'"Generated-By'))


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    file = io.BytesIO()
    write_mo(file, read_po(io.BytesIO(as_text(catalogue)), locale=catalogue.locale))
    return file.getvalue()
