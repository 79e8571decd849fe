"""The files for Prometheus and Grafana name only metrics that there are."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from readerstudy import measures
from readerstudy.operations.metrics import exposition
from readerstudy.operations.published import publish
from tests.operations.test_metrics import worker_that_counted

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "monitoring"
DASHBOARD = FOLDER / "grafana-dashboard.json"
COMPOSED = re.compile(r"docker compose ((?:up|exec|build|run|restart|logs|cp) [^`\n]*)")
NAMED = re.compile(r"\breaderstudy_\w+")


def promtool(*words: str) -> None:
    done = subprocess.run(
        ["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def expressions() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


@pytest.mark.django_db
def test_every_metric_that_is_named_exists_and_is_in_the_reference(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    measures.requests.labels("api", "GET", "200").inc()
    measures.request_seconds.labels("api").observe(0.1)
    worker_that_counted()
    publish()
    families = list(text_string_to_metric_families(exposition().decode()))
    exist = {sample.name for each in families for sample in each.samples}
    alerts = (FOLDER / "alerts.yml").read_text()
    named = set(NAMED.findall(alerts)) | {
        name for each in expressions() for name in NAMED.findall(each)
    }
    assert len(named) > 10
    assert named - exist == set()
    # The other way round: what is told is explained.
    explained = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    told = {name for name in exist if not name.endswith(("_created", "_bucket"))}
    plain = {re.sub("_(sum|count)$", "", name) for name in told}
    assert {name for name in plain if f"`{name}" not in explained} == set()


def named_services(text: str) -> Iterator[str]:
    """The services that commands of Compose in a text name."""
    for words in COMPOSED.findall(text):
        verb, *rest = words.partition("#")[0].split()
        scaled = [word.partition("=")[0] for word in rest if "=" in word[1:]]
        plain = [word for word in rest if word[0] != "-" and "=" not in word]
        if verb in {"exec", "run"}:
            plain = plain[:1]
        elif verb == "cp":
            plain = [word.partition(":")[0] for word in plain if ":" in word]
        yield from (*scaled, *plain)


def test_every_service_that_is_named_is_one_of_compose() -> None:
    """Whoever is woken at night copies the command as it stands."""
    exist = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    pages = (FOLDER / "alerts.yml", ROOT / "README.md", *ROOT.glob("docs/**/*.md"))
    named = {
        (path.name, name) for path in pages for name in named_services(path.read_text())
    }
    assert {"web", "proxy", "worker-cpu"} <= {name for _, name in named}
    assert ("alerts.yml", "worker-cpu") in named
    assert {each for each in named if each[1] not in exist} == set()


def test_panels_have_titles_and_a_place_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels]
    assert len(set(places)) == len(panels)
    assert all(each["title"] and each["targets"] for each in panels)


@pytest.mark.promtool
def test_prometheus_understands_rules_and_their_own_tests_hold() -> None:
    promtool("check", "rules", "alerts.yml")
    promtool("test", "rules", "alerts.test.yml")
    promtool("check", "config", "--syntax-only", "prometheus.yml")


@pytest.mark.promtool
def test_prometheus_understands_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(expressions())
    ]
    asked = tmp_path / "asked.yml"
    asked.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(asked))
