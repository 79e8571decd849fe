"""What an import of many files did, for people and for machines."""

import json
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Summary:
    """Counts by outcome, a reason for each refused file, and warnings."""

    kinds: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Count a file as refused, with a sentence."""
        self.refused.append((name, reason))

    @property
    def took_anything(self) -> bool:
        """Whether anything was imported or was there already."""
        return bool(self.counts["imported"] + self.counts["already there"])

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
        """One line of counts, then a line per refused file and warning."""
        counts = ", ".join(f"{n} {kind}" for kind, n in self.numbers().items())
        lines = [f"refused {name}: {reason}" for name, reason in self.refused]
        lines += [f"warning {name}: {warning}" for name, warning in self.warnings]
        return "\n".join([*lines, counts])
