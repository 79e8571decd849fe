"""A comparison as tables for people; every number comes out of the stored results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readerstudy.analysis.panels.panel import Panel, Row, message_row, table
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    coefficient_interval,
    counted,
    p_text,
    sentence_case,
    with_interval,
)

Results = Mapping[str, Any]
AVERAGES = ("macro", "micro", "weighted")
AVERAGE_WORDS = {
    "macro": "Macro: the plain mean of the findings' scores.",
    "micro": "Micro: all pairs pooled, so that common findings weigh more.",
    "weighted": "Weighted: the mean, by how often a finding is present in the "
    "reference.",
}
GROUPS = {
    "included": "all included findings",
    "common": "findings that every model has",
    "five": "the five of CheXpert's competition",
}
_REASONS = {
    "uncertain_ref": "uncertain in the reference",
    "blank_ref": "not mentioned in the reference",
    "uncertain_gen": "uncertain in the other",
    "blank_gen": "not mentioned in the other",
}


def headline(results: Results) -> list[str]:
    """What was found, a sentence for each model: the average is always named."""
    if results.get("status") not in {None, "ok"} and not results.get("averages"):
        return [str(results.get("message") or "Nothing could be scored.")]
    found = []
    for model in models_of(results):
        macro = _average(results, model, "included", "macro")
        micro = _average(results, model, "included", "micro")
        weighted = _average(results, model, "included", "weighted")
        if macro is None or micro is None or weighted is None:
            found.append(f"{model}: no finding could be averaged.")
            continue
        number = counted(len(macro["labels"]), "finding")
        found.append(
            f"{model}: macro-averaged F1 {score(macro['f1'])} over {number}; "
            f"micro-averaged {score(micro['f1'])}, weighted {score(weighted['f1'])}."
        )
    return found or ["Nothing could be scored."]


def models_of(results: Results) -> list[str]:
    """The names of what was compared, in the order of the results."""
    return [each["name"] for each in results.get("models", [])]


def score(metric: Mapping[str, Any] | None) -> str:
    """A score with its interval; a dash where there is none."""
    if not metric:
        return NOTHING
    return with_interval(
        coefficient(metric.get("value")), coefficient_interval(metric.get("ci95"))
    )


def _average(
    results: Results, model: str, group: str, average: str
) -> Mapping[str, Any] | None:
    for each in results.get("averages", []):
        if (each["model"], each["group"], each["average"]) == (model, group, average):
            found: Mapping[str, Any] = each
            return found
    return None


def panels(
    results: Results, metrics: Mapping[str, Any], *, quoted: bool
) -> list[Panel]:
    """Every table of a comparison, in the order of the page.

    quoted   the paper's printed rows stand beside one's own
    """
    found = [by_finding(results, quoted=quoted), averages(results, quoted=quoted)]
    found += [detail(results, model) for model in models_of(results)]
    found.append(left_out(results))
    if results.get("differences"):
        found.append(differences(results))
    if metrics.get("rows"):
        found.append(of_texts(metrics))
    return found


def _quoted(results: Results, *, quoted: bool) -> list[Mapping[str, Any]]:
    return list(results.get("published") or []) if quoted else []


def quoted_value(row: Mapping[str, Any]) -> str:
    """A printed score with its interval."""
    bounds = row.get("ci95") or [row.get("low"), row.get("high")]
    value = row.get("value", row.get("f1"))
    return with_interval(coefficient(value), coefficient_interval(bounds))


def by_finding(results: Results, *, quoted: bool) -> Panel:
    """F1 by finding, a column for each model, as the paper prints it."""
    models = models_of(results)
    scores = {(each["label"], each["model"]): each for each in results["scores"]}
    printed = _quoted(results, quoted=quoted)
    names = list(dict.fromkeys(each["model"] for each in printed))
    prints = {(each["label"], each["model"]): quoted_value(each) for each in printed}
    rows = []
    for label in _included(results):
        cells = [_f1(scores.get((label, model))) for model in models]
        cells += [prints.get((label, name), NOTHING) for name in names]
        rows.append(Row((label, *cells)))
    if not rows:
        rows = [message_row("No finding meets the limits; below is why.")]
    columns = (
        "Finding",
        *(f"{model}, F1" for model in models),
        *(f"{name}, as printed" for name in names),
    )
    notes = ["F1 with its 95% interval; studies were drawn again with replacement."]
    if printed:
        title = printed[0].get("title") or printed[0]["table"]
        notes.append(
            f"As printed: {title}. {printed[0].get('source', '')}. Other radiographs, "
            "other labels: to be read beside, not compared."
        )
    return Panel(
        name="by_finding",
        title="F1 by finding",
        **table(columns, rows),
        notes=tuple(notes),
    )


def _f1(row: Mapping[str, Any] | None) -> str:
    return score(row["f1"]) if row else NOTHING


def _included(results: Results) -> list[str]:
    return [each["label"] for each in results["labels"] if each["included"]]


def averages(results: Results, *, quoted: bool) -> Panel:
    """The three averages side by side: no two of them may be compared."""
    rows = []
    groups = list(dict.fromkeys(each["group"] for each in results["averages"]))
    for group in groups:
        for model in models_of(results):
            held = [_average(results, model, group, each) for each in AVERAGES]
            first = next((each for each in held if each), None)
            if first is None:
                continue
            over = f"{len(first['labels'])}: {GROUPS.get(group, group)}"
            cells = [score(each["f1"]) if each else NOTHING for each in held]
            rows.append(Row((model, over, *cells)))
    notes = list(AVERAGE_WORDS.values())
    for each in _quoted(results, quoted=quoted):
        if each["label"] or each.get("average") in {None, "none"}:
            continue
        cells = [
            quoted_value(each) if each["average"] == kind else NOTHING
            for kind in AVERAGES
        ]
        labels = each.get("labels") or ""
        over = f"{len(labels) if isinstance(labels, list) else labels}: as printed"
        name = each["model"]
        if each["average"] not in AVERAGES:
            name = f"{name}: {quoted_value(each)}, average not known"
        rows.append(Row((f"{name} (printed)", over, *cells), "muted"))
        if each.get("basis"):
            notes.append(f"{each['model']}: {each['basis']}")
    if not rows:
        rows = [message_row("There is nothing to average.")]
    columns = ("Compared", "Findings", *(f"{each.title()} F1" for each in AVERAGES))
    return Panel(
        name="averages",
        title="Averages, each under its name",
        **table(columns, rows, text=2),
        notes=tuple(dict.fromkeys(notes)),
    )


_COUNTS = ("tp", "fp", "fn", "tn")


def detail(results: Results, model: str) -> Panel:
    """What stands behind a model's scores: pairs, coverage, counts."""
    rows = []
    excluded: dict[str, int] = dict.fromkeys(_REASONS, 0)
    for each in results["scores"]:
        if each["model"] != model:
            continue
        for reason, number in each["excluded"].items():
            excluded[reason] = excluded.get(reason, 0) + number
        cells = (
            each["label"],
            str(each["n_pairs"]),
            _share(each.get("coverage")),
            str(each["support_pos"]),
            *(str(each[name]) for name in _COUNTS),
            coefficient(each["precision"]["value"]),
            coefficient(each["recall"]["value"]),
            coefficient(each["specificity"]["value"]),
            score(each["f1"]),
        )
        rows.append(Row(cells, "" if each["included"] else "muted"))
    columns = (
        *("Finding", "Pairs", "Coverage", "Present", "TP", "FP", "FN", "TN"),
        *("Precision", "Recall", "Specificity", "F1"),
    )
    told = "; ".join(
        f"{number} {_REASONS.get(reason, reason)}"
        for reason, number in excluded.items()
        if number
    )
    notes = [
        "Pairs: studies with a label that counts on both sides. Coverage: their share "
        "of all studies. Grey: in no average, see below."
    ]
    if told:
        notes.append(f"Left out of the pairs, over all findings: {told}.")
    return Panel(
        name=f"detail-{models_of(results).index(model) + 1}",
        title=f"{model}: counts",
        **table(columns, rows),
        notes=tuple(notes),
    )


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{100 * value:.0f}%"


def left_out(results: Results) -> Panel:
    """Findings that are in no average, with the reason."""
    rows = []
    for each in results["labels"]:
        if each["included"]:
            continue
        held = each["reference"]
        rows.append(
            Row(
                (
                    each["label"],
                    each["exclusion_reason"],
                    *(
                        str(held[kind])
                        for kind in ("positive", "negative", "uncertain", "blank")
                    ),
                )
            )
        )
    if not rows:
        rows = [message_row("None: every finding is in the averages.")]
    columns = ("Finding", "Why", "Present", "Absent", "Uncertain", "Not mentioned")
    return Panel(
        name="left_out",
        title="Findings left out of the averages",
        **table(columns, rows, text=2),
        notes=("Counts are those of the reference.",),
    )


def differences(results: Results) -> Panel:
    """Paired differences of F1: the same studies on both sides."""
    rows = []
    for each in results["differences"]:
        if not each.get("included", True):
            continue
        f1 = each["f1"]
        what = each["label"] or _titled(each)
        rows.append(
            Row(
                (
                    f"{each['second']} minus {each['first']}",
                    what,
                    signed(f1.get("difference")),
                    coefficient_interval(f1.get("ci95")),
                    p_text(f1.get("p_value")),
                ),
                "total" if not each["label"] else "",
            )
        )
    columns = ("Compared", "Of", "Difference of F1", "95% CI", "p")
    return Panel(
        name="differences",
        title="Paired differences",
        is_exploratory=True,
        **table(columns, rows, text=2),
        notes=(
            "The same studies on both sides. p by exchanging the two within studies; "
            "no correction for the number of findings.",
        ),
    )


def _titled(row: Mapping[str, Any]) -> str:
    group = GROUPS.get(str(row.get("group")), str(row.get("group")))
    return sentence_case(f"{row['average']} average, {group}")


def signed(value: float | None) -> str:
    """A difference of scores with its sign and a true minus."""
    if value is None:
        return NOTHING
    text = f"{value:+.2f}".replace("-", "\u2212")
    return "0.00" if text in {"+0.00", "\u22120.00"} else text


def of_texts(metrics: Mapping[str, Any]) -> Panel:
    """Metrics of whole texts, computed here or elsewhere."""
    rows = [
        Row(
            (
                each["metric"],
                each["source"],
                str(each["n"]),
                coefficient(each["mean"]),
                coefficient_interval(each["ci95"]),
                coefficient(each["median"]),
                "this site"
                if each["origin"] in {"", "readerstudy"}
                else each["origin"],
            )
        )
        for each in metrics["rows"]
    ]
    columns = ("Metric", "Source", "Cases", "Mean", "95% CI", "Median", "Computed by")
    return Panel(
        name="texts",
        title="Metrics of the texts",
        columns=columns,
        rows=tuple(rows),
        numbers=frozenset({2, 3, 4, 5}),
        notes=(
            "Word overlap knows nothing of findings: a report that misses the "
            "pneumothorax can score high. Metrics of other programs are quoted from "
            "their files as they are.",
            *metrics.get("notes", ()),
        ),
    )


def grades_and_metrics(result: Mapping[str, Any]) -> Panel:
    """Kendall's tau of each metric with the grades of a closed study."""
    rows = list(_agreements(result))
    columns = ("Metric", "Reports of", "Reports", "Cases", "Tau", "95% CI", "Better")
    return Panel(
        name="metrics",
        title="Metrics and grades: Kendall's tau",
        is_exploratory=True,
        columns=columns,
        rows=tuple(rows),
        numbers=frozenset({2, 3, 4, 5}),
        notes=(
            "Tau-b of the metric with the mean grade of a report, turned so that 1 "
            "means that what the metric calls better, readers called better too, and 0 "
            f"that it says nothing of their grades. Intervals draw cases again, "
            f"{result.get('draws')} times.",
            *result.get("warnings", ()),
        ),
    )


def _agreements(result: Mapping[str, Any]) -> Iterator[Row]:
    for each in result["metrics"]:
        if each.get("unit", "report") != "report":
            continue
        whose = each["source"] or "all arms"
        if each["tau"] is None:
            yield message_row(f"{each['metric']}, {whose}", str(each["message"]))
            continue
        is_turned = each.get("better") == "lower"
        yield Row(
            (
                each["metric"],
                whose,
                str(each["n"]),
                str(each["cases"]),
                coefficient(each["agreement"]),
                coefficient_interval(_turned(each["ci95"], is_turned=is_turned)),
                str(each.get("better", "higher")),
            )
        )


def _turned(bounds: Sequence[float] | None, *, is_turned: bool) -> Any:
    if not bounds or not is_turned:
        return bounds
    return [-bounds[1], -bounds[0]]
