"""What an import of many files did, for people and for machines."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from readerstudy.cases.names import shown
from readerstudy.cases.radiograph import Refused


@dataclass
class Summary:
    """Counts by outcome, a reason for each refused file, and warnings."""

    kinds: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def refusal_told(self, name: str) -> Iterator[None]:
        """Count a file as refused, with its reason, where the block refuses it."""
        try:
            yield
        except Refused as refusal:
            self.refused.append((shown(name), shown(refusal.reason)))

    def warn(self, name: str, warning: str) -> None:
        """Tell something about a file that was taken all the same."""
        self.warnings.append((shown(name), shown(warning)))

    def trouble(self, *, strict: bool) -> str:
        """Why the whole import failed, in a sentence; empty where it did not.

        With `strict` one refused file is enough, and then nothing counts as imported.
        """
        if strict and self.refused:
            return f"Nothing was imported: --strict takes all or none. {self._first()}"
        if self.counts["imported"] + self.counts["already there"]:
            return ""
        return f"Nothing was imported. {self._first()}"

    def _first(self) -> str:
        if self.counts["no image"]:
            return "None of the images is here: name their folder with --images."
        if not self.refused:
            return "No file held anything to import."
        name, reason = self.refused[0]
        if len(self.refused) == 1:
            return f"{name} was refused: {reason}"
        return f"{len(self.refused)} files were refused, the first {name}: {reason}"

    def numbers(self) -> dict[str, int]:
        """Every count, zeros too."""
        return {kind: self.counts[kind] for kind in self.kinds} | {
            "refused": len(self.refused)
        }

    def as_json(self) -> str:
        """The summary for scripts; keys have underscores."""
        content = {
            **{kind.replace(" ", "_"): n for kind, n in self.numbers().items()},
            "reasons": [
                {"file": name, "reason": reason} for name, reason in self.refused
            ],
            "warnings": [
                {"file": name, "warning": warning} for name, warning in self.warnings
            ],
        }
        return json.dumps(content, indent=1)

    def as_text(self) -> str:
        """A line per refused file and warning, then one line of counts."""
        counts = ", ".join(f"{n} {kind}" for kind, n in self.numbers().items())
        lines = [f"refused {name}: {reason}" for name, reason in self.refused]
        lines += [f"warning {name}: {warning}" for name, warning in self.warnings]
        return "\n".join([*lines, counts])
