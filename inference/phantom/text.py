"""Reports in ordinary chest-report manner for what a phantom shows, wording varied.

The order is fixed - devices, heart, lungs, pleura - and every statement has a few
wordings of the same meaning, one of which is drawn at random.
"""

import numpy as np

from inference.phantom.findings import Finding

DEGREES = {"small": "mildly", "moderate": "moderately", "large": "markedly"}
CARDIOMEGALY = {
    "small": "mild cardiomegaly",
    "moderate": "moderate cardiomegaly",
    "large": "marked cardiomegaly",
}


def report(findings: tuple[Finding, ...], rng: np.random.Generator) -> tuple[str, str]:
    """The FINDINGS and the IMPRESSION section for a set of findings."""
    sentences = [_device(finding, rng) for finding in _of("support_device", findings)]
    sentences.append(_heart(findings, rng))
    sentences.extend(_lungs(findings, rng))
    sentences.extend(_pleura(findings, rng))
    return " ".join(sentences), _impression(findings, rng)


def paragraph(findings: tuple[Finding, ...], rng: np.random.Generator) -> str:
    """Findings and impression in one paragraph, the form in which the model answers."""
    return " ".join(report(findings, rng))


def _of(kind: str, findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings of one kind, in the order drawn."""
    return [finding for finding in findings if finding.kind == kind]


def _pick(rng: np.random.Generator, *wordings: str) -> str:
    """One of several wordings."""
    return wordings[int(rng.integers(len(wordings)))]


def _device(finding: Finding, rng: np.random.Generator) -> str:
    """A sentence that names one tube, line or pacemaker."""
    article = "An" if finding.device[0] in "aeiou" else "A"
    return _pick(
        rng,
        f"{article} {finding.device} is in place.",
        f"{article} {finding.device} is present.",
        f"There is {article.lower()} {finding.device}.",
    )


def _heart(findings: tuple[Finding, ...], rng: np.random.Generator) -> str:
    """A sentence on the size of the heart, which is always reported."""
    large = _of("cardiomegaly", findings)
    if not large:
        return _pick(
            rng,
            "The heart is normal in size.",
            "Heart size is normal.",
            "The cardiac silhouette is within normal limits.",
        )
    degree = DEGREES[large[0].size or "small"]
    return _pick(
        rng,
        f"The heart is {degree} enlarged.",
        f"The cardiac silhouette is {degree} enlarged.",
        f"There is {CARDIOMEGALY[large[0].size or 'small']}.",
    )


def _lungs(findings: tuple[Finding, ...], rng: np.random.Generator) -> list[str]:
    """Sentences on consolidation, nodule and edema, or that the lungs are clear."""
    sentences = []
    for finding in _of("consolidation", findings):
        site = f"{finding.side} {finding.zone} lung"
        sentences.append(
            _pick(
                rng,
                f"There is consolidation in the {site}.",
                f"Consolidation is seen in the {site}.",
                f"There is an airspace opacity in the {site}.",
            )
        )
    for finding in _of("nodule", findings):
        site = f"{finding.side} {finding.zone} lung"
        sentences.append(
            _pick(
                rng,
                f"There is a nodule in the {site}.",
                f"A round nodule is seen in the {site}.",
                f"There is a nodular opacity in the {site}.",
            )
        )
    if _of("edema", findings):
        sentences.append(
            _pick(
                rng,
                "There is pulmonary edema.",
                "Perihilar haze is consistent with pulmonary edema.",
                "There is pulmonary vascular congestion with edema.",
            )
        )
    if not sentences:
        sentences.append(
            _pick(
                rng,
                "The lungs are clear.",
                "No focal consolidation.",
                "The lungs are clear without consolidation or edema.",
            )
        )
    return sentences


def _pleura(findings: tuple[Finding, ...], rng: np.random.Generator) -> list[str]:
    """Sentences on fluid and air in the pleural space, present or absent."""
    fluid, air = _of("pleural_effusion", findings), _of("pneumothorax", findings)
    if not fluid and not air:
        return [
            _pick(
                rng,
                "There is no pleural effusion or pneumothorax.",
                "No pleural effusion or pneumothorax is seen.",
                "No effusion. No pneumothorax.",
            )
        ]
    sentences = []
    for finding in fluid:
        name = f"{finding.size} {finding.side} pleural effusion"
        sentences.append(_pick(rng, f"There is a {name}.", f"A {name} is seen."))
    for finding in air:
        name = f"{finding.size} {finding.side} pneumothorax"
        sentences.append(_pick(rng, f"There is a {name}.", f"A {name} is seen."))
    if not air:
        sentences.append(_pick(rng, "There is no pneumothorax.", "No pneumothorax."))
    if not fluid:
        sentences.append(
            _pick(rng, "There is no pleural effusion.", "No pleural effusion.")
        )
    return sentences


def _impression(findings: tuple[Finding, ...], rng: np.random.Generator) -> str:
    """The abnormal findings again in a few words, or that there are none."""
    parts = []
    for finding in findings:
        site = f"{finding.side} {finding.zone} lung"
        if finding.kind == "cardiomegaly":
            parts.append("cardiomegaly")
        elif finding.kind in ("consolidation", "nodule"):
            parts.append(f"{site} {finding.kind}")
        elif finding.kind in ("pleural_effusion", "pneumothorax"):
            parts.append(f"{finding.side} {finding.kind.replace('_', ' ')}")
        elif finding.kind == "edema":
            parts.append("pulmonary edema")
    if parts:
        return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)
    if findings:
        return _pick(
            rng,
            "Support device in place without acute abnormality.",
            "Support device as described. No acute disease.",
        )
    return _pick(
        rng,
        "No acute cardiopulmonary abnormality.",
        "Normal chest radiograph.",
        "No acute disease.",
    )
