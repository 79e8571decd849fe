"""The words by which a finding is known: which phrases speak of it, and which do not.

The phrases are those of the CheXpert labeler, by finding. That program looks for them
anywhere, inside of other words, too. Here a phrase that would be found in words of
another meaning has a stricter form beside it, which counts unless the search is to be
as in the original.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

OTHER_ABNORMALITY = "Other abnormality"
"""What is no label of its own, but cancels No Finding."""

# finding: phrase as the original has it -> stricter form, where it needs one. A space
# stands for any white space.
_PHRASES: dict[str, dict[str, str]] = {
    "Enlarged Cardiomediastinum": {
        "cardiac silhouette and vascularity": "",
        "pericardial silhouette": "",
        "cardiomediastinum": "",
        "mediastinal silhouette": "",
        "mediastinal configuration": "",
        " mediastinum": r"\bmediastinum",
        "contour": r"\bcontour",
    },
    "Cardiomegaly": {
        "cardiac enlargement": "",
        "cardiac silhouette": "",
        "cardiac contour": "",
        "cardiac shadow": "",
        "cardiac size": "",
        "cardiomegaly": "",
        "enlarged heart": r"\benlarged heart\b",
        "heart size": r"\bheart size",
        "the heart": r"\bthe heart\b",
    },
    "Lung Lesion": {
        "nodular opacification": "",
        "nodular densities": "",
        "nodular opacities": "",
        "nodular density": "",
        "nodular opacity": "",
        "cavitary lesion": "",
        "carcinoma": "",
        "neoplasm": "",
        "nodule": "",
        "tumor": r"tumou?r",
        "lump": r"\blumps?\b",
        "mass": r"\bmass(?:es|like)?\b",
    },
    "Lung Opacity": {
        "peribronchial thickening": "",
        "decreased translucency": "",
        "parenchymal scarring": "",
        "interstitial marking": "",
        "interstitial pattern": "",
        "interstitial lung": "",
        "reticular marking": "",
        "reticular pattern": "",
        "increased density": "",
        "air-space disease": "",
        "air space disease": "",
        "airspace disease": "",
        "wall thickening": "",
        "infiltration": "",
        "reticulation": "",
        "infiltrate": "",
        "opaci": r"(?<!radio)opaci",
        "scar": r"\bscar(?:s|red|ring)?\b",
    },
    "Edema": {
        "pulmonary congestion": "",
        "vascular congestion": "",
        "vascular prominence": "",
        "indistinctness": "",
        "heart failure": "",
        "edema": r"(?<!lymph)(?<!lymph\-)(?<!myx)o?edema",
        "chf": r"\bchf\b",
    },
    "Consolidation": {"consolidat": ""},
    "Pneumonia": {
        "infectious process": "",
        "infectious": "",
        "infection": r"(?<!dis)infection",
        "pneumonia": "",
    },
    "Atelectasis": {"atelecta": "", "collapse": r"\bcollapsed?\b"},
    "Pneumothorax": {"pneumothoraces": "", "pneumothorax": ""},
    "Pleural Effusion": {"pleural fluid": "", "effusion": ""},
    "Pleural Other": {
        "pleuro-parenchymal scar": "",
        "pleuro-pericardial scar": "",
        "pleural parenchymal scar": "",
        "pleural thickening": "",
        "pleural scar": "",
        "fibrothorax": "",
        "fibrosis": "",
    },
    "Fracture": {"fracture": ""},
    "Support Devices": {
        "arthroplast": "",
        "pacemaker": "",
        "apparatus": "",
        "equipment": "",
        "catheter": "",
        "hardware": "",
        "mediport": "",
        "cannula": "",
        "support": r"\bsupport\b",
        "defib": "",
        "device": "",
        "marker": r"\bmarker",
        "drain ": r"\bdrains?\b",
        " line ": r"\blines?\b",
        "lines": r"\blines\b",
        "pacer": r"\bpacer",
        "plate": r"\bplates?\b(?![\s-]*like)",
        "screw": "",
        "valve": r"\bvalve",
        "coil": r"\bcoil",
        "picc": r"\bpicc",
        "tube": r"\btubes?\b",
        "icd": r"\ba?icds?\b",
    },
    OTHER_ABNORMALITY: dict.fromkeys(
        (
            "interstitial markings",
            "pneumoperitoneum",
            "pneumomediastinum",
            "irregular lucency",
            "osteodystrophy",
            "hyperinflation",
            "hyperexpansion",
            "aortic disease",
            "airways disease",
            "cephalization",
            "osteophytosis",
            "thoracentesis",
            "bronchiolitis",
            "tracheostomy",
            "bronchospasm",
            "atherosclero",
            "hypertension",
            "eventration",
            "hyperinflat",
            "arthropathy",
            "aerophagia",
            "radiopaque",
            "hemorrhage",
            "metastasis",
            "bronchitis",
            "osteopenia",
            "thickening",
            "aspiration",
            "volume loss",
            "granuloma",
            "contusion",
            "deformity",
            "elevation",
            "emphysema",
            "scoliosis",
            "degenera",
            "hematoma",
            "kyphosis",
            "prominen",
            "reticula",
            "calcifi",
            "cuffing",
            "density",
            "bullae",
            "bullet",
            "fissure",
            "hernia",
            "inflam",
            "plaque",
            "asthma",
            "blunt",
            "defib",
            "copd",
        ),
        "",
    ),
}
_POSITIONS = r"(?:over|overly|in) the (?:superior |left |right )?"
# A phrase that overlaps one of these does not count.
_NOT: dict[str, tuple[str, ...]] = {
    "Lung Lesion": ("calcified nodul", "massive", "massengale"),
    "Lung Opacity": ("pleural scar",),
    "Pleural Effusion": ("pericardial effusion",),
    "Cardiomegaly": (
        _POSITIONS + "(?:heart|cardiac (?:size|shadow|contour|silhouette)|enlarged heart)",
    ),
    "Enlarged Cardiomediastinum": (
        _POSITIONS + "(?: ?mediastinum|cardiomediastinum|contour|cardiac silhouette and "
        "vascularity|(?:mediastinal|pericardial) (?:configuration|silhouette))",
    ),
}
_NOT_WHOLE_WORDS: dict[str, tuple[str, ...]] = {
    "Atelectasis": (
        r"\bvertebra\w*(?: body| bodies)? (?:height )?collapsed?\b",
        r"\bcollapsed? (?:of|in) (?:the |a |an )?(?:\w+ ){0,3}vertebra",
        r"\bcollapsed? (?:\w+ ){0,2}vertebra",
    ),
    "Enlarged Cardiomediastinum": (
        r"\b(?:hemi)?diaphragm(?:atic)? contour",
        r"\bcontours? (?:\w+ )?of (?:the |both )?(?:\w+ ){0,2}(?:hemi)?diaphragm",
    ),
    "Support Devices": (
        r"\b(?:kerley(?: [abc])?|septal|pleural|fissural?|fracture|suture|skin fold|"
        r"stripe) lines?\b",
        r"\b[abc][ -]lines\b",
        r"\b(?:to|findings|not|which|that) support\b",
        r"\bend ?plates?\b",
        r"\bgrowth plates?\b",
    ),
}


_ORGANS = ("Cardiomegaly", "Enlarged Cardiomediastinum")
_ENLARGED = re.compile("megaly|enlarge")
_VAGUE = re.compile("congestion|indistinctness|prominence")


@dataclass(frozen=True)
class Found:
    """A phrase found: the finding and where it stands, in characters."""

    finding: str
    words: str
    start: int
    end: int

    @property
    def names_organ(self) -> bool:
        """Whether the words name an organ's size or shape, not its disease."""
        return self.finding in _ORGANS and not _ENLARGED.search(self.words)

    @property
    def is_vague(self) -> bool:
        return self.finding == "Edema" and bool(_VAGUE.search(self.words))


@cache
def _searches(strict: bool) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    """Per finding what to look for, and what hides a match."""
    searches = []
    for finding, phrases in _PHRASES.items():
        wanted = [
            re.escape(phrase).replace(r"\ ", r"\s+") if strict or not form
            else form.replace(" ", r"\s+")
            for phrase, form in phrases.items()
        ]
        hidden = _NOT.get(finding, ()) + (() if strict else _NOT_WHOLE_WORDS.get(finding, ()))
        searches.append(
            (
                finding,
                re.compile("|".join(wanted)),
                re.compile("|".join(hidden).replace(" ", r"\s+")) if hidden else None,
            )
        )
    return tuple(searches)


def phrases_in(lowered: str, *, strict: bool) -> Iterator[Found]:
    """Every phrase of a text in lower case, finding by finding, none overlapping."""
    for finding, wanted, hidden in _searches(strict):
        found = [match.span() for match in wanted.finditer(lowered)]
        if not found:
            continue
        hiding = [match.span() for match in hidden.finditer(lowered)] if hidden else []
        for start, end in found:
            if not any(start < stop and end > begin for begin, stop in hiding):
                yield Found(finding, lowered[start:end], start, end)
