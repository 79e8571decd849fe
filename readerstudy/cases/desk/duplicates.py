"""Radiographs that come more than once, and what a person says of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.desk.looks import pairs_alike
from readerstudy.cases.models import Case, Collection, Image, SetAside, ToldApart

# Of more copies not every pair is looked at, only each with the next.
MOST_PAIRED = 40


@dataclass
class Group:
    """Images of several cases that are, or look, the same."""

    images: list[Image]
    why: str
    open_cases: int = field(init=False)

    def __post_init__(self) -> None:
        cases = {image.case_id for image in self.images if not is_set_aside(image.case)}
        self.open_cases = len(cases)

    @property
    def ids(self) -> str:
        return " ".join(str(image.pk) for image in self.images)


def is_set_aside(case: Case) -> bool:
    """Whether no study may draw a case; asks for no row where it was selected along."""
    return hasattr(case, "set_aside")


def groups_of(collection: Collection) -> list[Group]:
    """The groups with an image of a collection, those that need a word first.

    The same file and the same pixels are looked for in every collection, those that
    look alike in this one.
    """
    own = Image.objects.filter(case__collection=collection)
    edges = dict[tuple[int, int], str]()
    _add_alike(edges, own)
    _add_same(edges, own, "frame_sha256", "the same pixels")
    _add_same(edges, own, "source_sha256", "the same file")
    apart = ToldApart.objects.values_list("first", "second")
    for pair in apart:
        edges.pop(pair, None)
    images = {
        image.pk: image
        for image in Image.objects.filter(
            pk__in={pk for pair in edges for pk in pair}
        ).select_related("case__collection", "case__set_aside")
    }
    groups = [
        Group([images[pk] for pk in members], why)
        for members, why in _joined(edges, images)
    ]
    return sorted(groups, key=lambda group: (group.open_cases < 2, group.images[0].pk))


def _add_alike(edges: dict[tuple[int, int], str], own: QuerySet[Image]) -> None:
    rows = list(own.exclude(look="").order_by("pk").values_list("pk", "look"))
    for first, second, bits in pairs_alike([look for _, look in rows]):
        edges[rows[first][0], rows[second][0]] = (
            f"they look alike ({bits} of 256 bits differ)"
        )


def _add_same(
    edges: dict[tuple[int, int], str], own: QuerySet[Image], column: str, why: str
) -> None:
    several = Image.objects.filter(**{f"{column}__in": own.values(column)})
    held: dict[str, list[int]] = defaultdict(list)
    for pk, value in several.order_by("pk").values_list("pk", column):
        held[value].append(pk)
    for members in held.values():
        pairs: Iterable[tuple[int, int]] = (
            combinations(members, 2)
            if len(members) <= MOST_PAIRED
            else pairwise(members)
        )
        edges.update(dict.fromkeys(pairs, why))


def _joined(
    edges: dict[tuple[int, int], str], images: dict[int, Image]
) -> Iterator[tuple[list[int], str]]:
    """Join pairs of different cases to groups; the strongest reason names a group."""
    leader: dict[int, int] = {}

    def find(pk: int) -> int:
        while leader.setdefault(pk, pk) != pk:
            leader[pk] = leader[leader[pk]]
            pk = leader[pk]
        return pk

    joined = {
        pair: why
        for pair, why in edges.items()
        if images[pair[0]].case_id != images[pair[1]].case_id
    }
    for first, second in joined:
        leader[find(second)] = find(first)
    members: dict[int, set[int]] = defaultdict(set)
    reasons: dict[int, list[str]] = defaultdict(list)
    for pair, why in joined.items():
        members[find(pair[0])] |= set(pair)
        reasons[find(pair[0])].append(why)
    for head, held in members.items():
        yield sorted(held), min(reasons[head], key=_strength)


def _strength(why: str) -> int:
    order = ("the same file", "the same pixels")
    return order.index(why) if why in order else len(order)


@transaction.atomic
def set_aside(*, case: Case, actor: User, reason: str) -> SetAside:
    """Keep a case from every draw to come. What was drawn stays as it is."""
    reason = reason.strip()
    if not reason:
        raise ValidationError("Say why the case is set aside.")
    row, is_new = SetAside.objects.get_or_create(
        case=case, defaults={"reason": reason[:200], "actor": actor}
    )
    if not is_new:
        raise ValidationError(f"{case.code} is set aside already.")
    record(
        actor=actor,
        verb="case.set_aside",
        subject=f"{case.collection.name}/{case.code}",
        detail={"reason": row.reason},
    )
    return row


@transaction.atomic
def take_back(*, case: Case, actor: User) -> None:
    """Let studies draw a case again."""
    removed, _ = SetAside.objects.filter(case=case).delete()
    if not removed:
        raise ValidationError(f"{case.code} is not set aside.")
    record(
        actor=actor,
        verb="case.taken_back",
        subject=f"{case.collection.name}/{case.code}",
    )


@transaction.atomic
def tell_apart(*, images: Sequence[Image], actor: User) -> int:
    """State that images are different though they look alike; returns the pairs."""
    pairs = list(combinations(sorted(images, key=lambda image: image.pk), 2))
    if not pairs:
        raise ValidationError("Two radiographs at least are told apart.")
    ToldApart.objects.bulk_create(
        [ToldApart(first=first, second=second, actor=actor) for first, second in pairs],
        ignore_conflicts=True,
    )
    record(
        actor=actor,
        verb="cases.told_apart",
        subject=images[0].case.collection.name,
        detail={
            "images": [
                f"{image.case.collection.name}/{image.case.code}: {image.name}"
                for image in images
            ]
        },
    )
    return len(pairs)
