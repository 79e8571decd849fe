"""Which rule chose a headline, and what it covers, in words."""

from readerstudy.analysis.panels.panel import Block

_FEW_READERS = 2
_RULES = {
    "max_fixed_random": (
        "the larger p value and the wider interval of two answers, one for these "
        "readers and one for readers like these"
    ),
    "swap_small": (
        "the exact whole-case swap, for these readers; there are few cases, or few "
        "discordant ones, so the interval is approximate"
    ),
    "swap_zero_variance": (
        "the exact whole-case swap, for these readers; the variance is zero, so there "
        "is no interval"
    ),
}


def rule_sentence(pair: Block, readers: int, *, crossed: bool = True) -> str:
    """The headline's rule; nothing where there is no headline.

    `crossed` says whether every reader was dealt every report.
    """
    rule = pair["headline"]["rule"]
    if rule is None or pair["status"] == "no_discordant_pairs":
        return ""
    if rule != "fixed_only":
        meaning = _RULES.get(rule, "see the reference of the results")
    elif readers == 1:
        meaning = "one reader: no inference to other readers"
    elif readers == _FEW_READERS:
        meaning = "for these two readers only; two are too few to speak of others"
    elif not crossed:
        meaning = (
            "for these readers only, as the design deals them not the same reports"
        )
    else:
        meaning = "for these readers only, as grades are missing"
    return f"Headline rule {rule}: {meaning}."
