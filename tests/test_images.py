"""The digests of images, asked of a real registry that runs for the test."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from requirements import images
from tests.installation import kill, wait_until
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
KIND = "application/vnd.docker.distribution.manifest.v2+json"
BEFORE = """services:
  web:
    image: readerstudy-web:local
  thing:
    image: {registry}/some/thing:1
"""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of a registry with nothing in it."""
    address = f"127.0.0.1:{free_port()}"
    storage = {"filesystem": {"rootdirectory": str(tmp_path / "images")}}
    said = {"version": 0.1, "storage": storage, "http": {"addr": address}}
    (tmp_path / "registry.yml").write_text(json.dumps(said))
    program = shutil.which("docker-registry") or "docker-registry"
    process = subprocess.Popen(
        [program, "serve", str(tmp_path / "registry.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def answers() -> bool:
        try:
            return requests.get(f"http://{address}/v2/", timeout=2).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(answers, "the registry", 30)
        yield address
    finally:
        kill(process)


def pushed(registry: str, repository: str, tag: str) -> str:
    """Push an image of nothing; returns its digest."""
    base = f"http://{registry}/v2/{repository}"
    blob = json.dumps({"os": "linux", "rootfs": {"type": "layers"}}).encode()
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    place = requests.post(f"{base}/blobs/uploads/", timeout=9).headers["Location"]
    requests.put(place, params={"digest": digest}, data=blob, timeout=9)
    config = {"mediaType": KIND, "digest": digest, "size": len(blob)}
    said = {"schemaVersion": 2, "mediaType": KIND, "config": config, "layers": []}
    put = requests.put(
        f"{base}/manifests/{tag}",
        data=json.dumps(said),
        headers={"Content-Type": KIND},
        timeout=9,
    )
    assert put.status_code == 201
    return str(put.headers["Docker-Content-Digest"])


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "requirements/images.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.registry
def test_a_tag_gets_the_digest_to_which_it_leads(registry: str, tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    before = BEFORE.format(registry=registry)
    file.write_text(before)
    refused = run("pin", str(file))
    assert refused.returncode == 1
    assert f"{registry} knows no some/thing:1" in refused.stderr
    assert file.read_text() == before
    digest = pushed(registry, "some/thing", "1")
    assert run("check", str(file)).stderr == (
        f"Without a digest: {registry}/some/thing:1.\n"
    )
    assert run("pin", str(file)).returncode == 0
    pinned = before.replace("some/thing:1", f"some/thing:1@{digest}")
    assert file.read_text() == pinned
    # What has one keeps it.
    assert run("pin", str(file)).returncode == run("check", str(file)).returncode == 0
    assert file.read_text() == pinned


def test_every_image_of_this_repository_has_a_digest() -> None:
    assert run("check").returncode == 0
    named = {
        found["name"].partition(":")[0]
        for file in images.FILES
        for found in images.NAMED.finditer((ROOT / file).read_text())
        if found["digest"]
    }
    assert named == {"caddy", "chrislusf/seaweedfs", "postgres", "python", "redis"}


def test_names_are_read_as_docker_reads_them() -> None:
    assert images.parts_of("postgres:17") == (images.HUB, "library/postgres", "17")
    assert images.parts_of("a/b:1") == (images.HUB, "a/b", "1")
    assert images.parts_of("ghcr.io/a/b:1") == ("ghcr.io", "a/b", "1")
    assert images.parts_of("localhost:5000/b:1") == ("localhost:5000", "b", "1")
