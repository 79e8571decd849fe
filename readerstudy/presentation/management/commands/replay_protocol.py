"""Draw the sample and deal the lists again from a protocol file, and compare."""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from readerstudy.presentation.replay import (
    COLUMNS,
    CannotReplay,
    allocation_rows,
    deal_again,
    difference,
    draw_again,
    table_of,
)
from readerstudy.studies.protocol import canonical_json, sha256_of


class Command(BaseCommand):
    help = "Draw the sample and deal the lists again from a protocol file, and compare."
    # Everything is in the file: neither database nor settings of a site are needed.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("protocol", type=Path, help="protocol.json of a study")
        parser.add_argument("--out", type=Path, help="folder for allocation.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["protocol"]
        protocol = _protocol(path)
        try:
            sample = draw_again(protocol)
            deals = deal_again(protocol)
        except CannotReplay as problem:
            raise CommandError(f"{path}: {problem}") from None
        table = table_of(protocol, deals)
        if options["out"]:
            self._write(options["out"], table)
        differing = []
        if sample.drawn is not None and sample.difference is None:
            self.stdout.write(f"Sample: the same {len(sample.drawn)} cases.")
        elif sample.drawn is None:
            self.stdout.write(f"Sample: not drawn again. {sample.difference}")
        else:
            differing.append(f"Sample: {sample.difference}")
        hashed = sha256_of(canonical_json(allocation_rows(deals)))
        found = _difference_from_csv(path.with_name("allocation.csv"), table)
        if found is None and hashed != protocol.get("allocation_sha256"):
            found = "the hash in the protocol is that of other rows."
        if found:
            differing.append(f"Allocation: {found}")
        else:
            self.stdout.write(f"Allocation: the same rows, {len(table)} in all.")
        if differing:
            raise CommandError("\n".join(differing))

    def _write(self, folder: Path, table: list[dict[str, Any]]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "allocation.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(table)
        except OSError as problem:
            raise CommandError(
                f"{folder} can't be written: {problem.strerror}; give --out a folder "
                "that can be."
            ) from None


def _protocol(path: Path) -> dict[str, Any]:
    try:
        protocol = json.loads(path.read_bytes())
    except OSError as problem:
        raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
    except (ValueError, RecursionError):
        raise CommandError(f"{path} is not JSON.") from None
    if not isinstance(protocol, dict):
        raise CommandError(f"{path} is no protocol: it holds no object.")
    return protocol


def _difference_from_csv(path: Path, table: list[dict[str, Any]]) -> str | None:
    """The first row in which an allocation.csv beside the protocol differs."""
    if not path.is_file():
        return None
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        return difference(table, list(csv.DictReader(file)))
