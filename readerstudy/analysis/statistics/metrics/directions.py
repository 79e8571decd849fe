"""Whether more of a metric is better, worse, or neither: told by its name."""

import re
from typing import Literal

Better = Literal["higher", "lower", "neither"]

# Parts of names, in lower case and without signs; those that count faults come first,
# so that the errors that GREEN finds are errors.
_LOWER = (
    *("error", "hallucinat", "perplexity", "radcliq", "fineradscore", "chexprompt"),
    *("repeated", "repetition", "omission", "falsepositive", "falsenegative"),
)
_HIGHER = (
    *("bleu", "rouge", "meteor", "cider", "spice", "chrf", "green", "score", "f1"),
    *("radgraph", "chexbert", "semb", "similarity", "precision", "recall", "accuracy"),
    *("sensitivity", "specificity", "auroc", "kappa", "exactmatch", "entailment"),
)
# Abbreviations stand alone, or they would be found inside of words.
_LOWER_WORDS = {"wer", "cer", "mae", "mse", "rmse", "ppl", "loss", "distance"}
_HIGHER_WORDS = {"auc", "iou", "dice", "cosine", "correlation"}
_SIZES = {"word", "words", "length", "lengths", "character", "characters", "tokens"}
# They turn what a name says round, or not: a reader would have to be asked.
_TURNING = {"no", "non", "free", "without"}


def better(metric: str) -> Better:
    """The direction of a metric by its name; "neither" where the name tells none.

    RadCliQ counts errors, so that less is better; 1/RadCliQ, by which ReXrank ranks,
    turns that round.
    """
    inverse = re.match(r"\s*1\s*/", metric)
    if not inverse:
        return _direction(metric)
    turned: dict[Better, Better] = {"higher": "lower", "lower": "higher"}
    found = _direction(metric[inverse.end() :])
    return turned.get(found, found)


def is_told(metric: str) -> bool:
    """Whether the name tells a direction, or a size that has none, such as length."""
    return better(metric) != "neither" or bool(_SIZES & _words(metric))


def _direction(metric: str) -> Better:
    name, words = re.sub(r"[^a-z0-9]", "", metric.casefold()), _words(metric)
    if words & _TURNING:
        return "neither"
    if words & _LOWER_WORDS or any(part in name for part in _LOWER):
        return "lower"
    if words & _SIZES:
        return "neither"
    if words & _HIGHER_WORDS or any(part in name for part in _HIGHER):
        return "higher"
    return "higher" if name.endswith("sim") else "neither"


def _words(metric: str) -> set[str]:
    return set(re.findall(r"[a-z]+", metric.casefold()))
