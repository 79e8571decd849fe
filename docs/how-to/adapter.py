"""An example of a command adapter: copy it, and put your own model into `report_on`.

    REPORT_COMMANDS=example=/path/to/mine/bin/python /path/to/adapters/adapter.py

Each line of the input names a radiograph, and each line of the output answers for one:

    {"id": "0001", "image": "/tmp/.../0001.png"}
    {"id": "0001", "report": "The heart is enlarged."}
    {"id": "0002", "error": "The image is upside down."}

Only Pillow is needed. What a library prints must not get into the output, so the
standard output is set aside first, and everything else is printed to standard error.
"""

import json
import sys
from typing import Any

from PIL import Image


def load() -> Any:
    """Load the model here, once for all radiographs of a run."""
    return None


def report_on(model: Any, image: Image.Image) -> str:
    """Return a report. This example describes how bright four quarters are."""
    places = ("upper left", "upper right", "lower left", "lower right")
    quarters = image.resize((2, 2)).tobytes()
    pairs = zip(places, quarters, strict=True)
    return " ".join(f"The {place} is {grey}." for place, grey in pairs)


def main() -> None:
    """Answer every line of the input."""
    answers, sys.stdout = sys.stdout, sys.stderr
    model = load()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            with Image.open(asked["image"]) as image:
                answer = {"report": report_on(model, image.convert("L"))}
        except (OSError, RuntimeError, ValueError) as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        answers.write(json.dumps({"id": asked["id"], **answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
