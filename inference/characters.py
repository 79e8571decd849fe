"""Characters that legal JSON may hold and that no database or file keeps."""


def whole_characters(text: str) -> str:
    """Return the text without NULs and halves of surrogate pairs; marks stand there."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")
