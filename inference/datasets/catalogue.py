"""The data sets that can be read, by the name that the command line knows."""

from inference.datasets import (
    brixia,
    chexpert,
    indiana,
    mimic_cxr,
    nih,
    padchest,
    rsna_covid,
    vindr,
)
from inference.datasets.record import DataSet

# In the order of the paper's Table 1.
DATA_SETS: dict[str, DataSet] = {
    each.DATA_SET.name: each.DATA_SET
    for each in (
        brixia,
        chexpert,
        nih,
        padchest,
        rsna_covid,
        vindr,
        mimic_cxr,
        indiana,
    )
}


def listing() -> str:
    """Where each data set comes from, under which terms, and what is expected."""
    lines = ["The data sets, and what each folder has to hold:", ""]
    for one in DATA_SETS.values():
        lines.append(f"  {one.name:11} {one.title}, {one.origin} ({one.terms})")
        lines.append(f"  {'':11} {one.files}")
    return "\n".join(lines)
