"""Whether more of a metric is better, worse, or neither."""

import re
from typing import Literal

Better = Literal["higher", "lower", "neither"]

# By the beginning of a metric's name, in lower case and without signs.
_LOWER = ("radcliq", "repeated", "fineradscore", "errors", "actionableerrors", "wer")
_NEITHER = ("words", "length", "characters")


def better(metric: str) -> Better:
    """The direction of a metric by its name; a metric that is not known is a score.

    RadCliQ counts errors, so that less is better; 1/RadCliQ, by which ReXrank ranks,
    turns that round.
    """
    name = re.sub(r"[^a-z0-9/]", "", metric.casefold())
    if name.startswith(_LOWER):
        return "lower"
    return "neither" if name.startswith(_NEITHER) else "higher"
