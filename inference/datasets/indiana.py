"""Indiana University / Open-i: reports with MeSH terms, in its two published layouts.

Open-i: ecgen-radiology/N.xml with NLMCXR_png/*.png. Neither says which view an image
is, so indiana_projections.csv (from the Kaggle layout) is read where it lies beside;
without it every view is unknown. Kaggle ("raddar"): indiana_reports.csv,
indiana_projections.csv and images/images_normalized/*.png.

A report is FINDINGS and IMPRESSION; text that was removed (XXXX) stays as it is. The
paper's external test set has as many images (3,689) as the archive has figures F1: they
are counted, whatever their view.

Both the reports and the table of projections were read whole; the images, but for two,
were not at hand.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse

from inference.datasets.indiana_terms import labels_of
from inference.datasets.record import WHOLE, DataSet, Notes, Record, View
from inference.datasets.sections import paragraph
from inference.datasets.tables import read_rows, table_if_any

REPORTS, PROJECTIONS = "indiana_reports.csv", "indiana_projections.csv"
REPORT_COLUMNS = ("uid", "MeSH", "findings", "impression")
PROJECTION_COLUMNS = ("uid", "filename", "projection")
XML_FOLDER = "ecgen-radiology"
IMAGES = (
    "NLMCXR_png/*.png",
    "NLMCXR_dcm/*/*.dcm",
    "images/images_normalized/*.png",
    "images/*.png",
    "*.png",
)
# Name, view and place of each image, by study (uid).
Views = dict[str, list[tuple[str, View, str]]]
VIEWS: dict[str, View] = {"Frontal": "frontal", "Lateral": "lateral"}


def read(root: Path, notes: Notes) -> Iterator[Record]:
    """Yield the images of whichever layout is there."""
    table = table_if_any(root, REPORTS)
    images = {
        image_key(path.name): path
        for pattern in reversed(IMAGES)
        for path in root.glob(pattern)
    }
    views = _views(root)
    if table is not None:
        return _from_kaggle(table, views, images, notes)
    reports = sorted((root / XML_FOLDER).glob("*.xml"), key=_number)
    if not reports:
        raise ValueError(
            f"There is neither {REPORTS} nor {XML_FOLDER} with XML reports in {root}."
        )
    if not views:
        notes.said.append(f"There is no {PROJECTIONS}: every view is unknown.")
    return _from_xml(reports, views, images, notes)


def image_key(name: str) -> str:
    """One name for an image, whether Open-i or its Kaggle form named it.

    CXR1000_IM-0003-1001.png and 1000_IM-0003-1001.dcm.png are the same image; the
    first study repeats its number (CXR1_1_IM-...), which Kaggle does not.
    """
    stem = re.sub(r"(\.(png|jpe?g|dcm))+$", "", name.strip(), flags=re.IGNORECASE)
    stem = re.sub(r"^CXR", "", stem, flags=re.IGNORECASE)
    return re.sub(r"^(\d+)_\1_IM", r"\1_IM", stem)


def _views(root: Path) -> Views:
    table = table_if_any(root, PROJECTIONS)
    views: Views = {}
    if table is None:
        return views
    for row in read_rows(table, PROJECTION_COLUMNS):
        if row["projection"] not in VIEWS:
            raise ValueError(
                f"{row.place}: the column projection holds {row['projection'][:20]!r}, "
                "neither Frontal nor Lateral."
            )
        image = (row.required("filename"), VIEWS[row["projection"]], row.place)
        views.setdefault(row.required("uid"), []).append(image)
    return views


def _from_kaggle(
    table: Path, views: Views, images: dict[str, Path], notes: Notes
) -> Iterator[Record]:
    folder = table.parent / "images" / "images_normalized"
    if not views:
        raise ValueError(f"There is no {PROJECTIONS} in {table.parent}.")
    for row in read_rows(table, REPORT_COLUMNS):
        uid = row.required("uid")
        labels = labels_of(row["MeSH"].split(";"), notes)
        report = paragraph(row["findings"], row["impression"])
        if uid not in views:
            notes.remarks["Studies without an image"] += 1
        for name, view, place in views.get(uid, ()):
            yield Record(
                image=images.get(image_key(name), folder / name),
                labels=labels,
                view=view,
                split=WHOLE,
                patient=uid,
                study=uid,
                place=place,
                report=report,
            )


def _from_xml(
    reports: list[Path], views: Views, images: dict[str, Path], notes: Notes
) -> Iterator[Record]:
    by_key = {
        image_key(name): view for study in views.values() for name, view, _ in study
    }
    for path in reports:
        root = _root(path)
        uid = path.stem
        texts = _texts(root)
        report = paragraph(texts.get("FINDINGS", ""), texts.get("IMPRESSION", ""))
        labels = labels_of(
            [term.text or "" for term in root.findall("MeSH/major")], notes
        )
        figures = list(root.iter("parentImage"))
        if not figures:
            notes.remarks["Studies without an image"] += 1
        for figure in figures:
            name = (figure.get("id") or "").strip()
            if (figure.findtext("figureId") or "").strip() == "F1":
                notes.remarks["Images that are a figure F1"] += 1
            key = image_key(name)
            folder = path.parent.parent / "NLMCXR_png"
            yield Record(
                image=images.get(key, folder / f"{name}.png"),
                labels=labels,
                view=by_key.get(key, "unknown"),
                split=WHOLE,
                patient=uid,
                study=uid,
                place=f"{path.name}, image {name}",
                report=report,
            )


def _number(path: Path) -> tuple[int, str]:
    return (int(path.stem) if path.stem.isdigit() else 0, path.stem)


def _root(path: Path) -> Element:
    try:
        tree = parse(path, forbid_dtd=True)
    except ParseError as problem:
        raise ValueError(f"{path} is no well-formed XML: {problem}.") from problem
    except (DefusedXmlException, ValueError, LookupError) as problem:
        raise ValueError(
            f"{path} is XML of a kind that is not read: no DTD, no entities."
        ) from problem
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from problem
    root: Element | None = tree.getroot()
    if root is None or root.tag != "eCitation":
        raise ValueError(f"{path} is no report of Open-i.")
    return root


def _texts(root: Element) -> dict[str, str]:
    """Sections by label; a label that comes twice has both texts."""
    texts: dict[str, str] = {}
    for element in root.iter("AbstractText"):
        label = (element.get("Label") or "").strip().upper()
        texts[label] = f"{texts.get(label, '')} {''.join(element.itertext())}".strip()
    return texts


DATA_SET = DataSet(
    name="indiana",
    title="Indiana University (Open-i)",
    origin="https://openi.nlm.nih.gov/faq#collection",
    terms="CC BY-NC-ND 4.0",
    files="ecgen-radiology/*.xml and NLMCXR_png/*.png, or indiana_reports.csv and "
    "images/images_normalized/*.png; with either indiana_projections.csv",
    splits=(),
    read=read,
)
