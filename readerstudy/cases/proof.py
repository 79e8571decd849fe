"""Whether packed pixels are those that were imported; asked on every read.

To unpack and hash them takes several times as long as all else of an answer. Packed
bytes that were proved once prove themselves from then on: what they hash to is kept,
and the same bytes hold the same pixels. Nothing here knows where the bytes lie.
"""

import hashlib
import zlib

# zlib reads the head and the checksum of gzip by itself; so many bytes at a time.
_GZIP, _PIECE = 16 + zlib.MAX_WBITS, 1024 * 1024
_MOST_REMEMBERED = 50_000
# SHA-256 of the pixels -> SHA-256 of their packed bytes. Of a radiograph alone: it says
# nothing of who asked or of what was written about it.
_PROVED: dict[str, bytes] = {}


def is_whole(content: bytes, sha256: str) -> bool:
    """Whether gzip `content` holds the pixels with this SHA-256, and nothing else."""
    packed = hashlib.sha256(content).digest()
    if _PROVED.get(sha256) == packed:
        return True
    if not _holds(content, sha256):
        return False
    if len(_PROVED) >= _MOST_REMEMBERED:
        _PROVED.clear()
    _PROVED[sha256] = packed
    return True


def _holds(content: bytes, sha256: str) -> bool:
    digest, pixels = hashlib.sha256(), zlib.decompressobj(_GZIP)
    try:
        # A piece at a time: many readers ask at once.
        left = content
        while left:
            digest.update(pixels.decompress(left, _PIECE))
            left = pixels.unconsumed_tail
        digest.update(pixels.flush())
    except zlib.error:
        return False
    is_at_its_end = pixels.eof and not pixels.unused_data
    return is_at_its_end and digest.hexdigest() == sha256
