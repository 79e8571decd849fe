"""The paper's Tables 2 to 4 as data: quoted rows to stand beside one's own.

The paper never says which kind of average it printed, so each kind here is inferred:
the plain mean of the printed label scores, give or take their rounding, either is the
printed average or can't be. Figures are those of the arXiv paper, version 3; the final
print has .56 over six labels in place of Table 4's .62 over seven.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

SOURCE = (
    "Lee S, Youn J, Kim H, Kim M, Yoon SH. CXR-LLaVA: a multimodal large language "
    "model for interpreting chest X-ray images (arXiv 2310.18341, version 3)"
)
_MICRO = (
    "Inferred: the plain mean of the printed labels can't round to this figure, so it "
    "is no macro average; a micro average fits."
)
_MACRO = (
    "Inferred: the plain mean of the printed labels gives this figure within their "
    "rounding; it was taken over from CheXzero's publication."
)


@dataclass(frozen=True)
class Quoted:
    """A printed F1 score with its 95% interval.

    label    the finding; "" for an average
    average  none, micro or macro
    basis    how the kind of average was found; "" for a label
    labels   how many labels an average is over; 0 for a label
    quoted   always: the figure is the paper's, not computed here
    """

    table: str
    title: str
    model: str
    label: str
    f1: float
    low: float
    high: float
    average: str = "none"
    basis: str = ""
    labels: int = 0
    quoted: bool = True
    source: str = SOURCE

    def as_json(self) -> dict[str, Any]:
        """The row as JSON-ready values."""
        return asdict(self)


_TITLES = {
    "table2": "Table 2, MIMIC internal test set",
    "table3": "Table 3, CheXpert internal test set",
    "table4": "Table 4, Indiana external test set",
}
_THREE = ("CXR-LLaVA", "GPT-4-vision", "Gemini-Pro-Vision")
_ALL_FIVE = (*_THREE, "CheXzero", "Human radiologists")
# As printed, a line per row: F1, low, high of every model; - where there is none.
_PRINTED = {
    "table2": (
        _THREE,
        """
        Cardiomegaly|.86 .85 .88|.77 .75 .79|.78 .76 .80
        Consolidation|.68 .57 .78|.20 .11 .29|.41 .36 .47
        Edema|.84 .81 .87|.71 .63 .78|.69 .66 .72
        Pleural Effusion|.83 .81 .85|.39 .35 .43|.61 .58 .63
        Pneumonia|.65 .54 .74|.79 .73 .84|.82 .77 .86
        Pneumothorax|.46 .37 .53|.03 .00 .07|.00 .00 .00
        average of 6|.81 .80 .82|.62 .61 .64|.68 .66 .69
        """,
    ),
    "table3": (
        _ALL_FIVE,
        """
        Atelectasis|.69 .64 .74|.00 .00 .00|.04 .00 .08|.65 .59 .70|.69 .65 .73
        Cardiomegaly|.62 .56 .67|.46 .42 .51|.39 .33 .45|.74 .69 .79|.68 .63 .72
        Consolidation|.24 .17 .31|.00 .00 .00|.11 .07 .15|.33 .24 .42|.39 .28 .49
        Edema|.50 .43 .57|.05 .00 .11|.19 .11 .26|.60 .52 .68|.58 .51 .65
        Pleural Effusion|.63 .57 .69|.41 .34 .47|.03 .00 .09|.70 .63 .76|.74 .69 .78
        average of 5|.57 .54 .59|.35 .32 .39|.19 .17 .22|.61 .57 .64|.62 .59 .64
        Lung Opacity|.84 .81 .87|.71 .66 .75|.68 .64 .72|-|-
        Support Devices|.78 .74 .82|.72 .69 .76|.70 .66 .74|-|-
        average of 7|.67 .65 .69|.53 .51 .55|.45 .43 .47|-|-
        """,
    ),
    "table4": (
        _THREE,
        """
        Cardiomegaly|.62 .57 .65|.37 .34 .39|.39 .37 .42
        Consolidation|.31 .09 .50|.08 .00 .17|.07 .03 .11
        Edema|.67 .33 .86|.25 .00 .52|.28 .18 .37
        Lung Opacity|.85 .80 .89|.58 .54 .62|.00 .00 .00
        Pleural Effusion|.55 .48 .62|.13 .08 .18|.17 .14 .20
        Pneumonia|.63 .42 .79|.63 .45 .77|.82 .56 .96
        Pneumothorax|.05 .00 .13|.00 .00 .00|.00 .00 .00
        average of 7|.62 .59 .65|.39 .37 .41|.30 .29 .32
        """,
    ),
}


def _rows(table: str) -> tuple[Quoted, ...]:
    models, text = _PRINTED[table]
    found = []
    for line in text.strip().splitlines():
        name, *cells = line.strip().split("|")
        for model, cell in zip(models, cells, strict=True):
            if cell != "-":
                found.append(_quoted(table, model, name, cell))
    return tuple(found)


def _quoted(table: str, model: str, name: str, cell: str) -> Quoted:
    f1, low, high = map(float, cell.split())
    found = Quoted(table, _TITLES[table], model, name, f1, low, high)
    if not name.startswith("average of "):
        return found
    is_macro = model in ("CheXzero", "Human radiologists")
    return replace(
        found,
        label="",
        labels=int(name.removeprefix("average of ")),
        average="macro" if is_macro else "micro",
        basis=_MACRO if is_macro else _MICRO,
    )


PUBLISHED: dict[str, tuple[Quoted, ...]] = {table: _rows(table) for table in _PRINTED}
