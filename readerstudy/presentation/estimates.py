"""What a design costs: the lists are dealt, and counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readerstudy.cases.models import Case
from readerstudy.presentation.dealing import deal_design
from readerstudy.presentation.design import dealt_from
from readerstudy.presentation.randomise import Deal
from readerstudy.studies.models import Study

# The paper's study, where a draft has nothing of its own yet.
ASSUMED_READERS, ASSUMED_CASES, ASSUMED_ARMS = 3, 50, 2
SECONDS = 60


@dataclass(frozen=True)
class Range:
    """The least and the most over readers."""

    least: int
    most: int

    def __str__(self) -> str:
        if self.least == self.most:
            return f"{self.most:,}"
        return f"{self.least:,} to {self.most:,}"


@dataclass(frozen=True)
class Estimate:
    """Counts over the dealt lists.

    days     until the last session, where a reader reads one session a day at the most
    assumed  what the study has none of yet, in words
    """

    readers: int
    cases: int
    arms: int
    reads: Range
    sessions: Range
    largest_session: int
    total: int
    repeats: int
    days: Range
    seconds: int
    assumed: tuple[str, ...] = ()

    @property
    def hours(self) -> str:
        """Hours of reading per reader, without breaks."""
        least, most = (
            f"{reads * self.seconds / 3600:.1f}"
            for reads in (self.reads.least, self.reads.most)
        )
        return most if least == most else f"{least} to {most}"

    @property
    def reads_in_words(self) -> str:
        return f"each reader reads {self.reads} reports, {self.total:,} reads in all"


def estimate(study: Study, *, seconds: int = SECONDS) -> Estimate:
    """Deal a draft as its fields stand, stored or not, and count.

    Raises Infeasible, with a sentence, where it can't be dealt.
    """
    assumed = []
    members = study.membership_set.readers()
    readers = list(members.values_list("reader_code", flat=True))
    if not readers:
        readers = [f"R{number}" for number in range(1, ASSUMED_READERS + 1)]
        assumed.append(f"{ASSUMED_READERS} readers")
    drawn = Case.objects.of_study(study).values_list("code", "stratum")
    strata = dict(drawn)
    if not strata:
        strata = {
            f"{number:02d}": "normal" if number % 2 else "abnormal"
            for number in range(1, ASSUMED_CASES + 1)
        }
        assumed.append(f"{ASSUMED_CASES} cases")
    arms = list(study.arm_set.values_list("name", flat=True))
    if not arms:
        arms = [f"arm {number}" for number in range(1, ASSUMED_ARMS + 1)]
        assumed.append(f"{ASSUMED_ARMS} arms")
    deals = deal_design(**dealt_from(study), readers=readers, strata=strata, arms=arms)
    lists: dict[str, list[Deal]] = defaultdict(list)
    for each in deals:
        lists[each.reader].append(each)
    sizes = [Counter(each.session for each in own) for own in lists.values()]
    return Estimate(
        readers=len(readers),
        cases=len(strata),
        arms=len(arms),
        reads=_range(map(len, lists.values())),
        sessions=_range(map(len, sizes)),
        largest_session=max(max(each.values()) for each in sizes),
        total=len(deals),
        repeats=sum(each.repeat for each in deals),
        days=_range(_days(own, study.washout_days) for own in lists.values()),
        seconds=seconds,
        assumed=tuple(assumed),
    )


def _range(values: Iterable[int]) -> Range:
    held = list(values)
    return Range(min(held), max(held))


def _days(own: Sequence[Deal], washout: int) -> int:
    """The day of a list's last session, with one session a day and the wash-out."""
    read_on: dict[str, int] = {}
    day = 0
    for session in range(1, own[-1].session + 1):
        cases = {each.case for each in own if each.session == session}
        rested = [read_on[case] + washout for case in cases if case in read_on]
        day = max([day + 1, *rested])
        read_on |= dict.fromkeys(cases, day)
    return day
