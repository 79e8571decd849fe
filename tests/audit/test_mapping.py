"""The mapping to regulations names tests that are there, and claims nothing."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/part-11-and-gdpr.md").read_text()


def test_every_test_that_the_mapping_names_is_there():
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_mapping_claims_no_compliance():
    assert "no claim" in PAGE
    assert not re.search(r"readerstudy (is|are) (\S+ )?compliant|certified", PAGE)
