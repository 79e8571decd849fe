"""What the tests need of the machine besides Python packages.

    python -m tests.machine [--browser]

Says nothing where everything is there. What is missing is installed: by apt where we
are root, Chromium else by Playwright. What cannot be had ends it with one sentence.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from tests import chromium
from tests.orthanc import orthanc_binary
from tests.servers import find_postgresql, redis_binary

# Starts what the browser tests start.
TRY_CHROMIUM = """
from playwright.sync_api import sync_playwright
from tests.chromium import installed
with sync_playwright() as playwright:
    found = installed()
    playwright.chromium.launch(executable_path=found, args=["--no-sandbox"]).close()
"""


def main(arguments: Sequence[str]) -> None:
    see_to_server(find_postgresql, "postgresql")
    see_to_server(redis_binary, "redis-server")
    see_to_orthanc()
    see_to_promtool()
    if "--browser" in arguments:
        see_to_chromium()


def see_to_server(find: Callable[[], object], package: str) -> None:
    """Make sure that a server's binaries are found; exits with a sentence if not."""
    try:
        find()
    except RuntimeError:
        install_from_debian(package)
        try:
            find()
        except RuntimeError as missing:
            sys.exit(str(missing))


def see_to_orthanc() -> None:
    """Get a PACS if one can be had; the tests that need one are left out without."""
    try:
        orthanc_binary()
    except RuntimeError:
        for package in ("orthanc", "orthanc-dicomweb", "dcmtk"):
            install_from_debian(package)


def see_to_promtool() -> None:
    """Get what checks alert rules if it can be had; its tests are left out without."""
    if shutil.which("promtool") is None:
        install_from_debian("prometheus")


def see_to_chromium() -> None:
    """Make sure that Chromium starts; exits with a sentence if it does not."""
    if chromium_starts():
        return
    if chromium.installed() is None:
        for package in chromium.NAMES:
            install_from_debian(package)
            if chromium_starts():
                return
        say("Chromium is downloaded by Playwright ...")
        runs([sys.executable, "-m", "playwright", "install", "chromium"])
        if chromium_starts():
            return
    sys.exit(
        "Chromium is missing or does not start, and it could not be installed: install "
        "the Debian package chromium, or leave the browser tests out with "
        "`make test BROWSER=no`."
    )


def chromium_starts() -> bool:
    return runs([sys.executable, "-c", TRY_CHROMIUM])


def install_from_debian(package: str) -> None:
    """Try apt where we are root; whether it helped shows when we look again."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    say(f"Installing Debian's {package} ...")
    runs(["apt-get", "update", "-qq"])
    runs(["apt-get", "install", "-qq", "--yes", package])


def runs(command: Sequence[str]) -> bool:
    """Run a command in silence; whether it succeeded."""
    return (
        subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
