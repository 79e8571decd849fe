"""Why a person leaves a case out of a study."""

REASONS = {
    "quality": "Poor image quality",
    "examination": "Not a frontal chest radiograph",
    "patient": "Patient outside the study's range",
    "devices": "Devices, text or marks that give too much away",
    "duplicate": "Same patient or radiograph as another case",
    "reference": "Reference report missing or unsuitable",
    "known": "Known to a reader",
    "other": "Another reason",
}
