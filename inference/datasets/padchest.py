"""PadChest: 174 findings and 19 diagnoses per report, 16-bit PNG, from Alicante.

A study has all that its report names in one cell, as a list in Python's notation; what
is not named is absent, unless the report only says "unchanged" or the film was not fit
to be read. Labels come with stray blanks, and some with "normal" beside a finding: then
the finding counts. Heart failure only makes edema uncertain. Scars, granulomas and old
bands have no CheXpert name here, though the CheXpert labeler would call some of them
opacities.

The reports are left out: they are Spanish, and published as word stems. Rib views
(COSTAL) are no chest films; films taken lying (AP_horizontal) are frontal.

Columns and label names were checked against a copy of the published table (160,861
rows, all MONOCHROME2); how its PNG were scaled from DICOM was not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from inference.datasets.labels import LabelTable
from inference.datasets.record import WHOLE, DataSet, Notes, Record, View
from inference.datasets.tables import Row, find_table, read_rows

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
COLUMNS = ("ImageID", "ImageDir", "StudyID", "PatientID", "Projection", "Labels")
VIEWS: dict[str, View] = {
    "PA": "frontal",
    "AP": "frontal",
    "AP_horizontal": "frontal",
    "L": "lateral",
    "COSTAL": "unknown",
    "EXCLUDE": "unknown",
    "UNK": "unknown",
}

# CheXpert names with the labels of PadChest that say the same.
PRESENT = {
    "Atelectasis": (
        "atelectasis",
        "atelectasis basal",
        "laminar atelectasis",
        "lobar atelectasis",
        "round atelectasis",
        "segmental atelectasis",
        "total atelectasis",
    ),
    "Cardiomegaly": ("cardiomegaly",),
    "Consolidation": (
        "air bronchogram",
        "consolidation",
    ),
    "Edema": (
        "kerley lines",
        "pulmonary edema",
    ),
    "Enlarged Cardiomediastinum": (
        "mediastinal enlargement",
        "superior mediastinal enlargement",
    ),
    "Fracture": (
        "callus rib fracture",
        "clavicle fracture",
        "fracture",
        "humeral fracture",
        "rib fracture",
        "vertebral fracture",
    ),
    "Lung Lesion": (
        "lepidic adenocarcinoma",
        "lung metastasis",
        "mass",
        "multiple nodules",
        "nodule",
        "pulmonary mass",
    ),
    "Lung Opacity": (
        "alveolar pattern",
        "ground glass pattern",
        "increased density",
        "infiltrates",
        "interstitial pattern",
        "miliary opacities",
        "reticular interstitial pattern",
        "reticulonodular interstitial pattern",
    ),
    "Pleural Effusion": (
        "hydropneumothorax",
        "loculated fissural effusion",
        "loculated pleural effusion",
        "pleural effusion",
    ),
    "Pleural Other": (
        "apical pleural thickening",
        "calcified pleural plaques",
        "calcified pleural thickening",
        "pleural plaques",
        "pleural thickening",
    ),
    "Pneumonia": (
        "atypical pneumonia",
        "pneumonia",
    ),
    "Pneumothorax": (
        "hydropneumothorax",
        "pneumothorax",
    ),
    "Support Devices": (
        "aortic endoprosthesis",
        "artificial aortic heart valve",
        "artificial heart valve",
        "artificial mitral heart valve",
        "catheter",
        "central venous catheter",
        "central venous catheter via jugular vein",
        "central venous catheter via subclavian vein",
        "central venous catheter via umbilical vein",
        "chest drain tube",
        "dai",
        "double J stent",
        "dual chamber device",
        "electrical device",
        "endoprosthesis",
        "endotracheal tube",
        "gastrostomy tube",
        "humeral prosthesis",
        "nephrostomy tube",
        "NSG tube",
        "osteosynthesis material",
        "pacemaker",
        "prosthesis",
        "reservoir central venous catheter",
        "single chamber device",
        "tracheostomy tube",
        "ventriculoperitoneal drain tube",
    ),
}
# Not normal, but without a CheXpert name.
OTHERS = """
abnormal foreign body; abscess; adenopathy; air fluid level; air trapping; aortic
aneurysm; aortic atheromatosis; aortic button enlargement; aortic elongation;
asbestosis signs; ascendent aortic elongation; axial hyperostosis; azygoesophageal
recess shift; azygos lobe; blastic bone lesion; bone cement; bone metastasis; breast
mass; bronchiectasis; bronchovascular markings; bullas; calcified adenopathy;
calcified densities; calcified fibroadenoma; calcified granuloma; calcified
mediastinal adenopathy; cavitation; central vascular redistribution; cervical rib;
Chilaiditi sign; chronic changes; COPD signs; costochondral junction hypertrophy;
costophrenic angle blunting; cyst; descendent aortic elongation; dextrocardia;
diaphragmatic eventration; emphysema; empyema; end on vessel; esophagic dilatation;
external foreign body; fibrotic band; fissure thickening; flattened diaphragm; goiter;
granuloma; gynecomastia; heart valve calcified; hemidiaphragm elevation; hiatal
hernia; hilar congestion; hilar enlargement; hyperinflated lung; hypoexpansion;
hypoexpansion basal; kyphosis; lipomatosis; lung vascular paucity; lymphangitis
carcinomatosa; lytic bone lesion; major fissure thickening; mammary prosthesis;
mastectomy; mediastinal mass; mediastinal shift; mediastinic lipomatosis; metal; minor
fissure thickening; nipple shadow; non axial articular degenerative changes; obesity;
osteopenia; osteoporosis; pectum carinatum; pectum excavatum; pericardial effusion;
pleural mass; pneumomediastinum; pneumoperitoneo; post radiotherapy changes;
pseudonodule; pulmonary artery enlargement; pulmonary artery hypertension; pulmonary
fibrosis; pulmonary hypertension; pulmonary venous hypertension; respiratory distress;
right sided aortic arch; sclerotic bone lesion; scoliosis; soft tissue mass;
sternoclavicular junction hypertrophy; sternotomy; subacromial space narrowing;
subcutaneous emphysema; supra aortic elongation; surgery; surgery breast; surgery
heart; surgery humeral; surgery lung; surgery neck; suture material; thoracic cage
deformation; tracheal shift; tuberculosis; tuberculosis sequelae; vascular hilar
enlargement; vascular redistribution; vertebral anterior compression; vertebral
compression; vertebral degenerative changes; volume loss
"""


def _by_label() -> dict[str, tuple[str, ...]]:
    labels = sorted({label for several in PRESENT.values() for label in several})
    return {
        label: tuple(name for name, several in PRESENT.items() if label in several)
        for label in labels
    }


LABELS = LabelTable(
    present=_by_label(),
    normal="normal",
    uncertain={"heart insufficiency": ("Edema",)},
    others=frozenset(" ".join(OTHERS.split()).split("; ")),
    silent=("exclude", "suboptimal study", "unchanged"),
)


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the images of the table; those of folder N lie in ROOT/N or ROOT."""
    for row in read_rows(find_table(root, TABLE), COLUMNS):
        view = row["Projection"]
        if view not in VIEWS:
            raise ValueError(
                f"{row.place}: the column Projection holds {view[:20]!r}, which is "
                "none of PadChest's."
            )
        name = row.required("ImageID")
        image = root / row.required("ImageDir") / name
        yield Record(
            image=image
            if image.is_file() or not (root / name).is_file()
            else root / name,
            labels=LABELS.read(_labels(row), notes),
            view=VIEWS[view],
            split=WHOLE,
            patient=row.required("PatientID"),
            study=row.required("StudyID"),
            place=row.place,
        )


def _labels(row: Row) -> list[str]:
    """The labels of one image; none where the cell says "nan"."""
    cell = row["Labels"]
    if cell in ("", "nan"):
        return []
    try:
        labels = ast.literal_eval(cell)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        labels = None
    if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise ValueError(
            f"{row.place}: the column Labels holds {cell[:40]!r}, no list of labels."
        )
    return [label.strip() for label in labels]


DATA_SET = DataSet(
    name="padchest",
    title="PadChest",
    origin="http://bimcv.cipf.es/bimcv-projects/padchest/",
    terms="PadChest research use agreement, on registration",
    files=f"{TABLE}, folders 0 to 54 with 16-bit PNG",
    splits=(),
    read=read,
)
