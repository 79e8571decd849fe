"""The vectors themselves: the reference's files, unaltered, and all four of them."""

import hashlib
import os

import pytest

from tests.inference.parity.references import REFERENCES, STORED, VECTORS

pytestmark = pytest.mark.skipif(
    "PARITY_VECTORS" in os.environ, reason="these are of the stored vectors"
)


def test_all_four_checkpoints_are_proved():
    names = {str(reference) for reference in REFERENCES}
    assert names == {"A-bf16", "A-fp32", "A-fp32_sharded", "B-fp32"}


def test_every_file_is_the_reference_s_own_byte_for_byte():
    lines = (STORED / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 45
    for line in lines:
        digest, name = line.split()
        content = (VECTORS / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
