"""Which of the seven drawn findings a text states, by the phrases of our own reports.

This reads the small vocabulary of text.py and close relatives, with negation inside
a sentence. It is no labeller for clinical reports.
"""

import re

from inference.phantom.findings import KINDS

MENTIONS = {
    "cardiomegaly": r"cardiomegaly|(?:heart|silhouette) is (?:\w+ )?enlarged"
    r"|enlarged (?:heart|cardiac)",
    "pleural_effusion": r"effusions?",
    "consolidation": r"consolidations?|airspace (?:opacity|opacities)",
    "pneumothorax": r"pneumothora(?:x|ces)",
    "nodule": r"nodules?|nodular",
    "edema": r"o?edema|vascular congestion",
    "support_device": r"(?:endotracheal|enteric|nasogastric) tube|catheter|pacemaker"
    r"|support device",
}
NEGATION = re.compile(r"\b(?:no|not|without|free of|negative for|absence of)\b")
PATTERNS = {kind: re.compile(rf"\b(?:{MENTIONS[kind]})\b") for kind in KINDS}


def stated_findings(text: str) -> frozenset[str]:
    """The kinds that the text says are present; negated mentions do not count."""
    stated: set[str] = set()
    for sentence in re.split(r"[.;\n]|\bbut\b", text.lower()):
        negation = NEGATION.search(sentence)
        end = negation.start() if negation else len(sentence)
        affirmed = sentence[:end]
        stated.update(kind for kind in KINDS if PATTERNS[kind].search(affirmed))
    return frozenset(stated)
