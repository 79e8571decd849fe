"""A new study in one go: the draft, its arms, and its cases from a collection."""

from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.cases.case_sets.drawing import another_seed, draw_cases
from readerstudy.cases.case_sets.eligibility import Filters, sieve
from readerstudy.cases.models import CaseSet, Collection
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study

# The study of the CXR-LLaVA paper.
PER_STRATUM = 25
AS_IN_THE_PAPER, BLANK = "paper", "blank"
STARTS = {
    AS_IN_THE_PAPER: "As in the paper",
    BLANK: "Blank",
}


@transaction.atomic
def start_study(
    *,
    coordinator: User,
    title: str,
    code: str,
    start: str,
    collection: Collection | None = None,
) -> Study:
    """Create a draft; draw 25 normal and 25 abnormal cases, or what is there of them.

    The defaults of every rule are those of the paper. A collection from which nothing
    can be drawn is refused, and nothing is created.
    """
    study = studies.create(
        coordinator=coordinator,
        code=code,
        title=title,
        with_arms=start == AS_IN_THE_PAPER,
    )
    if collection:
        _draw(study, coordinator, collection)
    return study


def _draw(study: Study, actor: User, collection: Collection) -> None:
    held = sieve(study, collection, Filters()).codes_by_stratum
    is_sorted = bool(held.get("normal") or held.get("abnormal"))
    if not any(held.values()):
        raise ValidationError(
            {
                "collection": f"{collection.name} has no case with a radiograph to "
                "read yet. Choose another collection, or none for now."
            }
        )
    case_set = draw_cases(
        study=study,
        actor=actor,
        collection=collection,
        sizes={
            "normal": PER_STRATUM,
            "abnormal": PER_STRATUM,
            "unknown": 0 if is_sorted else 2 * PER_STRATUM,
        },
        seed=another_seed(),
        takes_what_is_there=True,
    )
    _fit_distance(study, actor, case_set.studycase_set.count())


def _fit_distance(study: Study, actor: User, cases: int) -> None:
    """Fewer cases than the distance allows: half of them lie between two reports."""
    if study.minimum_pair_distance <= cases:
        return
    kept = {
        name: getattr(study, name)
        for name in (
            "title",
            "instructions",
            "seed",
            "redaction",
            "show_indication",
            "margin_points",
        )
    }
    studies.change_settings(
        study=study, actor=actor, minimum_pair_distance=max(1, cases // 2), **kept
    )


def drawn_in_words(study: Study) -> str:
    """What was drawn for a new study, against the paper's; empty where nothing was."""
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    if case_set is None:
        return ""
    sizes = {"normal": case_set.normal, "abnormal": case_set.abnormal}
    name = case_set.collection.name
    if case_set.unknown:
        return (
            f"{case_set.unknown} cases are drawn from {name}, where none is known as "
            "normal or abnormal. Say which are, and draw again under Cases, if the "
            "study is to be stratified."
        )
    counts = " and ".join(f"{size} {stratum}" for stratum, size in sizes.items())
    if set(sizes.values()) == {PER_STRATUM}:
        return f"{counts} cases are drawn from {name}, as in the paper."
    return (
        f"{counts} cases are drawn from {name}: all it has towards the "
        f"{PER_STRATUM} and {PER_STRATUM} of the paper."
    )
