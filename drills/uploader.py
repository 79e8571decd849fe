"""A coordinator who brings radiographs in over HTTP while the disk fills and all dies.

What the upload page does: announce, send piece by piece, go on where the server is,
close the delivery, and try again what the full disk refused.
"""

import contextlib
import io
import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from drills.browser import Answer, Browser, Experience, LineBroke, data, is_signed_out
from drills.names import COORDINATOR, PASSWORD, SIZE, UPLOADED
from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw

DELIVERIES = "/cases/deliveries/"
PAUSE_SECONDS = 0.5
FILES = 2
PIECE = 48 * 1024
LATER = {408, 503, 507}
FIRST_SEED = 500_000


@dataclass
class Ledger:
    """What the coordinator knows."""

    files: set[str] = field(default_factory=set)
    deliveries: int = 0
    wrongs: list[str] = field(default_factory=list)
    full: int = 0
    retried: int = 0


class Uploader(threading.Thread):
    """Deliveries, one after the other, until told to stop; the last one is finished."""

    def __init__(self, address: str, experience: Experience, seed: int) -> None:
        super().__init__(name=COORDINATOR, daemon=True)
        self.browser = Browser(address, experience)
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.ledger = Ledger()
        self.enough = threading.Event()
        self._drawn = FIRST_SEED + seed % 1000 * 1000

    def run(self) -> None:
        self._patiently(self._signed_in)
        while not self.enough.is_set():
            files = self._files()
            path = self._begin()
            if path:
                self._send(path, files)
                self._finish(path, files)
            self.enough.wait(PAUSE_SECONDS)

    def _files(self) -> dict[str, bytes]:
        files = {}
        for _ in range(FILES):
            self._drawn += 1
            stream = io.BytesIO()
            write_dicom(draw(self._drawn, size=SIZE), stream)
            files[f"upload-{self._drawn}.dcm"] = stream.getvalue()
        return files

    def _signed_in(self) -> Answer:
        self.browser.sign_in(self.name, PASSWORD)
        return self.browser.open("/")[1]

    def _begin(self) -> str:
        """The path of a new delivery; a second one may be left behind, empty."""
        fields = {
            "collection": UPLOADED,
            "origin": "upload",
            "layout": "radiographs",
            "code_from": "stem",
        }
        answer = self._patiently(
            lambda: self.browser.send_form(f"{DELIVERIES}new/", fields)
        )
        return answer.headers["location"] if self._is(answer, 302) else ""

    def _send(self, path: str, files: dict[str, bytes]) -> None:
        told = [{"name": name, "size": len(files[name])} for name in files]
        announced = {"files": told}
        answer = self._patiently(
            lambda: self.browser.send_json("POST", f"{path}files/", announced)
        )
        if not self._is(answer, 200):
            return
        for row in answer.json()["files"]:
            self._send_file(row, files[row["name"]])

    def _send_file(self, row: dict[str, Any], content: bytes) -> None:
        there = row["received"]
        while there < len(content):
            piece = content[there : there + PIECE]
            path = f"{row['url']}?offset={there}"
            answer = self._patiently(lambda p=path, c=piece: self._piece(p, c))
            if not self._is(answer, 200, 409):
                return
            there = answer.json()["received"]

    def _piece(self, path: str, content: bytes) -> Answer:
        return self.browser.send_bytes(path, content)

    def _finish(self, path: str, files: dict[str, bytes]) -> None:
        """Close the delivery and see it taken in; go on where that failed."""
        self._patiently(lambda: self.browser.send_form(f"{path}seal/", {}))
        while True:
            _wait(PAUSE_SECONDS)
            answer = self._patiently(
                lambda: self.browser.ask("GET", f"{path}progress/")
            )
            if not self._is(answer, 200):
                return
            if not answer.headers.get("hx-refresh"):
                continue
            page = self._patiently(lambda: self.browser.ask("GET", path))
            if data(page.text, "announce"):
                # It is open again, and wants the files once more.
                self._send(path, files)
                self._patiently(lambda: self.browser.send_form(f"{path}seal/", {}))
            elif f'action="{path}retry/"' in page.text:
                self.ledger.retried += 1
                self._patiently(lambda: self.browser.send_form(f"{path}retry/", {}))
            else:
                break
        self.ledger.deliveries += 1
        self.ledger.files |= files.keys()

    def _patiently(self, ask: Any) -> Answer:
        """Ask until the answer is one to go by."""
        while True:
            try:
                answer: Answer = ask()
            except LineBroke:
                _wait(PAUSE_SECONDS)
                continue
            if is_signed_out(answer):
                with contextlib.suppress(LineBroke):
                    self.browser.sign_in(self.name, PASSWORD)
                _wait(PAUSE_SECONDS)
                continue
            # Announced while the disk is full: refused with what to do, and kept.
            is_full = answer.status == 507 or (
                answer.status == 400 and "disk is nearly full" in answer.text
            )
            if answer.status not in LATER and not is_full:
                return answer
            self.ledger.full += is_full
            _wait(PAUSE_SECONDS)

    def _is(self, answer: Answer, *statuses: int) -> bool:
        if answer.status in statuses:
            return True
        words = re.sub(r"\s+", " ", answer.text)[:200]
        self.ledger.wrongs.append(f"an upload was answered {answer.status}: {words}")
        return False


def _wait(seconds: float) -> None:
    time.sleep(seconds)
