"""Take the pictures of the documentation from the demonstration's real pages.

    make screenshots

Starts a demonstration of its own on drawn phantoms, walks through it in Chromium as its
coordinator, reader and analyst, and writes WebP files beside this one. `--address`
takes a demonstration that runs already; consent and display check given there are not
asked for again, and keep their pictures.
"""

import argparse
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PASSWORD = "demonstration"  # noqa: S105 - it is printed and shown
WIDTH, HEIGHT = 1280, 800
# Small enough for a repository, and letters stay sharp.
QUALITY = 72
READ, CLOSED = "/read/demo-open", "/studies/demo-closed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="a demonstration that runs already")
    address = parser.parse_args().address
    if address:
        take_all(address)
        return
    with demonstration() as address:
        take_all(address)


@contextmanager
def demonstration() -> Iterator[str]:
    """A demonstration in a folder of its own, until all is taken."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        told = {
            "DEMONSTRATION": "true",
            "DATA_DIR": folder,
            "MEDIA_ROOT": f"{folder}/media",
            "DATABASE_URL": f"sqlite:///{folder}/readerstudy.sqlite3",
            "BROKER_URL": "filesystem://",
            "SECURE_COOKIES": "false",
            "SECURE_SSL_REDIRECT": "false",
        }
        site = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | told,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in site.stdout or ():
                sys.stdout.write(line)
                if line.startswith("Ready:"):
                    break
            yield f"http://127.0.0.1:{port}"
        finally:
            site.send_signal(signal.SIGINT)
            site.wait()


def take_all(address: str) -> None:
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        as_reader(signed_in(browser, address, "rosa"))
        as_reader_in_korean(signed_in(browser, address, "rosa", "ko-KR"))
        as_coordinator(signed_in(browser, address, "cora"))
        as_analyst(signed_in(browser, address, "anya"))
        browser.close()


def signed_in(
    browser: Browser, address: str, name: str, language: str = "en-GB"
) -> Page:
    """A browser of its own, in which somebody has signed in."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": HEIGHT},
        screen={"width": 2560, "height": 1440},
        locale=language,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/sign-in/")
    if name == "rosa" and language == "ko-KR":
        keep(page, "sign-in-ko")
    page.locator("input[name=login], input[name=username]").first.fill(name)
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.locator("main form button.button-primary").first.click()
    page.wait_for_url("**/")
    return page


def as_reader(page: Page) -> None:
    """Rosa agrees, checks her display, practises and reads."""
    keep(page, "home")
    page.goto(f"{READ}/")
    keep(page, "start")
    page.goto(f"{READ}/begin/")
    if page.url.endswith("/consent/"):
        keep(page, "consent")
        page.locator("#agrees").check()
        page.locator("main form button.button-primary").click()
    if page.url.endswith("/display/"):
        check_the_display(page)
    for number in (1, 2):
        practise(page, number)
    page.goto(f"{READ}/begin/")
    page.locator("canvas").first.wait_for()
    keep(page, "reading", settle=2500)
    page.keyboard.press("?")
    keep(page, "keys", settle=500)


def check_the_display(page: Page) -> None:
    """Nobody sits before this display: it does not pass, and Rosa goes on knowingly."""
    keep(page, "display")
    for question in page.locator("main fieldset.choices").all():
        question.locator("label").last.click()
    page.locator("main input[type=number]").fill("4")
    page.get_by_role("button", name="That is what I see").click()
    page.get_by_role("button", name="Go on with this display all the same").click()


def practise(page: Page, number: int) -> None:
    page.goto(f"{READ}/practice/{number}/?again")
    page.locator("canvas").first.wait_for()
    page.locator("label.grade").first.click()
    page.get_by_role("button", name="Submit and compare").click()
    page.locator("canvas").first.wait_for()
    if number == 1:
        keep(page, "practice", settle=1500)


def as_reader_in_korean(page: Page) -> None:
    page.goto(f"{READ}/begin/")
    page.locator("canvas").first.wait_for()
    keep(page, "reading-ko", settle=2500)
    page.goto("/account/")
    keep(page, "account-ko")


def as_coordinator(page: Page) -> None:
    page.goto("/studies/new/")
    page.get_by_label("Title").press_sequentially("Chest films of ward 7")
    page.get_by_label("Draw the cases from").select_option("phantoms-open")
    page.get_by_role("button", name="Create the draft").click()
    keep(page, "guide")
    page.goto("/studies/demo-open/progress/")
    keep(page, "progress")


def as_analyst(page: Page) -> None:
    page.goto(f"{CLOSED}/results/")
    keep(page, "results", settle=1000)
    page.goto(f"{CLOSED}/results/disagreements/")
    page.locator("main table a").first.click()
    keep(page, "disagreement", settle=2000)
    page.goto(f"{CLOSED}/export/")
    keep(page, "export")


def keep(page: Page, name: str, settle: int = 300) -> None:
    """Write what the window shows; `settle` is how long pictures take to be drawn."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(settle)
    shown = Image.open(io.BytesIO(page.screenshot()))
    shown.convert("RGB").save(HERE / f"{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
