"""The pages of the documentation, and what stands in them: links, code, headings."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"build", "node_modules"}
_FENCE = re.compile(r"^(```+|~~~+)(.*?)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n)((?: {4}.*\n)+)")
_CODE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()]*\))?)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page of Markdown in the repository, by path."""
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(
            part.startswith(".") or part in LEFT_OUT
            for part in path.relative_to(ROOT).parts
        )
    )


def blocks(text: str) -> list[str]:
    """The blocks of code, fenced or indented."""
    fenced = [body for _, kind, body in _FENCE.findall(text) if "toctree" not in kind]
    return fenced + _INDENTED.findall(_FENCE.sub("", text))


def code(text: str) -> list[str]:
    """All code of a page: blocks, and words within lines."""
    inline = _CODE.findall(_FENCE.sub("", text))
    return blocks(text) + [" ".join(words.split()) for words in inline]


def links(text: str) -> list[str]:
    """Where the links and pictures of a page lead to."""
    return _LINK.findall(_FENCE.sub("", text).replace("`", ""))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as a forge and the site make them."""
    return {_anchor(heading) for heading in _HEADING.findall(_FENCE.sub("", text))}


def _anchor(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


def toctree_names(text: str) -> list[str]:
    """The pages that the tables of contents of the site's first page name."""
    bodies = [body for _, kind, body in _FENCE.findall(text) if "toctree" in kind]
    lines = [line.strip() for body in bodies for line in body.splitlines()]
    return [line for line in lines if line and not line.startswith(":")]
