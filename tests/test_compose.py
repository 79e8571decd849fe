"""docker-compose.yml under Compose's own parser, for every profile.

No engine is needed. The parser's console script swallows the exit status, so the
binary inside the package is run itself.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers import package_folder

ROOT = Path(__file__).resolve().parent.parent
PLAIN = {"web", "migrate", "worker", "postgres", "redis"}
SECRETS = {"SECRET_KEY": "long-and-random", "POSTGRES_PASSWORD": "letters"}


def compose(
    *words: str, file: Path = ROOT / "docker-compose.yml", **variables: str
) -> "subprocess.CompletedProcess[str]":
    package = package_folder("compose")
    assert package is not None
    return subprocess.run(
        [
            str(package / "docker-compose"),
            *("--file", str(file), "--env-file", os.devnull),
            *words,
        ],
        # None of this machine's own variables counts.
        env={"PATH": os.defpath, "HOME": "/nonexistent", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def services(*profiles: str) -> dict[str, Any]:
    named = [word for profile in profiles for word in ("--profile", profile)]
    done = compose(*named, "config", "--format", "json", **SECRETS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["services"])


def test_without_a_profile_there_is_everything_but_the_gpu() -> None:
    assert set(services()) == PLAIN


@pytest.mark.parametrize("profile", ["gpu", "*"])
def test_the_gpu_worker_comes_with_its_profile_and_reserves_a_gpu(profile: str) -> None:
    found = services(profile)
    assert set(found) == PLAIN | {"worker-gpu"}
    (device,) = found["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert device["driver"] == "nvidia"


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_stops_it_with_its_name(missing: str) -> None:
    rest = {name: value for name, value in SECRETS.items() if name != missing}
    done = compose("config", "--quiet", **rest)
    assert done.returncode != 0
    assert f"required variable {missing} is missing a value" in done.stderr


def test_the_parser_would_notice_a_wrong_word(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    text = (ROOT / "docker-compose.yml").read_text()
    wrong.write_text(text.replace("capabilities:", "capabilitiez:"))
    done = compose("--profile", "gpu", "config", "--quiet", file=wrong, **SECRETS)
    assert done.returncode != 0
    assert "capabilitiez" in done.stderr


def test_every_lasting_service_has_a_health_check_and_waits_for_its_servers() -> None:
    found = services("gpu")
    assert {name for name in found if "healthcheck" not in found[name]} == {"migrate"}
    for name in ("web", "worker", "worker-gpu"):
        waits = {
            other: how["condition"] for other, how in found[name]["depends_on"].items()
        }
        assert waits == {
            "migrate": "service_completed_successfully",
            "redis": "service_healthy",
        }
    assert found["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_web_and_workers_share_database_broker_and_storage() -> None:
    found = services("gpu")
    shared = ("DATABASE_URL", "BROKER_URL", "DATA_DIR", "MEDIA_ROOT", "SECRET_KEY")
    seen = {
        (
            *(found[name]["environment"][variable] for variable in shared),
            next(each["source"] for each in found[name]["volumes"]),
        )
        for name in ("web", "migrate", "worker", "worker-gpu")
    }
    assert len(seen) == 1


def test_only_the_site_has_a_port_and_only_on_this_machine() -> None:
    found = services("gpu")
    ports = {name: found[name]["ports"] for name in found if "ports" in found[name]}
    ((name, (port,)),) = ports.items()
    assert (name, port["host_ip"], port["target"]) == ("web", "127.0.0.1", 8000)


def test_every_image_built_here_is_a_stage_of_the_dockerfile() -> None:
    text = (ROOT / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE)
    built = {
        each["build"]["target"] for each in services("gpu").values() if "build" in each
    }
    assert built == {"web", "worker"}
    assert built <= set(stages)


def test_the_images_run_as_a_plain_user_and_only_the_worker_holds_torch() -> None:
    text = (ROOT / "Dockerfile").read_text()
    web = text.split(" AS web\n")[1].split("\nFROM ")[0]
    assert "USER readerstudy" in text.split(" AS site\n")[1].split("\nFROM ")[0]
    assert "USER" not in web.replace("USER readerstudy", "")
    assert "--from=web-packages" in web and "worker-packages" not in web
    assert "install.py web" in text.split(" AS web-packages\n")[1].split("\nFROM ")[0]
