"""What an audit of the blinding might have found, for tests in which none is run."""

from typing import Any

from readerstudy.studies.models import Study


def audited(study: Study) -> dict[str, Any]:
    """What the statistical reader might find in the texts of a study."""
    arms = list(study.arm_set.all())
    return {
        "schema": "readerstudy.blinding_audit/1",
        "status": "few_cases",
        "message": "6 cases are too few for a useful number.",
        "auc": 0.61,
        "ci95": [0.42, 0.8],
        "cases": 6,
        "cases_read": 6,
        "reports": 12,
        "arms": [{"arm": arm.name, "label": arm.label, "reports": 6} for arm in arms],
        "each": [{"arm": arm.name, "auc": 0.61, "ci95": [0.42, 0.8]} for arm in arms],
        "folds": 5,
        "repeats": 10,
        "unsettled": 0,
        "within_cases": 0.5,
        "permutation": {"p_value": 0.2, "draws": 999},
        "leaks": [],
        "phrases": [],
        "styles": [
            {
                "feature": "words",
                "label": "words",
                "means": {arm.name: 6.0 for arm in arms},
                "arm": arms[0].name,
                "more": True,
                "auc": 0.5,
            }
        ],
    }
