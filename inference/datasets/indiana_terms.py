"""The MeSH terms of the Indiana reports, mapped to the fourteen CheXpert names.

A person chose them ("MeSH major"), as Term/site/degree. "normal" is always alone. Terms
are not complete, so nothing is called absent. Borderline heart size, congestion and
heart failure are uncertain, as the CheXpert labeler has them; scars and granulomas have
no CheXpert name here. The terms are those of all 3,955 published reports.
"""

from collections.abc import Iterable

from inference.datasets.labels import LabelTable
from inference.datasets.record import Notes

# Not normal, but without a CheXpert name.
OTHERS = """
abdomen; adipose tissue; aorta; aorta, thoracic; aortic aneurysm; arthritis;
atherosclerosis; blister; blood vessels; bone and bones; bone diseases, metabolic;
breast implants; bronchiectasis; bronchiolitis; bronchitis; bullous emphysema;
calcified granuloma; calcinosis; cardiac shadow; cavitation; cervical vertebrae;
cholelithiasis; cicatrix; colonic interposition; contrast media; costophrenic angle;
cystic fibrosis; cysts; deformity; density; diaphragm; diaphragmatic eventration;
dislocations; emphysema; epicardial fat; expansile bone lesions; fibrosis; foreign
bodies; funnel chest; granuloma; granulomatous disease; heart; heart atria; heart
ventricles; hemothorax; hernia, diaphragmatic; hernia, hiatal; humerus; hyperostosis,
diffuse idiopathic skeletal; hypertension, pulmonary; hypovolemia; kyphosis; lucency;
lumbar vertebrae; lung; lung, hyperlucent; lymph nodes; markings; mass; mastectomy;
mediastinal emphysema; mediastinum; nipple shadow; nodule; opacity; osteophyte;
osteoporosis; pectus carinatum; pericardial effusion; pleura; pneumonectomy;
pneumoperitoneum; pulmonary artery; pulmonary disease, chronic obstructive; pulmonary
emphysema; pulmonary fibrosis; ribs; sarcoidosis; sclerosis; scoliosis; shift;
shoulder; spinal fusion; spine; spondylosis; subcutaneous emphysema; sulcus; surgical
instruments; sutures; thickening; thoracic vertebrae; thorax; trachea; trachea,
carina; tuberculosis; volume loss
"""

# A key Term/word counts where the word is any part of a term; then Term alone does not.
LABELS = LabelTable(
    present={
        "airspace disease": ("Lung Opacity",),
        "cardiac shadow/enlarged": ("Cardiomegaly",),
        "cardiomegaly": ("Cardiomegaly",),
        "catheters, indwelling": ("Support Devices",),
        "cicatrix/pleura": ("Pleural Other",),
        "consolidation": ("Consolidation",),
        "density/lung": ("Lung Opacity",),
        "density/retrocardiac": ("Lung Opacity",),
        "fractures, bone": ("Fracture",),
        "hemopneumothorax": ("Pneumothorax",),
        "hydropneumothorax": ("Pneumothorax", "Pleural Effusion"),
        "implanted medical device": ("Support Devices",),
        "infiltrate": ("Lung Opacity",),
        "lung diseases, interstitial": ("Lung Opacity",),
        "markings/interstitial": ("Lung Opacity",),
        "mass/lung": ("Lung Lesion",),
        "mediastinum/enlarged": ("Enlarged Cardiomediastinum",),
        "mediastinum/prominent": ("Enlarged Cardiomediastinum",),
        "medical device": ("Support Devices",),
        "nodule/lung": ("Lung Lesion",),
        "opacity/lung": ("Lung Opacity",),
        "opacity/retrocardiac": ("Lung Opacity",),
        "pleural effusion": ("Pleural Effusion",),
        "pneumonia": ("Pneumonia",),
        "pneumothorax": ("Pneumothorax",),
        "pulmonary atelectasis": ("Atelectasis",),
        "pulmonary edema": ("Edema",),
        "stents": ("Support Devices",),
        "thickening/pleura": ("Pleural Other",),
        "tube, inserted": ("Support Devices",),
    },
    uncertain={
        "cardiac shadow/borderline": ("Cardiomegaly",),
        "cardiomegaly/borderline": ("Cardiomegaly",),
        "heart failure": ("Edema",),
        "pulmonary congestion": ("Edema",),
    },
    normal="normal",
    others=frozenset(" ".join(OTHERS.split()).split("; ")),
    silent=("no indexing", "technical quality of image unsatisfactory"),
    complete=False,
)


def labels_of(terms: Iterable[str], notes: Notes) -> dict[str, int]:
    """CheXpert names to 1 or -1 (and "No Finding" to 1 or 0) for one study's terms."""
    return LABELS.read([key for term in terms for key in _keys(term)], notes)


def _keys(term: str) -> list[str]:
    """The keys of the table that a term such as "Opacity/lung/base/left" stands for."""
    head, *words = (" ".join(part.lower().split()) for part in term.split("/"))
    special = [f"{head}/{word}" for word in words if LABELS.knows(f"{head}/{word}")]
    return special or [head]
