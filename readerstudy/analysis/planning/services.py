"""Working a plan out, and keeping it with the protocol.

scipy comes with the first plan, so that the site starts without it.
"""

from typing import Any

from readerstudy.accounts.models import User
from readerstudy.analysis.planning.forms import MOST_TOGETHER, PlanningForm
from readerstudy.cases.models import Case
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study


def worked_out(study: Study, form: PlanningForm) -> dict[str, Any]:
    """The plan of a valid form for a study's number of arms; takes seconds."""
    from readerstudy.analysis.statistics.planning.plan import plan

    arms = max(2, study.arm_set.count())
    return plan(
        form.inputs(
            arms=arms, alpha=float(study.alpha), inference=study.reader_inference
        )
    )


def power_of_design(study: Study) -> list[str]:
    """What a draft's design can show, as its fields stand, in sentences; takes seconds.

    Rates and shares are those of the kept sample size, else the usual ones.
    """
    from readerstudy.analysis.statistics.planning.advice import advice
    from readerstudy.analysis.statistics.planning.designs import Layout
    from readerstudy.analysis.statistics.planning.inputs import Inputs, Shares
    from readerstudy.analysis.statistics.planning.latent import Latent
    from readerstudy.analysis.statistics.planning.plan import SEED, replicates_for
    from readerstudy.analysis.statistics.planning.power import power_table

    kept = (study.sample_size or {}).get("inputs") or {}
    plain = Inputs()
    margin = study.margin_points
    inputs = Inputs(
        readers=study.membership_set.readers().count() or kept.get("readers", 3),
        cases=Case.objects.of_study(study).count() or kept.get("cases", 50),
        arms=max(2, study.arm_set.count()),
        rate=kept.get("rate", plain.rate),
        reference_rate=kept.get("reference_rate", plain.reference_rate),
        margin_points=None if margin is None else float(margin),
        alpha=float(study.alpha),
        layout=Layout(study.allocation, study.reader_groups, study.anchor_cases),
        shares=Shares(**kept.get("shares", {})),
        inference=study.reader_inference,
    )
    readers, cases = inputs.readers, inputs.cases
    if readers * cases > MOST_TOGETHER:
        return ["The study is too large to be drawn here by the hundred."]
    if not inputs.layout.fits(readers, cases):
        return ["Every group needs a reader and a case of its own."]
    if cases < 2:
        return ["One case shows nothing of others."]
    cells = power_table(
        Latent((inputs.reference_rate, inputs.rate), inputs.shares),
        inputs.layout,
        sizes=[(readers, cases)],
        arms=inputs.arms,
        margin=inputs.margin,
        alpha=inputs.alpha,
        replicates=replicates_for(readers, cases),
        seed=SEED,
    )
    expected = (
        f"Expected are {100 * inputs.rate:g}% success in the arm and "
        f"{100 * inputs.reference_rate:g}% in the reference."
    )
    # Without what speaks of the planner's table, and the count of reads at the end: the
    # estimates have it from the dealt lists.
    sentences = [
        each for each in advice(inputs, cells)[:-1] if "in the table" not in each
    ]
    return [*sentences, expected]


def keep(*, study: Study, actor: User, plan: dict[str, Any]) -> Study:
    """Keep a plan with a draft; refuses once the protocol is frozen."""
    return studies.keep_sample_size(study=study, actor=actor, sample_size=plan)
