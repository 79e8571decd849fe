"""What a study is dealt by: the settings of its row, as the dealing takes them."""

from typing import Any

from readerstudy.presentation.dealing import Design
from readerstudy.presentation.sessions import SessionPlan
from readerstudy.studies.models import Study


def dealt_from(study: Study) -> dict[str, Any]:
    """What the dealing takes from the settings of a study."""
    return {
        "design": Design(**study.design, pairs=study.reads_pairs),
        "minimum_distance": study.minimum_pair_distance,
        "seed": study.seed,
        "plan": SessionPlan(study.session_reads, rounds_apart=study.washout_days > 0),
    }
