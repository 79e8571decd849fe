"""Radiographs for Label Studio: uploaded as PNG files, which it hands out itself."""

import http.client
import io
import json
import secrets

from PIL import Image

from inference.phantom.phantom import draw
from load.connection import Browser, Failed

# As many different ones as our own site shows under load (world.py).
RADIOGRAPHS = 16


def uploaded(browser: Browser, project: int, side: int) -> list[str]:
    """Upload radiographs, as our site shows them, and return their addresses."""
    boundary = secrets.token_hex(16)
    body = b"".join(
        _part(boundary, f"{seed}.png", _png(seed, side)) for seed in range(RADIOGRAPHS)
    )
    cookies = "; ".join(f"{name}={text}" for name, text in browser.cookies.items())
    headers = {
        "Cookie": cookies,
        "X-CSRFToken": browser.cookies.get("csrftoken", ""),
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=300)
    place = f"/api/projects/{project}/import?commit_to_project=false"
    connection.request("POST", place, body + f"--{boundary}--\r\n".encode(), headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 201:
        raise Failed(f"upload of radiographs: {answer.status} {said[:900]!r}")
    place = f"/api/projects/{project}/file-uploads?all=true"
    connection.request("GET", place, headers=headers)
    found = json.loads(connection.getresponse().read())
    connection.close()
    return [f"/data/{upload['file']}" for upload in found]


def _part(boundary: str, name: str, content: bytes) -> bytes:
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _png(seed: int, side: int) -> bytes:
    """The phantom that our site shows for the same seed, in the eight bits of a PNG."""
    pixels = draw(seed, size=side).pixels
    grey = (pixels / max(1, int(pixels.max())) * 255).astype("uint8")
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    return stream.getvalue()
