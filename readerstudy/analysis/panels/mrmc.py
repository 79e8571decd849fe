"""Two arms, clustered by case: the headline and every answer behind it.

MRMC: several readers, several cases, each reader grading each case in each arm.
"""

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    message_row,
    table,
    why_none,
)
from readerstudy.analysis.panels.rules import rule_sentence
from readerstudy.analysis.panels.signs import Sides, in_order, sides_of
from readerstudy.analysis.statistics.design import CROSSED, allocation_of
from readerstudy.analysis.wording import (
    NOTHING,
    counted,
    degrees,
    interval,
    p_text,
    percent,
    points,
)

FEW_READERS = 2
_COLUMNS = ("Answer", "SE, points", "df", "95% CI, points", "p")
_HELP = (
    "These readers: cases are a sample, the readers are not; all grades of one case "
    "count together. Whole-case swap: the exact test that exchanges the arms of whole "
    "cases. Readers like these: cases and readers are both samples. Row-level: every "
    "grade on its own."
)


def mrmc(results: Results, wording: Wording) -> list[Panel]:
    """One panel for every two arms, those with the reference first."""
    pairs = in_order(results["pairs"], results)
    if not pairs:
        message = why_none(results, "pairs")
        return [Panel(name="mrmc", title="Comparison of arms", message=message)]
    several = len(pairs) > 1
    return [
        _panel(f"mrmc-{number}" if several else "mrmc", pair, results, wording)
        for number, pair in enumerate(pairs, 1)
    ]


def _panel(name: str, pair: Block, results: Results, wording: Wording) -> Panel:
    sides = sides_of(pair, results)
    title = f"{sides.title(wording)}: clustered by case (MRMC)"
    if pair["headline"]["p_value"] is None:
        return Panel(name=name, title=title, message=reason_of(pair))
    readers = results["design"]["readers"]
    notes = [_counts(pair, sides, wording)]
    if pair["status"] != "no_discordant_pairs":
        crossed = allocation_of(wording.protocol) == CROSSED
        notes.append(rule_sentence(pair, readers, crossed=crossed))
    notes += [_squares(pair["random_readers"]), _HELP]
    return Panel(
        name=name,
        title=title,
        **table(_COLUMNS, _rows(pair, sides, results)),
        notes=tuple(note for note in notes if note),
    )


def reason_of(pair: Block) -> str:
    """Why two arms can't be compared."""
    return str(pair["message"] or pair["headline"]["message"] or "Not estimable.")


def _rows(pair: Block, sides: Sides, results: Results) -> list[Row]:
    fixed, random, mcnemar = (
        pair[name] for name in ("fixed_readers", "random_readers", "mcnemar")
    )
    headline = {} if pair["status"] == "no_discordant_pairs" else pair["headline"]
    swap = {"p_value": fixed["exact_swap_p"]}
    newcombe = {"p_value": mcnemar["exact_p"], "ci95": pair["newcombe_ci95"]}
    lines: list[tuple[str, Block]] = [
        ("Headline", headline),
        ("These readers (F): clustered by case", fixed),
        ("These readers: exact whole-case swap", swap),
        ("Readers like these (R): MRMC, Hillis df", random),
        ("Row-level, unclustered: Newcombe, McNemar exact", newcombe),
    ]
    rows = [_row(name, block, pair, sides) for name, block in lines]
    rows[0] = Row(rows[0].cells, rows[0].kind or "total")
    if results["design"]["readers"] == FEW_READERS and not rows[3].kind:
        rows[3] = Row(rows[3].cells, "muted")
    tango = interval(sides.interval(pair["tango_ci95"]))
    mid_p = p_text(mcnemar["mid_p"])
    name = "Row-level, unclustered: Tango, McNemar mid-p"
    rows.append(Row((name, NOTHING, NOTHING, tango, mid_p)))
    if len(results["pairs"]) > 1:
        rows += _holm(pair, mcnemar, len(results["pairs"]))
    return rows


def _holm(pair: Block, mcnemar: Block, pairs: int) -> list[Row]:
    """The p values that hold over all pairs together."""
    return [
        Row((f"{name}, Holm over {pairs} pairs", NOTHING, NOTHING, NOTHING, p_text(p)))
        for name, p in (
            ("Headline", pair["headline"].get("holm_p_value")),
            ("McNemar exact", mcnemar["holm_p"]),
        )
        if p is not None
    ]


def _row(name: str, block: Block, pair: Block, sides: Sides) -> Row:
    if block.get("p_value") is None:
        return message_row(name, str(block.get("message") or reason_of(pair)))
    return Row(
        (
            name,
            percent(block.get("se")),
            degrees(block.get("df")),
            interval(sides.interval(block.get("ci95"))),
            p_text(block["p_value"]),
        )
    )


def _counts(pair: Block, sides: Sides, wording: Wording) -> str:
    own, other = sides.parts(pair, "only_{}")
    return (
        f"Difference {points(sides.difference(pair['difference']))} points over "
        f"{counted(pair['n'], 'pair')} of grades of {counted(pair['cases'], 'case')}: "
        f"success in both {pair['both']}, only {wording.arm(sides.arm)} {own}, only "
        f"{wording.arm(sides.against)} {other}, neither {pair['neither']}."
    )


def _squares(random: Block) -> str:
    """The mean squares behind R, for those who plan the next study."""
    if random.get("msr") is None:
        return ""
    msr, msc, mse = (f"{random[name]:.3g}" for name in ("msr", "msc", "mse"))
    return f"Mean squares of the difference: readers {msr}, cases {msc}, error {mse}."
