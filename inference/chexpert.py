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
# How labels stand in the files of those tools, in small letters; None says nothing, as
# an empty cell, and as R and pandas write one.
WRITTEN: dict[str, int | None] = {
    text: value
    for value, texts in (
        (1, ("1", "1.0", "1.")),
        (0, ("0", "0.0", "0.", "-0.0")),
        (-1, ("-1", "-1.0", "-1.")),
        (None, ("", "nan", "na")),
    )
    for text in texts
}
