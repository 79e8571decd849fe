"""The FINDINGS and IMPRESSION of a report, and the paragraph that is learned.

The model answers in one paragraph, findings first; so reports are trained on as that,
without headings. In MIMIC-CXR's texts a heading stands at the start of a line, in
capitals and with a colon; other sections (indication, comparison, technique) are left
out.
"""

import re

_HEADING = re.compile(
    r"^[ \t]*("
    r"(?i:findings?(?: and impression| ?/ ?impression)?|impressions?|conclusions?)"
    r"|[A-Z][A-Z /,()&-]*[A-Z)]"
    r")[ \t]*:",
    re.MULTILINE,
)


def paragraph(findings: str, impression: str) -> str:
    """Findings and impression in one paragraph; either may be empty."""
    return " ".join(f"{findings} {impression}".split())


def sections(text: str) -> tuple[str, str]:
    """Return findings and impression of a text with headings; empty where it has none.

    "FINDINGS AND IMPRESSION" counts as findings. Of a section that comes twice both
    parts are taken.
    """
    findings, impression = [], []
    marks = list(_HEADING.finditer(text))
    for number, mark in enumerate(marks, 1):
        end = marks[number].start() if number < len(marks) else len(text)
        title, body = mark[1].lower(), text[mark.end() : end]
        if title.startswith("finding"):
            findings.append(body)
        elif title.startswith(("impression", "conclusion")):
            impression.append(body)
    return paragraph(" ".join(findings), ""), paragraph("", " ".join(impression))
