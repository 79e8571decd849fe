"""Table 5 of the CXR-LLaVA paper for any number of arms, as published."""

from readerstudy.analysis.panels.omnibus import cochran_sentence
from readerstudy.analysis.panels.panel import Panel, Results, Row, Wording, table
from readerstudy.analysis.statistics.sentences import NO_RATINGS
from readerstudy.analysis.statistics.table import GRADES
from readerstudy.analysis.wording import NOTHING, percent

SUCCESS_MEANING = "Success: A or B"
TITLE = "Acceptability of the reports (Table 5, as published)"
ROW_LEVEL = (
    "Row-level; treats each reader's rating of the same report as new information; see "
    "the MRMC panel."
)


def table5(results: Results, wording: Wording) -> list[Panel]:
    """Grade counts as the paper lays them out, with Cochran's Q below."""
    grades = {
        arm: results["grades"][arm]
        for arm in results["design"]["arms"]
        if arm in results["grades"]
    }
    if not grades:
        message = str(results.get("message") or NO_RATINGS)
        return [Panel(name="table5", title=TITLE, message=message)]
    meanings = {grade.get("letter"): grade.get("label", "") for grade in wording.scale}

    def row(name: str, key: str, meaning: str) -> tuple[str, ...]:
        cells = [counted_share(each[key], each["n"]) for each in grades.values()]
        return (name, meaning, *cells)

    rows = [Row(row(letter, letter, meanings.get(letter, ""))) for letter in GRADES]
    rows.append(Row(row("A+B", "success", SUCCESS_MEANING), "total"))
    totals = [str(each["n"]) for each in grades.values()]
    rows.append(Row(("Grades", "", *totals)))
    columns = ("Grade", "Meaning", *(f"{wording.arm(arm)}, n (%)" for arm in grades))
    return [
        Panel(
            name="table5",
            title=TITLE,
            **table(columns, rows, text=2),
            notes=(cochran_sentence(results["cochran_q"]), ROW_LEVEL),
        )
    ]


def counted_share(count: int, total: int) -> str:
    """A count and its percentage, such as "109 (72.7)"."""
    return f"{count} ({percent(count / total)})" if total else f"0 ({NOTHING})"
