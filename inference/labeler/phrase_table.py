"""The words by which a finding is known.

The phrases are those of the CheXpert labeler, by finding. That program looks for them
anywhere, inside of other words, too. Here a phrase that would be found in words of
another meaning has a stricter form beside it, which counts unless the search is to be
as in the original.
"""

OTHER_ABNORMALITY = "Other abnormality"
"""What is no label of its own, but cancels No Finding."""

# By finding: a phrase as the original has it, and the stricter form that it needs, if
# any. A space stands for any white space.
PHRASES: dict[str, dict[str, str]] = {
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
AS_IN_THE_ORIGINAL = {"mediastinum": r"(?<=[^\s.!?])\s+mediastinum"}
_POSITIONS = r"(?:over|overly|in) the (?:superior |left |right )?"
# A phrase that overlaps one of these does not count.
NO_PHRASES: dict[str, tuple[str, ...]] = {
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
NO_PHRASES_HERE: dict[str, tuple[str, ...]] = {
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
