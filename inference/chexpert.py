"""The fourteen findings that chest X-ray reports are scored by, in their usual order.

Names and order are those of the CheXpert labeler (Irvin et al., 2019), which the
paper's Tables 2 to 4 use.
"""

CARDIOMEGALY = "Cardiomegaly"
NO_FINDING = "No Finding"
SUPPORT_DEVICES = "Support Devices"
FINDINGS = (
    NO_FINDING,
    "Enlarged Cardiomediastinum",
    CARDIOMEGALY,
    "Lung Lesion",
    "Lung Opacity",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    SUPPORT_DEVICES,
)
# NegBio's copy of the labeler says Airspace Opacity, CheXpert's later tools shorten the
# second name, and ChestX-ray14 shortens the third.
ALIASES = {
    "airspace opacity": "Lung Opacity",
    "enlarged cardiom.": "Enlarged Cardiomediastinum",
    "effusion": "Pleural Effusion",
}
_ZEROS = ["", *("." + number * "0" for number in range(9))]
# How labels stand in the files of those tools, in small letters; None says nothing, as
# an empty cell, and as R and pandas write one.
WRITTEN: dict[str, int | None] = {
    text: value
    for value, texts in (
        (1, [f"1{zeros}" for zeros in _ZEROS]),
        (0, [f"{sign}0{zeros}" for zeros in _ZEROS for sign in ("", "-")]),
        (-1, [f"-1{zeros}" for zeros in _ZEROS]),
        (None, ["", "nan", "na"]),
    )
    for text in texts
}
