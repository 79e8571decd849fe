"""docker-compose.yml, the Dockerfile and the proxy's file under the tools that read
them: Compose's own parser, its schema, two linters, and Caddy. No engine is needed."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from requirements import check
from tests import composed
from tests.composed import ROOT, compose, image_command

PLAIN = {
    "proxy",
    "web",
    "migrate",
    "scheduler",
    "worker-cpu",
    "postgres",
    "redis",
}
EVERYTHING = PLAIN | {"worker-gpu", "object-store"}
SITE = ("web", "migrate", "scheduler", "worker-cpu", "worker-gpu")
SECRETS = {"SECRET_KEY": "long-and-random", "POSTGRES_PASSWORD": "letters"}


@functools.cache
def services(*profiles: str) -> dict[str, Any]:
    return composed.services(*profiles, **SECRETS)


def tool(name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the tools on the repository."""
    return subprocess.run(
        [str(Path(sys.executable).with_name(name)), *words],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_profile_there_is_everything_but_the_gpu() -> None:
    assert set(services()) == PLAIN


@pytest.mark.parametrize("profile", ["gpu", "*"])
def test_the_gpu_worker_comes_with_its_profile_and_reserves_a_gpu(profile: str) -> None:
    found = services(profile)
    assert PLAIN | {"worker-gpu"} <= set(found) <= EVERYTHING
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
    found = services("*")
    assert {name for name in found if "healthcheck" not in found[name]} == {"migrate"}
    for name in set(SITE) - {"migrate"}:
        waits = {
            other: how["condition"] for other, how in found[name]["depends_on"].items()
        }
        assert waits == {
            "migrate": "service_completed_successfully",
            "redis": "service_healthy",
        }
    assert found["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert found["proxy"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_web_and_workers_share_database_broker_and_storage() -> None:
    found = services("*")
    shared = ("DATABASE_URL", "BROKER_URL", "DATA_DIR", "MEDIA_ROOT", "SECRET_KEY")
    seen = {
        (
            *(found[name]["environment"][variable] for variable in shared),
            next(each["source"] for each in found[name]["volumes"]),
        )
        for name in SITE
    }
    assert len(seen) == 1


def test_only_the_proxy_has_ports_and_only_on_this_machine() -> None:
    found = services("*")
    ports = {name: found[name]["ports"] for name in found if "ports" in found[name]}
    assert set(ports) == {"proxy"}
    assert {(each["host_ip"], each["target"]) for each in ports["proxy"]} == {
        ("127.0.0.1", 80),
        ("127.0.0.1", 443),
    }
    # Databases are reached by the site, and reach nobody.
    for name in ("postgres", "redis", "object-store"):
        assert set(found[name]["networks"]) == {"back"}


def test_everything_runs_with_as_little_as_it_needs() -> None:
    for name, found in services("*").items():
        assert found["read_only"] is True, name
        assert found["cap_drop"] == ["ALL"], name
        assert found["security_opt"] == ["no-new-privileges:true"], name
        limits = found["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}, name
        assert "privileged" not in found and "cap_add" not in found


def test_the_proxy_starts_without_any_capability() -> None:
    # Its binary has one of its own: exec fails where all are dropped. A copy has none.
    proxy = (ROOT / "Dockerfile").read_text().partition(" AS proxy")[2]
    copied = proxy.index("cp /usr/bin/caddy /usr/bin/caddy.plain")
    assert proxy.index("mv /usr/bin/caddy.plain /usr/bin/caddy") > copied
    assert proxy.index("USER 10001") > copied
    ports = services("*")["proxy"]["sysctls"]
    assert ports == {"net.ipv4.ip_unprivileged_port_start": "0"}


def test_what_a_process_reads_at_its_start_is_in_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    inside = {line.removeprefix("!") for line in lines if line.startswith("!")}
    words = image_command("web")
    assert words[words.index("--config") + 1] in inside
    assert {"gunicorn.conf.py", "manage.py", "locale", "static", "templates"} <= inside
    assert {path.partition("/")[0] for path in copied_by_name()} <= inside


def copied_by_name() -> list[str]:
    """The files of the repository that the Dockerfile copies by themselves."""
    copies = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    paths = [path for words in copies for path in words.split()]
    return [path for path in paths if path != "." and not path.startswith("--")]


def test_each_queue_has_its_workers() -> None:
    def taken(**variables: str) -> dict[str, str]:
        found = composed.services("*", **SECRETS | variables)
        workers = {name: found[name]["command"] for name in found if "worker" in name}
        return {
            name: words[words.index("--queues") + 1] for name, words in workers.items()
        }

    assert taken() == {"worker-cpu": "cpu,gpu", "worker-gpu": "gpu"}
    assert taken(WORKER_CPU_QUEUES="cpu") == {"worker-cpu": "cpu", "worker-gpu": "gpu"}


def stages() -> dict[str, str]:
    """The stages of the Dockerfile by name."""
    text = (ROOT / "Dockerfile").read_text()
    parts = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].split(" AS ")[1]: part for part in parts}


def test_every_image_built_here_is_a_stage_of_the_dockerfile() -> None:
    built = {
        each["build"]["target"] for each in services("*").values() if "build" in each
    }
    assert built == {"web", "worker", "proxy", "object-store"}
    assert built <= set(stages())
    # What is built with is in none of them.
    for name in ("web", "worker"):
        assert "COPY --from=" in stages()[name] and "RUN" not in stages()[name]


def test_the_images_run_as_a_plain_user() -> None:
    for name in ("site", "proxy", "object-store"):
        users = re.findall(r"^USER (\d+)$", stages()[name], re.MULTILINE)
        assert users[-1] == "10001", name
    assert "USER" not in stages()["web"] + stages()["worker"]


def test_only_the_worker_holds_torch() -> None:
    assert "--from=web-packages" in stages()["web"]
    assert "install.py web" in stages()["web-packages"]
    locked = check.locked("web")
    assert "django" in locked and "gunicorn" in locked
    heavy = re.compile("torch|nvidia|triton|transformers|accelerate|onnx|rapidocr|peft")
    assert [name for name in locked if heavy.search(name)] == []


def test_the_schema_of_compose_is_kept() -> None:
    done = tool(
        "check-jsonschema",
        *("--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
    )
    assert done.returncode == 0, done.stdout


def test_the_linters_find_nothing() -> None:
    done = tool("compose-lint", "docker-compose.yml")
    found = re.findall(r"\bCL-\d{4} +.*", done.stdout.partition("Details on")[0])
    # An image that is built here has no digest before it is built.
    ours = re.compile(r"CL-0019 +Image 'readerstudy-[a-z-]+:local' ")
    assert done.returncode == 0, done.stdout
    assert not [finding for finding in found if not ours.match(finding)]
    done = tool("hadolint", "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_proxys_file_is_valid_and_in_shape(tmp_path: Path) -> None:
    words = image_command("proxy")
    assert words[:2] == ["caddy", "run"]
    file = str(ROOT / "deploy" / "Caddyfile")
    for settings in ("internal", "cora@example.org"):
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("caddy")),
                *("validate", "--config", file, "--adapter", "caddyfile"),
            ],
            env={"HOME": str(tmp_path), "SITE_TLS": settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert tool("caddy", "fmt", "--diff", file).returncode == 0
