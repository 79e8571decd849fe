"""Text as it appears while it is written."""

from collections.abc import Callable, Sequence

# The Unicode blocks of Chinese characters, which the reference shows without waiting
# for a space.
_CHINESE_BLOCKS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class TextStream:
    """Turns ids, one by one, into pieces of text that never change again.

    A piece appears once a space, a newline or a Chinese character closes it. After a
    newline the decoding starts afresh, so the next word loses its leading space.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self.decode = decode
        self.ids: list[int] = []
        self.shown = 0  # characters of the current stretch that were returned

    def put(self, token_id: int) -> str:
        """Take one id and return the text that it completes, often none."""
        self.ids.append(int(token_id))
        text = self.decode(self.ids)
        if text.endswith("\n"):
            new = text[self.shown :]
            self.ids, self.shown = [], 0
            return new
        closed = len(text) if _is_chinese(text[-1:]) else text.rfind(" ") + 1
        new = text[self.shown : closed]
        self.shown += len(new)
        return new

    def end(self) -> str:
        """Return what is left and start afresh."""
        new = self.decode(self.ids)[self.shown :] if self.ids else ""
        self.ids, self.shown = [], 0
        return new


def _is_chinese(character: str) -> bool:
    return bool(character) and any(
        first <= ord(character) <= last for first, last in _CHINESE_BLOCKS
    )
