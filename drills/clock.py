"""A wrong clock for one process, by libfaketime where it is installed."""

from pathlib import Path

LIBRARIES = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
)


class Clock:
    """The clock of one process; it goes right until it is set."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._library = _library()
        self.set(0)

    @property
    def can_be_wrong(self) -> bool:
        """Whether there is something to set it with."""
        return self._library is not None

    def environment(self) -> dict[str, str]:
        """What the process must find in its environment; nothing without a library."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            # What only measures durations stays right, as with a real clock.
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, seconds: int) -> None:
        """Let it go wrong by so many seconds, from the next second on."""
        self._file.write_text(f"{seconds:+d}\n")


def _library() -> Path | None:
    for pattern in LIBRARIES:
        for found in Path("/").glob(pattern.lstrip("/")):
            return found
    return None
