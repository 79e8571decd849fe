"""Writes on the cases of a study: draw them, exclude some, take them in again.

The cases of a draft are always what sampling.py makes of what is recorded: candidates,
sizes, seed, and the exclusions in their order. Triggers hold all of it once the study
is frozen.
"""

import secrets
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.case_sets.eligibility import Filters, Sieved, sieve
from readerstudy.cases.models import (
    Case,
    CaseExclusion,
    CaseSet,
    Collection,
    Image,
    StudyCase,
)
from readerstudy.cases.sampling import (
    METHOD,
    STRATA,
    Outcome,
    Struck,
    TooFew,
    draw,
    draw_and_strike,
)
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json, sha256_of

LARGEST_SEED = 2**32
MOST_CODES_TOLD = 1000


def another_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(LARGEST_SEED)


@transaction.atomic
def draw_cases(
    *,
    study: Study,
    actor: User,
    collection: Collection,
    sizes: Mapping[str, int | None],
    seed: int,
    filters: Filters | None = None,
    takes_what_is_there: bool = False,
) -> CaseSet:
    """Draw the cases of a draft anew from the cases of a collection with an image.

    Every exclusion of the study is known to the draw from now on. With
    `takes_what_is_there` a stratum that has fewer cases than asked for gives them all.
    """
    study = _locked_draft(study)
    filters = filters or Filters()
    _refuse_unseen(collection, filters)
    sieved = sieve(study, collection, filters)
    if takes_what_is_there:
        sizes = _at_most(sizes, sieved)
    try:
        drawn = draw(codes_by_stratum=sieved.codes_by_stratum, sizes=sizes, seed=seed)
    except TooFew as problem:
        raise ValidationError(str(problem)) from problem
    if not drawn:
        raise ValidationError("The draw is empty: ask for one case at least.")
    CaseExclusion.objects.filter(study=study).update(
        after_draw=False, is_replaced=False
    )
    case_set = _keep(study, collection, sieved, sizes, seed, filters)
    case_set.studycase_set.all().delete()
    StudyCase.objects.bulk_create(
        [StudyCase(case_set=case_set, case_id=sieved.row_of[code]) for code in drawn],
        batch_size=1000,
    )
    record(
        actor=actor,
        verb="study.cases_drawn",
        stream=study.code,
        subject=collection.name,
        detail={
            "cases": len(drawn),
            "seed": seed,
            "sizes": dict(sizes),
            "method": METHOD,
            "filters": filters.as_json(),
            "available": case_set.available,
            "candidates_sha256": sha256_of(canonical_json(case_set.candidates)),
            "excluded": len(sieved.excluded),
            "drawn": drawn if len(drawn) <= MOST_CODES_TOLD else None,
            "drawn_sha256": sha256_of(canonical_json(drawn)),
        },
    )
    return case_set


def _locked_draft(study: Study) -> Study:
    study = Study.objects.select_for_update().get(pk=study.pk)
    if not study.is_draft:
        raise ValidationError("The study is frozen: its cases are fixed.")
    return study


def _refuse_unseen(collection: Collection, filters: Filters) -> None:
    """Flags that keep cases out must be known of every case."""
    if not filters.without_flags:
        return
    unseen = Image.objects.not_looked_at().filter(case__collection=collection).count()
    if unseen:
        raise ValidationError(
            f"{unseen} radiographs of {collection.name} were not looked at for flags "
            "yet. Open the collection once and wait until it says so no longer."
        )


def _at_most(sizes: Mapping[str, int | None], sieved: Sieved) -> dict[str, int | None]:
    held = {name: len(codes) for name, codes in sieved.codes_by_stratum.items()}
    return {
        name: None if size is None else min(size, held.get(name, 0))
        for name, size in sizes.items()
    }


def _keep(
    study: Study,
    collection: Collection,
    sieved: Sieved,
    sizes: Mapping[str, int | None],
    seed: int,
    filters: Filters,
) -> CaseSet:
    """Keep what the draw started from."""
    candidates = {
        name: sorted(codes) for name, codes in sieved.codes_by_stratum.items()
    }
    case_set, _ = CaseSet.objects.update_or_create(
        study=study,
        defaults={
            "collection": collection,
            "seed": seed,
            "available": {name: len(codes) for name, codes in candidates.items()},
            "filters": filters.as_json(),
            "collection_cases": sieved.collection_cases,
            "candidates": candidates,
            "left_out": [
                {"what": what, "count": count}
                for what, count in sieved.left_out.items()
            ],
            "excluded": sieved.excluded,
            **{name: sizes.get(name) for name in STRATA},
        },
    )
    return case_set


def struck_of(case_set: CaseSet) -> list[CaseExclusion]:
    """What was excluded after the draw, in the order of exclusion."""
    rows = CaseExclusion.objects.filter(study=case_set.study, after_draw=True)
    return list(rows.select_related("case", "actor").order_by("pk"))


def outcome_of(case_set: CaseSet, struck: Sequence[CaseExclusion]) -> Outcome:
    """The cases of a study by what is recorded."""
    return draw_and_strike(
        codes_by_stratum=case_set.candidates,
        sizes={name: getattr(case_set, name) for name in STRATA},
        seed=case_set.seed,
        struck=[Struck(row.case.code, row.is_replaced) for row in struck],
    )


@transaction.atomic
def exclude_cases(
    *,
    study: Study,
    actor: User,
    codes: Sequence[str],
    reason: str,
    note: str = "",
    is_replaced: bool = False,
    collection: Collection | None = None,
) -> list[CaseExclusion]:
    """Exclude cases from a draft, with a reason: all of them or none.

    Before a draw they are no candidates of it. After it they leave the study at once;
    with `is_replaced` the next case of the stratum's ranking comes for each.
    """
    study = _locked_draft(study)
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    collection = case_set.collection if case_set else collection
    if collection is None:
        raise ValidationError("Say of which collection the cases are.")
    if reason == "other" and not note:
        raise ValidationError({"note": "Say what the other reason is."})
    _refuse_replay_of_old(case_set)
    rows = []
    for case in _cases_of(study, collection, codes):
        row = CaseExclusion(
            study=study,
            case=case,
            reason=reason,
            note=note,
            after_draw=case_set is not None,
            is_replaced=is_replaced and case_set is not None,
            actor=actor,
        )
        row.full_clean()
        row.save()
        rows.append(row)
    came = _follow(case_set) if case_set else {}
    record(
        actor=actor,
        verb="study.cases_excluded",
        stream=study.code,
        subject=collection.name,
        detail={
            "cases": [row.case.code for row in rows],
            "reason": reason,
            "note": note,
            "after_draw": case_set is not None,
            "replaced_by": {
                row.case.code: came[row.case.code]
                for row in rows
                if row.case.code in came
            },
        },
    )
    return rows


def _refuse_replay_of_old(case_set: CaseSet | None) -> None:
    if case_set and not case_set.candidates:
        raise ValidationError(
            "These cases were drawn before draws kept their candidates. Draw again "
            "first; the same seed draws the same cases."
        )


def _cases_of(study: Study, collection: Collection, codes: Sequence[str]) -> list[Case]:
    """The cases by their codes, in that order; refuses those that cannot be excluded"""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise ValidationError({"codes": "Name one case at least."})
    found = {
        case.code: case
        for case in Case.objects.filter(collection=collection, code__in=wanted)
    }
    if unknown := [code for code in wanted if code not in found]:
        raise ValidationError(
            {"codes": f"{collection.name} has no case {_some(unknown)}."}
        )
    there = set(
        CaseExclusion.objects.filter(study=study, case__in=found.values()).values_list(
            "case__code", flat=True
        )
    )
    if there:
        raise ValidationError({"codes": f"Excluded already: {_some(sorted(there))}."})
    return [found[code] for code in wanted]


def _some(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:5])
    return shown if len(codes) <= 5 else f"{shown} and {len(codes) - 5} more"


def _follow(case_set: CaseSet) -> dict[str, str | None]:
    """Make the study's cases what is recorded; returns which case came for which."""
    outcome = outcome_of(case_set, struck_of(case_set))
    entries = case_set.studycase_set
    held = set(entries.values_list("case__code", flat=True))
    wanted = set(outcome.codes)
    if not wanted:
        raise ValidationError("No case would be left. Draw others first.")
    entries.filter(case__code__in=held - wanted).delete()
    coming = Case.objects.filter(collection=case_set.collection, code__in=wanted - held)
    StudyCase.objects.bulk_create(
        StudyCase(case_set=case_set, case=case) for case in coming
    )
    return outcome.replacements


@transaction.atomic
def lift_exclusion(*, exclusion: CaseExclusion, actor: User) -> None:
    """Let a case be drawn again, from the next draw on.

    Refused for one that was excluded after the draw: its place may be taken.
    """
    study = _locked_draft(exclusion.study)
    if exclusion.after_draw:
        raise ValidationError(
            f"{exclusion.case.code} was excluded after the draw. Draw again first; "
            "then the exclusion can be lifted, and the next draw knows the case."
        )
    record(
        actor=actor,
        verb="study.case_exclusion_lifted",
        stream=study.code,
        subject=exclusion.case.code,
        detail={"reason": exclusion.reason, "note": exclusion.note},
    )
    exclusion.delete()


def lock_case_set(study: Study) -> None:
    """Let the database refuse every change of a study's cases; part of its freeze."""
    CaseSet.objects.filter(study=study).update(is_locked=True)


def unlock_case_set(study: Study) -> None:
    """Let a study's cases be drawn and excluded again; part of its thaw."""
    CaseSet.objects.filter(study=study).update(is_locked=False)


def changed_since_draw(case_set: CaseSet) -> list[str]:
    """Codes of drawn cases that are no candidates of their stratum any more.

    Somebody has changed their stratum, view or radiograph since.
    """
    if not case_set.candidates:
        return []
    sieved = sieve(
        case_set.study, case_set.collection, Filters.from_json(case_set.filters)
    )
    now = {
        (stratum, code)
        for stratum, codes in sieved.codes_by_stratum.items()
        for code in codes
    }
    then = {
        code: stratum
        for stratum, codes in case_set.candidates.items()
        for code in codes
    }
    drawn = case_set.studycase_set.values_list(F("case__code"), flat=True)
    return sorted(code for code in drawn if (then.get(code), code) not in now)
