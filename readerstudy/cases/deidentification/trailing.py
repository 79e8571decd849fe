"""Bytes behind a file's dataset: nothing is read from there, but they are told of."""

from pydicom.dataset import Dataset

_ITEM_END = b"\xfe\xff\xdd\xe0"


def trailing_bytes(dataset: Dataset, content: bytes) -> int:
    """How many bytes follow the pixel data of an uncompressed image, beyond its frame.

    A decoder takes as many as the picture has; a longer element, or bytes behind it,
    can hold anything.
    """
    raw = dataset.get_item("PixelData")
    value = getattr(raw, "value", None)
    if not isinstance(value, bytes) or dataset.get("Rows") is None:
        return 0
    syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    if syntax is None or syntax.is_encapsulated:
        return 0
    cells = int(dataset.Rows) * int(dataset.Columns)
    expected = cells * int(dataset.BitsAllocated) // 8
    return max(0, len(value) - expected - expected % 2)
