"""The other viewers: fetched by npm into a scratch folder, bundled there by esbuild.

Nothing of them is kept beside this project or shipped with it; dwv is GPL-3.0. Only
the few lines in pages/ that drive them are ours.
"""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "pages"
PATIENCE_SECONDS = 600
PACKAGES = {
    "@cornerstonejs/core": "5.14.0",
    "@cornerstonejs/tools": "5.14.0",
    "@cornerstonejs/dicom-image-loader": "5.14.0",
    "@cornerstonejs/metadata": "5.14.0",
    "dwv": "0.36.4",
    "esbuild": "0.28.1",
    # Node's own modules, which Cornerstone3D's dependencies ask for.
    "events": "3.3.0",
    "url": "0.11.4",
}
VERSIONS = {
    "cornerstone3d": f"Cornerstone3D {PACKAGES['@cornerstonejs/core']}",
    "dwv": f"dwv {PACKAGES['dwv']}",
}
WORKER = (
    "node_modules/@cornerstonejs/dicom-image-loader/dist/esm/decodeImageFrameWorker.js"
)


@dataclass(frozen=True)
class Weight:
    """Bytes of a viewer's scripts, as they are and as gzip."""

    plain: int
    packed: int


class NotToBeHad(Exception):
    """The other viewers cannot be measured; the message says why."""


@dataclass(frozen=True)
class Built:
    """folder   what the page's server serves under /built/
    weights  of the scripts of each viewer, minified
    """

    folder: Path
    weights: dict[str, Weight]


def build(scratch: Path) -> Built:
    """Fetch and bundle what is not there yet. Raises NotToBeHad."""
    if not shutil.which("npm"):
        raise NotToBeHad("npm is not installed.")
    scratch.mkdir(parents=True, exist_ok=True)
    manifest = scratch / "package.json"
    wanted = {"private": True, "type": "module", "dependencies": PACKAGES}
    text = json.dumps(wanted, indent=1)
    installed = scratch / "node_modules" / ".package-lock.json"
    if not (manifest.exists() and manifest.read_text() == text and installed.exists()):
        manifest.write_text(text)
        # No package's own scripts are run.
        quiet = ["--no-audit", "--no-fund"]
        _run(scratch, ["npm", "install", "--ignore-scripts", *quiet])
    built = scratch / "built"
    shutil.rmtree(built, ignore_errors=True)
    sources = scratch / "pages"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(PAGES, sources)
    return Built(built, {name: _bundle(scratch, built, name) for name in VERSIONS})


def _bundle(scratch: Path, built: Path, name: str) -> Weight:
    entries = [f"pages/{name}.js"]
    if name == "cornerstone3d":
        entries.append(WORKER)
    out = built / name
    options = "--bundle --minify --splitting --format=esm --entry-names=[name]"
    outside = "--external:fs --external:path --external:crypto"
    shape = "--loader:.wasm=file --log-level=error"
    command = [str(scratch / "node_modules/.bin/esbuild"), *entries]
    command += [*options.split(), *outside.split(), *shape.split(), f"--outdir={out}"]
    _run(scratch, command)
    if name == "dwv":
        workers = scratch / "node_modules/dwv/dist/assets/workers"
        shutil.copytree(workers, out / "assets/workers")
    return weight(out.glob("*.js"))


def weight(scripts: Iterable[Path]) -> Weight:
    contents = [script.read_bytes() for script in scripts]
    packed = sum(len(gzip.compress(content)) for content in contents)
    return Weight(sum(map(len, contents)), packed)


def _run(scratch: Path, command: list[str]) -> None:
    """Run one command of the tool chain; what it says is kept for a failure."""
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NotToBeHad(f"{command[0]} did not run: {problem}") from problem
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NotToBeHad(f"{Path(command[0]).name} failed: {' '.join(lines[:3])[:300]}")
