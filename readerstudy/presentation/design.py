"""A study's own design: what it is dealt by, tried out, and put into the protocol."""

from collections import defaultdict
from typing import Any

from readerstudy.cases.models import Case
from readerstudy.cases.sampling import TooFew, draw
from readerstudy.presentation.dealing import Design
from readerstudy.presentation.sessions import SessionPlan
from readerstudy.studies.models import Study

_STRATA = ("normal", "abnormal", "unknown")


def dealt_from(study: Study) -> dict[str, Any]:
    """What the dealing takes from the settings of a study."""
    return {
        "design": Design(**study.design, pairs=study.reads_pairs),
        "minimum_distance": study.minimum_pair_distance,
        "seed": study.seed,
        "plan": SessionPlan(study.session_reads, rounds_apart=study.washout_days > 0),
    }


def case_set_protocol(study: Study) -> dict[str, Any]:
    """How the cases were drawn, so that they can be drawn again from it alone.

    The candidates stand there where the draw from them still gives these cases: a
    collection may have changed since.
    """
    case_set = study.caseset
    sizes = {name: getattr(case_set, name) for name in _STRATA}
    block = {
        "collection": case_set.collection.name,
        "seed": case_set.seed,
        **sizes,
        "available": case_set.available,
    }
    candidates: dict[str, list[str]] = defaultdict(list)
    held = Case.objects.filter(collection=case_set.collection).exclude(image=None)
    for code, stratum in held.order_by("code").values_list("code", "stratum"):
        candidates[stratum].append(code)
    drawn = Case.objects.of_study(study).values_list("code", flat=True)
    try:
        again = draw(codes_by_stratum=candidates, sizes=sizes, seed=case_set.seed)
    except TooFew:
        return block
    if again != sorted(drawn):
        return block
    return block | {"method": "draw/1", "candidates": dict(candidates)}
