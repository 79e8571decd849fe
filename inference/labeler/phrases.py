"""The words by which a finding is known: which phrases speak of it, and which do not.

The phrases are those of the CheXpert labeler, by finding. That program looks for them
anywhere, inside of other words, too. Here a phrase that would be found in words of
another meaning has a stricter form beside it, which counts unless the search is to be
as in the original.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

OTHER_ABNORMALITY = "Other abnormality"
"""What is no label of its own, but cancels No Finding."""

# By finding: a phrase as the original has it, and the stricter form that it needs, if
# any. A space stands for any white space.
_PHRASES: dict[str, dict[str, str]] = {
    "Enlarged Cardiomediastinum": {
        "cardiac silhouette and vascularity": "",
        "pericardial silhouette": "",
        "cardiomediastinum": "",
        "mediastinal silhouette": "",
        "mediastinal configuration": "",
        "mediastinum": r"\bmediastinum",
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
        "the heart": r"\bthe heart\b(?: size)?",
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
        "tumor": "",
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
# The original takes no "mediastinum" that begins a sentence.
_ORIGINAL = {"mediastinum": r"(?<=[^\s.!?])\s+mediastinum"}
_POSITIONS = r"(?:over|overly|in) the (?:superior |left |right )?"
# A phrase that overlaps one of these does not count.
_NOT: dict[str, tuple[str, ...]] = {
    "Lung Lesion": ("calcified nodul", "massive", "massengale"),
    "Lung Opacity": ("pleural scar",),
    "Pleural Effusion": ("pericardial effusion",),
    "Cardiomegaly": (
        rf"{_POSITIONS}(?:heart|cardiac (?:size|shadow|contour|silhouette)|"
        "enlarged heart)",
    ),
    "Enlarged Cardiomediastinum": (
        rf"{_POSITIONS}(?:mediastinum|cardiomediastinum|contour|cardiac silhouette and "
        "vascularity|(?:mediastinal|pericardial) (?:configuration|silhouette))",
    ),
}
# Nor does it, unless the search is to be as in the original, if it overlaps these.
_NOT_OF_THE_CHEST: dict[str, tuple[str, ...]] = {
    "Atelectasis": (
        r"\bvertebra\w*(?: body| bodies)? (?:height )?collapsed?\b",
        r"\bcollapsed? (?:\w+ ){0,4}vertebra",
    ),
    "Cardiomegaly": (
        r"\b(?:adjacent to|behind|overl(?:ies|ying|ie)|posterior to|anterior to|near|"
        r"beneath|beside|below) the (?:left |right )?(?:heart|cardiac silhouette)",
        r"\bthe heart (?:border|failure)",
    ),
    "Enlarged Cardiomediastinum": (
        r"\b(?:hemi ?)?diaphragm(?:atic)? contour",
        r"\bcontours? (?:\w+ )?of (?:\w+ ){0,3}(?:(?:hemi ?)?diaphragm|rib|clavicle|"
        r"humer|scapula|vertebra)",
    ),
    "Support Devices": (
        r"\b(?:kerley(?: [abc])?|septal|pleural|fissural?|fissure|fracture|suture|"
        r"skin fold|stripe) lines?\b",
        r"\b[abc](?: |-)lines\b",
        r"\b(?:to|findings|not|which|that) support\b",
        r"\b(?:end|growth) ?plates?\b",
    ),
}
_ORGANS = ("Cardiomegaly", "Enlarged Cardiomediastinum")
_ENLARGED = re.compile("megaly|enlarge")
_VAGUE = re.compile("congestion|indistinctness|prominence")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: the finding, its words in lower case, and where they stand."""

    finding: str
    words: str
    start: int
    end: int

    def moved(self, by: int) -> "Found":
        """The same with offsets that count from elsewhere."""
        return replace(self, start=self.start + by, end=self.end + by)

    @property
    def names_organ(self) -> bool:
        """Whether the words name an organ, whose size is said elsewhere."""
        return self.finding in _ORGANS and not _ENLARGED.search(self.words)

    @property
    def is_vague(self) -> bool:
        """Whether the original leaves open what such words mean."""
        return self.finding == "Edema" and bool(_VAGUE.search(self.words))


@dataclass(frozen=True)
class _Search:
    """What to look for on behalf of a finding.

    phrases  a literal that every match holds, which is quickly looked for, and the
             expression
    hiding   what hides a match that it overlaps
    """

    finding: str
    phrases: tuple[tuple[str, re.Pattern[str]], ...]
    hiding: re.Pattern[str] | None


@cache
def _searches(is_original: bool) -> tuple[_Search, ...]:
    """The searches of all findings, compiled once."""
    return tuple(
        _Search(
            finding,
            tuple(
                (max(phrase.split(), key=len), _expression(phrase, form, is_original))
                for phrase, form in phrases.items()
            ),
            _hiding(finding, is_original),
        )
        for finding, phrases in _PHRASES.items()
    )


def _expression(phrase: str, form: str, is_original: bool) -> re.Pattern[str]:
    if is_original:
        form = _ORIGINAL.get(phrase, "")
    return re.compile((form or re.escape(phrase).replace(r"\ ", " ")).replace(" ", r"\s+"))


def _hiding(finding: str, is_original: bool) -> re.Pattern[str] | None:
    hiding = _NOT.get(finding, ())
    if not is_original:
        hiding += _NOT_OF_THE_CHEST.get(finding, ())
    if not hiding:
        return None
    return re.compile("|".join(hiding).replace(" ?", r"\s*").replace(" ", r"\s+"))


def phrases_in(lowered: str, *, is_original: bool) -> Iterator[Found]:
    """Every phrase of a text in lower case; those of one finding never overlap.

    is_original  inside of other words, too, as the CheXpert labeler looks for them
    """
    for search in _searches(is_original):
        spans = sorted(
            match.span()
            for literal, expression in search.phrases
            if literal in lowered
            for match in expression.finditer(lowered)
        )
        if not spans:
            continue
        hidden: list[tuple[int, int]] = []
        if search.hiding:
            hidden = [match.span() for match in search.hiding.finditer(lowered)]
        for start, end in _apart(spans):
            if not _overlaps(hidden, start, end):
                words = lowered[start:end]
                bare = words.strip()
                start += len(words) - len(words.lstrip())
                yield Found(search.finding, bare, start, start + len(bare))


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans with those that overlap made one."""
    start, end = spans[0]
    for begin, stop in spans[1:]:
        if begin < end:
            end = max(end, stop)
        else:
            yield start, end
            start, end = begin, stop
    yield start, end


def _overlaps(hidden: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span overlaps one of others, which are sorted and apart."""
    number = bisect_left(hidden, end, key=lambda span: span[0]) - 1
    return number >= 0 and hidden[number][1] > start
