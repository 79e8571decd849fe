"""A client of readerstudy's API in one file: copy it beside your script.

    from readerstudy_client import Client

    site = Client("https://study.example.org", key)
    for study in site.studies():
        if study["state"] == "closed":
            rows = site.table_rows(study["code"], "reads")

It needs Python 3.11 and nothing else. Each method is named as its operation in the
OpenAPI document of the site.
"""

import csv
import gzip
import io
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast


class Study(TypedDict):
    """A study in which I have a role."""

    code: str
    title: str
    state: str
    role: str


class Table(TypedDict):
    """A table of a closed study, with the meaning of every column."""

    name: str
    meaning: str
    kinds: list[str]
    columns: dict[str, str]


class Mark(TypedDict):
    """An error in a report's text; one that was left out has no place."""

    category: str
    significant: bool
    sentence: NotRequired[int | None]
    start: NotRequired[int]
    end: NotRequired[int]
    replacement: NotRequired[str]


class Reply(TypedDict):
    """What is said of a report: a letter from A to D, or why there is none."""

    letter: str | None
    comment: NotRequired[str]
    cannot_assess: NotRequired[str]
    answers: NotRequired[dict[str, str]]
    marks: NotRequired[list[Mark]]


class StoredDraft(TypedDict):
    saved_at: str | None


class StoredGrade(TypedDict):
    version: int
    letter: str
    submitted_at: str
    undo_until: str
    next_url: str
    opened: str
    ahead: NotRequired[str | None]


class Opened(TypedDict):
    opened_at: str


class Reopened(TypedDict):
    version: int
    url: str


class Refused(Exception):
    """The site refused; `sentence` says why, `status` is HTTP's."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key is for the site alone: it follows no redirect elsewhere."""

    def redirect_request(self, *arguments: Any, **options: Any) -> None:
        return None


@dataclass(frozen=True)
class Client:
    """A site, asked in the name of whoever made the key.

    seconds  how long one request may take
    """

    site: str
    key: str
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if not self.site.startswith(("https://", "http://")):
            raise ValueError("The address of the site begins with https://")

    # --- Studies and their results ---

    def studies(self) -> list[Study]:
        """The studies in which I have a role."""
        return cast(list[Study], self._get("studies/").json())

    def study_results(self, code: str, *, patience: float = 600.0) -> dict[str, Any]:
        """results.json of a closed study; waits while a worker computes it."""
        deadline = time.monotonic() + patience
        while True:
            answer = self._get(f"studies/{_part(code)}/results/")
            if answer.status != 202:
                return cast(dict[str, Any], answer.json())
            if time.monotonic() > deadline:
                raise Refused(202, answer.json()["detail"])
            time.sleep(2)

    def study_tables(self, code: str) -> list[Table]:
        """The tables of a closed study."""
        found = self._get(f"studies/{_part(code)}/tables/").json()
        return cast(list[Table], found)

    def study_table(self, code: str, file: str) -> bytes:
        """A table as the bytes of a file, such as pairs.csv or pairs.parquet."""
        return self._get(f"studies/{_part(code)}/tables/{_part(file)}").body

    def table_rows(self, code: str, name: str) -> list[dict[str, str]]:
        """A table, such as reads, row by row."""
        text = self.study_table(code, f"{name}.csv").decode()
        return list(csv.DictReader(io.StringIO(text)))

    # --- Pages of my own reading list ---

    def slot_open(self, public_id: str) -> Opened:
        """Note that a page is shown now."""
        return cast(Opened, self._send("POST", f"slots/{_part(public_id)}/open/"))

    def slot_draft(self, public_id: str, reply: Reply) -> StoredDraft:
        """Keep what was entered so far; a draft is no grade."""
        path = f"slots/{_part(public_id)}/draft/"
        return cast(StoredDraft, self._send("PUT", path, reply))

    def slot_grade(self, public_id: str, reply: Reply, *, key: str = "") -> StoredGrade:
        """Submit a grade.

        key  the same one stores a grade once: keep it, and send it again where no
             answer came; made up where none is given
        """
        body = {**reply, "idempotency_key": key or uuid.uuid4().hex}
        path = f"slots/{_part(public_id)}/grade/"
        return cast(StoredGrade, self._send("POST", path, body))

    def slot_undo(self, public_id: str) -> Reopened:
        """Take back the grade that was submitted last."""
        return cast(Reopened, self._send("POST", f"slots/{_part(public_id)}/undo/"))

    def slot_image(self, public_id: str, number: int = 0) -> dict[str, Any]:
        """How to show a radiograph: size, windows, spacing, orientation."""
        path = f"slots/{_part(public_id)}/images/{number}/"
        return cast(dict[str, Any], self._get(path).json())

    def slot_frame(self, public_id: str, number: int = 0) -> bytes:
        """The pixels: little-endian uint16, row by row."""
        return self._get(f"slots/{_part(public_id)}/images/{number}/frame/").body

    def slot_preview(self, public_id: str, number: int = 0) -> bytes:
        """A small frame, in the form of the frame."""
        return self._get(f"slots/{_part(public_id)}/images/{number}/preview/").body

    # --- Practice ---

    def practice_image(self, code: str, number: int) -> dict[str, Any]:
        """How to show the radiograph of a practice case."""
        path = f"studies/{_part(code)}/practice/{number}/image/"
        return cast(dict[str, Any], self._get(path).json())

    def practice_frame(self, code: str, number: int) -> bytes:
        """The pixels of a practice case."""
        return self._get(f"studies/{_part(code)}/practice/{number}/frame/").body

    def practice_preview(self, code: str, number: int) -> bytes:
        """A small frame of a practice case."""
        return self._get(f"studies/{_part(code)}/practice/{number}/preview/").body

    # --- Requests ---

    def _get(self, path: str) -> _Answer:
        return self._ask("GET", path, None)

    def _send(self, method: str, path: str, body: Mapping[str, Any] = {}) -> Any:
        return self._ask(method, path, json.dumps(body).encode()).json()

    def _ask(self, method: str, path: str, body: bytes | None) -> _Answer:
        headers = {"Authorization": f"Token {self.key}", "Accept-Encoding": "gzip"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(  # noqa: S310  the scheme is looked at
            f"{self.site.rstrip('/')}/api/v1/{path}", body, headers, method=method
        )
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=self.seconds) as response:
                return _Answer(response.status, _unpacked(response))
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(refusal.code, _sentence(_unpacked(refusal))) from None


def _part(word: str) -> str:
    """A word as a part of an address."""
    return urllib.parse.quote(word, safe="")


def _unpacked(response: Any) -> bytes:
    content = cast(bytes, response.read())
    is_packed = response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(content) if is_packed else content


def _sentence(content: bytes) -> str:
    """The sentence of a refusal, or what is wrong field by field."""
    try:
        said = json.loads(content)
    except ValueError:
        return content.decode(errors="replace")[:200]
    if isinstance(said, dict) and isinstance(said.get("detail"), str):
        return cast(str, said["detail"])
    return json.dumps(said, ensure_ascii=False)
