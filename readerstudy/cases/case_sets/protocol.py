"""The protocol's `case_set`: all that is needed to draw the same cases again."""

from typing import Any

from readerstudy.cases.case_sets.drawing import outcome_of, struck_of
from readerstudy.cases.case_sets.flow import Box, boxes
from readerstudy.cases.models import CaseExclusion, CaseSet
from readerstudy.cases.sampling import METHOD, STRATA
from readerstudy.studies.models import Study


def case_set_protocol(study: Study) -> dict[str, Any]:
    """How the cases of a study came to be, in plain JSON.

    `sampling.replay_case_set` makes the same cases of it. A set that was drawn before
    draws kept their candidates has the numbers alone.
    """
    case_set = CaseSet.objects.select_related("collection", "study").get(study=study)
    block: dict[str, Any] = {
        "collection": case_set.collection.name,
        "seed": case_set.seed,
        **{name: getattr(case_set, name) for name in STRATA},
        "available": case_set.available,
    }
    if not case_set.candidates:
        return block
    struck = struck_of(case_set)
    outcome = outcome_of(case_set, struck)
    return block | {
        "method": METHOD,
        "filters": case_set.filters,
        "collection_cases": case_set.collection_cases,
        "left_out": case_set.left_out,
        "candidates": case_set.candidates,
        "exclusions": [
            *(
                each | {"after_draw": False, "replaced": False}
                for each in case_set.excluded
            ),
            *(_struck(row, outcome.replacements) for row in struck),
        ],
        "cases": outcome.codes,
    }


def _struck(row: CaseExclusion, replacements: dict[str, str | None]) -> dict[str, Any]:
    """An exclusion after the draw; `replaced_by` where the case had been drawn."""
    code = row.case.code
    entry: dict[str, Any] = {
        "case": code,
        "reason": row.reason,
        "note": row.note,
        "after_draw": True,
        "replaced": row.is_replaced,
    }
    if code in replacements:
        entry["replaced_by"] = replacements[code]
    return entry


def flow_of(study: Study) -> list[Box]:
    """The flow of a study's cases, with the reasons in words."""
    return boxes(case_set_protocol(study))
