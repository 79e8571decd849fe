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
