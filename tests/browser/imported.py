"""A film that was imported as users do it, in a study that Rosa reads in a browser."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser, Page

from readerstudy.cases.imports import override_image
from readerstudy.cases.models import Collection, Image
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.browser.test_session import wear_session
from tests.browser.viewer_reference import Greys
from tests.browser.visits import leave
from tests.chromium import context_of
from tests.people import cora, rosa

SIZE = (600, 700)


def import_film(content: bytes, folder: Path) -> Slot:
    """Import a DICOM file by the command and return a slot that shows it."""
    file = folder / "film.dcm"
    file.write_bytes(content)
    call_command("import_dicom", str(file), "--collection", "phantoms", "--json")
    made = Collection.objects.get(name="phantoms")
    _choose(Image.objects.get())
    for source in ("ground_truth", "cxr_llava"):
        worlds.add_reports(made, source)
    study = worlds.open_study(distance=1)
    slot = Slot.objects.of_study(study).order_by("position").first()
    assert slot is not None
    return slot


def _choose(image: Image) -> None:
    """Let readers see a film that says nothing of its view, or is a lateral one."""
    override_image(
        image=image,
        actor=cora().user,
        view=Image.View.FRONTAL,
        stratum="normal",
        is_chosen=True,
    )


def reader_page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """Give Rosa's page; afterwards no policy was violated and no script failed."""
    context = context_of(
        browser,
        viewport={"width": SIZE[0], "height": SIZE[1]},
        base_url=live_server.url,
    )
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda message: (
            failures.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    wear_session(page, rosa().client, live_server)
    yield page
    leave(page)
    assert failures == []


def addresses(slot: Slot, number: int = 0) -> dict[str, str]:
    """The addresses of a slot's radiograph, as the loader takes them."""
    names = {"meta": "image", "preview": "preview", "frame": "frame"}
    return {
        part: reverse(f"api:{name}", args=[slot.public_id, number])
        for part, name in names.items()
    }


def hang(page: Page, slot: Slot, renderer: str) -> None:
    """Show a slot's radiograph in a light box that fills the window."""
    page.goto(reverse("presentation:window", args=[slot.public_id]))
    kind: str = page.evaluate(
        """async ([urls, renderer]) => {
          const { Lightbox } = await import("/static/viewer/lightbox.js");
          const { fetchRadiograph } = await import("/static/viewer/loader.js");
          const root = document.getElementById("viewer");
          const lightbox = new Lightbox(root, { renderer, hasTools: false });
          const painted = new Promise((done, failed) => {
            lightbox.addEventListener("shown", done);
            lightbox.addEventListener("failed", ({ detail }) => failed(detail));
          });
          lightbox.show([fetchRadiograph({ label: "frontal", ...urls })]);
          await painted;
          window.lightbox = lightbox;
          return lightbox.pane.renderer.kind;
        }""",
        [addresses(slot), renderer],
    )
    assert kind == renderer


def grey_of(page: Page) -> Greys:
    """Return the greys of the canvas, painted now."""
    url: str = page.evaluate(
        """() => {
          lightbox.pane.paint();
          return lightbox.pane.canvas.toDataURL();
        }"""
    )
    image = PIL.Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.asarray(image.convert("L"), dtype=np.float64)
