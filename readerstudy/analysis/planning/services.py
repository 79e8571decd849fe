"""Working a plan out, and keeping it with the protocol.

scipy comes with the first plan, so that the site starts without it.
"""

from typing import Any

from readerstudy.accounts.models import User
from readerstudy.analysis.planning.forms import PlanningForm
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study


def worked_out(study: Study, form: PlanningForm) -> dict[str, Any]:
    """The plan of a valid form for a study's number of arms; takes seconds."""
    from readerstudy.analysis.statistics.planning.plan import plan

    return plan(form.inputs(arms=max(2, study.arm_set.count())))


def keep(*, study: Study, actor: User, plan: dict[str, Any]) -> Study:
    """Keep a plan with a draft; refuses once the protocol is frozen."""
    return studies.keep_sample_size(study=study, actor=actor, sample_size=plan)
