"""The stored vectors themselves: the reference's files, unaltered, all four of them."""

import hashlib

from tests.inference.parity.references import STORED, find, rebuilt


def test_all_four_checkpoints_are_there_byte_for_byte(tmp_path):
    folder = rebuilt(STORED, tmp_path)
    names = {str(reference) for reference in find(folder)}
    assert names == {"A-bf16", "A-fp32", "A-fp32_sharded", "B-fp32"}
    lines = (STORED / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 45
    for line in lines:
        digest, name = line.split()
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
