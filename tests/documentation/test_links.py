"""Every link of every page leads somewhere, and every page can be found."""

from urllib.parse import urlsplit

import pytest

from tests.documentation.pages import ROOT, anchors, links, pages, toctree_names

PAGES = pages()
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_every_link_resolves(path):
    wrong = []
    for target in links(path.read_text()):
        parts = urlsplit(target)
        if parts.scheme:
            # Other sites are not asked; what is no address is seen.
            if parts.scheme not in {"https", "mailto"} or not (
                parts.netloc or parts.path
            ):
                wrong.append(target)
            continue
        file = (path.parent / parts.path).resolve() if parts.path else path
        is_there = file.exists() and file.is_relative_to(ROOT)
        if not is_there or (
            parts.fragment and parts.fragment not in anchors(file.read_text())
        ):
            wrong.append(target)
    assert wrong == []


def test_the_site_names_every_page_of_the_documentation():
    named = set()
    for name in toctree_names((DOCS / "index.md").read_text()):
        named |= set(DOCS.glob(f"{name}.md"))
    assert named == set(DOCS.rglob("*.md")) - {DOCS / "index.md"}


def test_every_page_is_linked_from_another():
    linked = {
        (path.parent / urlsplit(target).path).resolve()
        for path in PAGES
        for target in links(path.read_text())
        if not urlsplit(target).scheme
    }
    alone = set(DOCS.rglob("*.md")) - linked - {DOCS / "index.md"}
    assert alone == set()


def test_every_picture_is_shown_and_is_small():
    shown = {
        (path.parent / target).resolve()
        for path in PAGES
        for target in links(path.read_text())
        if target.endswith(".webp")
    }
    there = set((DOCS / "screenshots").glob("*.webp"))
    assert there == shown
    assert max(path.stat().st_size for path in there) < 150_000


def test_the_figures_of_the_model_card_are_those_of_the_model():
    def figures(text: str) -> set[str]:
        rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
        return {" ".join(row[-2].replace("*", "").split()) for row in rows}

    measured = (ROOT / "inference" / "demonstration" / "README.md").read_text()
    card = (DOCS / "reference" / "model-card.md").read_text()
    told = card.partition("## What it reaches")[2]
    assert figures(told) - {"---", ""} <= figures(measured) | {"F1 of thumbnails"}
