"""On what it was measured: processor, memory, load and versions."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def machine(chromium: str) -> dict[str, Any]:
    """Return what a reader of the figures must know of the machine."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(_memory_bytes() / 1e9),
        "system": platform.system(),
        "chromium": chromium,
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
