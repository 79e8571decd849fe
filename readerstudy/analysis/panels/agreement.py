"""How far readers agree about the same reports, over all arms and per arm."""

from collections.abc import Mapping

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    further,
    message_row,
    table,
)
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    percent,
    percent_interval,
    with_interval,
)

TITLE = "Agreement between readers"
COEFFICIENTS = {
    "fleiss_kappa": "Fleiss kappa, A to D",
    "fleiss_kappa_success": "Fleiss kappa, A or B",
    "krippendorff_alpha_ordinal": "Krippendorff alpha, ordinal",
    "gwet_ac2_ordinal": "Gwet AC2, ordinal",
}
_COLUMNS = ("Reports", "Number", "Readers", "Same grade, %", *COEFFICIENTS.values())
_NOTE = (
    "Where most grades are A or B, kappa and alpha are low whatever readers do; AC2 is "
    "not."
)


def agreement(results: Results, wording: Wording) -> list[Panel]:
    """Coefficients with their intervals, then weighted kappa of every two readers."""
    blocks = scopes(results, wording)
    rows = [row for name, block in blocks.items() for row in _rows(name, block)]
    parts = table(_COLUMNS, rows) | {"notes": _notes(blocks)}
    panels = [further(results, "agreement", "agreement", TITLE, **parts)]
    if kappas := _kappas(blocks):
        title = "Quadratic weighted kappa of every two readers"
        columns = ("Readers", *blocks)
        panels.append(
            further(
                results, "agreement", "agreement-pairs", title, **table(columns, kappas)
            )
        )
    return panels


def scopes(results: Results, wording: Wording) -> dict[str, Block]:
    """All arms together, then each arm, by the name that people read."""
    held: Mapping[str, Block] = results["agreement"]
    found = {"All arms": held["all"]}
    for arm in results["design"]["arms"]:
        if arm != "all":
            found[wording.arm(arm)] = held[arm]
    return found


def _rows(name: str, block: Block) -> list[Row]:
    same = with_interval(
        percent(block["percent_agreement"]),
        percent_interval(block.get("percent_agreement_ci95")),
    )
    values = [
        with_interval(
            coefficient(block[key]), coefficient_interval(block.get(f"{key}_ci95"))
        )
        for key in COEFFICIENTS
    ]
    rows = [Row((name, str(block["units"]), str(block["raters"]), same, *values))]
    if block["message"]:
        rows.append(message_row(name, str(block["message"])))
    return rows


def _notes(blocks: Mapping[str, Block]) -> tuple[str, ...]:
    bootstrap = next(
        (block["bootstrap"] for block in blocks.values() if block.get("bootstrap")),
        None,
    )
    if bootstrap is None:
        return (_NOTE,)
    drawn = (
        f"In brackets 95% intervals from {bootstrap['draws']} bootstrap draws of whole "
        f"cases, seed {bootstrap['seed']}."
    )
    return drawn, _NOTE


def _kappas(blocks: Mapping[str, Block]) -> list[Row]:
    """A row per two readers with a cell per scope."""
    pairs = dict.fromkeys(
        pair
        for block in blocks.values()
        for part in ("weighted_kappa", "weighted_kappa_absent")
        for pair in block[part]
    )
    return [
        Row(
            (
                pair_name(pair),
                *(_kappa(block, pair) for block in blocks.values()),
            )
        )
        for pair in pairs
    ]


def _kappa(block: Block, pair: str) -> str:
    bounds = (block.get("weighted_kappa_ci95") or {}).get(pair)
    return with_interval(
        coefficient(block["weighted_kappa"].get(pair)), coefficient_interval(bounds)
    )


def pair_name(key: str) -> str:
    """The two readers behind a key; a bar that is part of a name has a backslash."""
    first, _, second = key.replace("\\|", "\0").partition("|")
    return f"{first} and {second}".replace("\0", "|")
