"""Which readers of a draft may know its texts, and by which way they came to know them.

What a person reads in another study's results or in a table of reports stays in mind;
the site can't take it back, so whoever freezes the study is told.
"""

from collections import defaultdict

from django.db.models import Q

from readerstudy.accounts.models import User
from readerstudy.cases.models import Case, Collection
from readerstudy.reports.review.models import SignOff, TextReview
from readerstudy.reports.tables.models import TableImport
from readerstudy.studies.models import Membership, Study


def known_beforehand(study: Study) -> list[str]:
    """A sentence for each reader who may have seen texts by arm; a few queries."""
    ways: dict[str, list[str]] = defaultdict(list)
    for user, way in [*_of_other_studies(study), *_of_collections(study)]:
        if way not in ways[str(user)]:
            ways[str(user)].append(way)
    return [
        f"{name} {' and '.join(found)}, and may know which text is whose: name another "
        "reader, or draw other cases."
        for name, found in sorted(ways.items())
    ]


def _of_other_studies(study: Study) -> list[tuple[User, str]]:
    """Who coordinates another study of these cases, or analyses one with results."""
    drawn = Case.objects.of_study(study).order_by().values("pk")
    readers = study.membership_set.readers().order_by().values("user")
    has_results = Q(study__state__in=Study.ENDED) | Q(study__unblinding__isnull=False)
    members = (
        Membership.objects.filter(
            Q(role=Membership.Role.COORDINATOR)
            | Q(has_results, role=Membership.Role.ANALYST),
            user__in=readers,
            study__caseset__studycase__case__in=drawn,
        )
        .exclude(study=study)
        .select_related("user", "study")
        .distinct()
        .order_by("study_id")
    )
    return [
        (
            member.user,
            f"{_DOES[member.role]} the study {member.study.code} of the same cases",
        )
        for member in members
    ]


_DOES = {
    Membership.Role.COORDINATOR.value: "coordinates",
    Membership.Role.ANALYST.value: "can see the results of",
}


def _of_collections(study: Study) -> list[tuple[User, str]]:
    """Who uploaded, looked through or signed off what the study's texts come from."""
    collections = Collection.objects.filter(
        pk__in=Case.objects.of_study(study).order_by().values("collection")
    )
    readers = study.membership_set.readers().order_by().values("user")
    found: list[tuple[User, str]] = []
    for table in TableImport.objects.filter(
        collection__in=collections, uploaded_by__in=readers
    ).select_related("uploaded_by", "collection"):
        way = f"uploaded report texts of the collection {table.collection.name}"
        found.append((table.uploaded_by, way))
    for review in TextReview.objects.filter(
        collection__in=collections, by__in=readers
    ).select_related("by", "collection"):
        way = f"looked through texts of the collection {review.collection.name}"
        found.append((review.by, way))
    for signed in SignOff.objects.filter(
        collection__in=collections, by__in=readers
    ).select_related("by", "collection"):
        found.append((signed.by, f"signed off the collection {signed.collection.name}"))
    return found
