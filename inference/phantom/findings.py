"""What a phantom can show: seven kinds of finding, each with its side, zone or size.

A finding is drawn, described and scored from the same small record, so that image,
report and reference label can never disagree.
"""

from dataclasses import dataclass

import numpy as np

KINDS = (
    "cardiomegaly",
    "pleural_effusion",
    "consolidation",
    "pneumothorax",
    "nodule",
    "edema",
    "support_device",
)
SIDES = ("right", "left")
ZONES = ("upper", "mid", "lower")
SIZES = ("small", "moderate", "large")
DEVICES = (
    "endotracheal tube",
    "central venous catheter",
    "enteric tube",
    "pacemaker",
)

NORMAL_SHARE = 0.28
# How often each kind is put into a phantom that is not normal, before at least one
# is enforced. Single findings end up in 18-30 % of all phantoms.
SHARE_IF_ABNORMAL = {
    "cardiomegaly": 0.34,
    "pleural_effusion": 0.36,
    "consolidation": 0.34,
    "pneumothorax": 0.26,
    "nodule": 0.32,
    "edema": 0.22,
    "support_device": 0.34,
}


@dataclass(frozen=True)
class Finding:
    """One drawn finding; an empty string means that the attribute does not apply."""

    kind: str
    side: str = ""
    zone: str = ""
    size: str = ""
    device: str = ""

    def __post_init__(self) -> None:
        """Refuse a value outside the vocabulary with a ValueError."""
        allowed = {
            "kind": KINDS,
            "side": ("", *SIDES),
            "zone": ("", *ZONES),
            "size": ("", *SIZES),
            "device": ("", *DEVICES),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                message = f"A finding has no {name} {getattr(self, name)!r}."
                raise ValueError(message)

    @property
    def label(self) -> str:
        """The fine training label: kind with site or device, without the size."""
        parts = (self.kind, self.side, self.zone, self.device)
        return " ".join(part for part in parts if part)

    @property
    def appearance(self) -> str:
        """What a patch of the image shows of it: the kind, or the kind of device."""
        return self.device or self.kind


FINE_LABELS = (
    "cardiomegaly",
    *(f"pleural_effusion {side}" for side in SIDES),
    *(f"consolidation {side} {zone}" for side in SIDES for zone in ZONES),
    *(f"pneumothorax {side}" for side in SIDES),
    *(f"nodule {side} {zone}" for side in SIDES for zone in ZONES),
    "edema",
    *(f"support_device {device}" for device in DEVICES),
)


# What a single patch can show. Wherever a nodule lies, it looks like a nodule.
APPEARANCES = (*KINDS[:-1], *DEVICES)


def sample_findings(rng: np.random.Generator) -> tuple[Finding, ...]:
    """Draw a plausible set of findings; empty for a normal phantom."""
    if rng.random() < NORMAL_SHARE:
        return ()
    kinds = [kind for kind in KINDS if rng.random() < SHARE_IF_ABNORMAL[kind]]
    if not kinds:
        kinds = [KINDS[int(rng.integers(len(KINDS)))]]
    findings: list[Finding] = []
    for kind in kinds:
        findings.extend(_sample_kind(kind, findings, rng))
    return tuple(findings)


def _sample_kind(
    kind: str, before: list[Finding], rng: np.random.Generator
) -> list[Finding]:
    """Choose side, zone, size and device of one kind, clear of what hides it."""
    if kind == "cardiomegaly":
        size = str(rng.choice(("small", "moderate", "large"), p=(0.4, 0.4, 0.2)))
        return [Finding(kind, size=size)]
    if kind == "edema":
        return [Finding(kind, size=str(rng.choice(("small", "moderate"))))]
    if kind == "support_device":
        count = 2 if rng.random() < 0.25 else 1
        names = [str(name) for name in rng.choice(DEVICES, size=count, replace=False)]
        return [Finding(kind, device=name) for name in DEVICES if name in names]
    if kind == "pleural_effusion":
        sides = SIDES if rng.random() < 0.2 else (str(rng.choice(SIDES)),)
        sizes = rng.choice(SIZES, size=len(sides), p=(0.45, 0.35, 0.2))
        return [
            Finding(kind, side=side, size=str(size))
            for side, size in zip(sides, sizes, strict=True)
        ]
    if kind == "pneumothorax":
        free = [
            side
            for side in SIDES
            if not any(
                finding.side == side
                and (finding.size == "large" or finding.zone == "upper")
                for finding in before
            )
        ]
        side = str(rng.choice(free)) if free else ""
        size = str(rng.choice(("small", "moderate")))
        return [Finding(kind, side=side, size=size)] if side else []
    sites = [site for site in _sites() if not _is_hidden(*site, before)]
    if not sites:
        return []
    side, zone = sites[int(rng.integers(len(sites)))]
    return [Finding(kind, side=side, zone=zone)]


def _sites() -> list[tuple[str, str]]:
    """All six pairs of side and zone."""
    return [(side, zone) for side in SIDES for zone in ZONES]


def _is_hidden(side: str, zone: str, before: list[Finding]) -> bool:
    """Whether an opacity at this site would be lost under an earlier finding."""
    for finding in before:
        if finding.side != side:
            continue
        if finding.kind == "pleural_effusion" and zone == "lower":
            return True
        if finding.kind == "pleural_effusion" and finding.size == "large":
            return zone == "mid"
        if finding.kind == "consolidation" and finding.zone == zone:
            return True
        # The free air of a pneumothorax lies in the upper zone.
        if finding.kind == "pneumothorax" and zone == "upper":
            return True
    return False
