"""A real worker lets every kind of source write; the key stays where it lies.

Site commands, worker, broker and database run for real; the endpoint is a real
`transformers serve`, behind a small door that asks for a key.
"""

import contextlib
import json
import sys
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from tests.inference.tiny_llava import make_tiny_llava, served
from tests.installation import KINDS, Site, installation, wait_until

KEY = "sk-1f0e9d8c7b6a-never-stored"
FILMS = 4
ADAPTER = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "adapter.py"
SET_UP = """
from django.core.management import call_command
from readerstudy.accounts.models import User
from readerstudy.cases.models import Collection, TextScan
from readerstudy.reports.models import Source
from readerstudy.reports.sources import sending, services
call_command("import_dicom", {films!r}, "--collection", "films")
# Each radiograph is looked through for text first, a second each: not what is tested.
TextScan.objects.all().delete()
cora = User.objects.create(username="cora", may_create_studies=True)
services.add_endpoint(
    name="elsewhere", endpoint="tiny", model={model!r}, prompt="Report.",
    max_tokens=12, price_in=1, price_out=2, currency="EUR", actor=cora,
)
services.add_image_text(
    name="tiny", checkpoint={model!r}, prompt="Report.", max_new_tokens=12, actor=cora,
)
services.add_command(name="adapter", command="example", version="1", actor=cora)
sending.confirm(
    collection=Collection.objects.get(), source=Source.objects.get(name="elsewhere"),
    statement="These are drawn.", actor=cora,
)
for name in ("elsewhere", "tiny", "adapter"):
    call_command("precompute", "--source", name, "--collection", "films")
print("0")
"""
DUMP = """
import io, json
from django.core.management import call_command
out = io.StringIO()
call_command("dumpdata", stdout=out)
print(json.dumps(out.getvalue()))
"""


class Door(ThreadingHTTPServer):
    """Lets through to the real server whoever shows the key."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Doorman)
        self.behind = behind
        self.turned_away = 0


class _Doorman(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self.server.turned_away += 1
            self.send_error(401)
            return
        request = urllib.request.Request(
            self.server.behind + self.path.removeprefix("/v1"),
            body,
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored: object) -> None:
        """Tests print enough."""


@contextlib.contextmanager
def door(behind: str) -> Iterator[Door]:
    with Door(behind) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def configure(site: Site, model: Path, port: int) -> None:
    """What the administrator of the site puts into its environment."""
    site.environment |= {
        "REPORT_ENDPOINTS": f"tiny=http://127.0.0.1:{port}/v1",
        "REPORT_MODELS": str(model),
        "REPORT_COMMANDS": f"example={sys.executable} {ADAPTER}",
        "TINY_API_KEY": KEY,
        "LOG_LEVEL": "DEBUG",
    }


def done(site: Site) -> bool:
    states = [state for (state,) in site.rows("SELECT status FROM reports_job")]
    return bool(states) and set(states) <= {"done", "failed"}


def files_with(word: bytes, folder: Path) -> list[Path]:
    """The files in which a word stands."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if word in path.read_bytes()]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llava(tmp_path_factory.mktemp("tiny-llava"))


@pytest.fixture(scope="module")
def real_server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for both installations: it knows nothing of either."""
    with served(model, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.mark.slow(seconds=100)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_writes_with_every_kind_and_keeps_no_key(
    kind: str, model: Path, real_server: str, tmp_path: Path
) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for seed in range(FILMS):
        with (films / f"{seed}.dcm").open("wb") as file:
            write_dicom(draw(seed, size=256), file)
    data = tmp_path / "site"
    data.mkdir()
    with contextlib.ExitStack() as running:
        guarded = running.enter_context(door(real_server))
        site = running.enter_context(installation(kind, data))
        configure(site, model, guarded.server_port)
        site.shell(SET_UP.format(films=str(films), model=str(model)))
        running.enter_context(site.worker())
        wait_until(lambda: done(site), "an end of every job", seconds=400)
        failures = site.rows("SELECT failure FROM reports_job WHERE status <> 'done'")
        assert failures == []
        rows = site.rows(
            "SELECT s.name, r.text, r.provenance FROM reports_report r "
            "JOIN reports_source s ON s.id = r.source_id"
        )
        texts: dict[str, set[str]] = {"elsewhere": set(), "tiny": set()}
        for name, text, _ in rows:
            texts.setdefault(name, set()).add(text)
        assert len(rows) == 3 * FILMS
        assert all(len(each) > 1 for each in texts.values())
        ((spent,),) = site.rows("SELECT sum(cost) FROM reports_endpointanswer")
        assert spent > 0 and guarded.turned_away == 0
        dumped = site.shell(DUMP)
    assert "elsewhere" in dumped and KEY not in dumped
    assert json.loads(dumped)
    # Not in a database file, a log at DEBUG, a message of the broker or an image.
    assert files_with(b"celery", data) and files_with(KEY.encode(), data) == []
