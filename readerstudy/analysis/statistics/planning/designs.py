"""Who reads what: the designs of a reader study as [case, reader, arm] flags."""

from dataclasses import dataclass

import numpy as np

from readerstudy.analysis.statistics.reads import Bools

CROSSED, SPLIT_PLOT, ONE_REPORT = "crossed", "split_plot", "one_report"
DESIGNS = (CROSSED, SPLIT_PLOT, ONE_REPORT)


@dataclass(frozen=True)
class Layout:
    """A design without its numbers of readers and cases.

    crossed     every reader reads every report of every case
    split_plot  readers in `groups`, each with cases of its own and all reports of
                them; the first `anchors` cases are read by all
    one_report  every reader sees every case once, with one of its reports; the arms
                take turns over readers and cases
    """

    name: str = CROSSED
    groups: int = 2
    anchors: int = 0

    def __post_init__(self) -> None:
        if self.name not in DESIGNS:
            raise ValueError(f"There is no design {self.name}.")
        if self.groups < 2 or self.anchors < 0:
            raise ValueError("A split plot has two groups or more.")

    def fits(self, readers: int, cases: int) -> bool:
        """Whether every group has a reader and a case of its own."""
        if self.name != SPLIT_PLOT:
            return True
        return readers >= self.groups and cases - self.anchors >= self.groups

    def flags(self, readers: int, cases: int, arms: int) -> Bools:
        """[case, reader, arm]: this reader reads this report."""
        case, reader = np.arange(cases)[:, np.newaxis], np.arange(readers)
        if self.name == SPLIT_PLOT:
            read = (case % self.groups == reader % self.groups) | (case < self.anchors)
            return np.repeat(read[:, :, np.newaxis], arms, axis=2)
        if self.name == ONE_REPORT:
            turn = (case + reader) % arms
            return np.asarray(turn[:, :, np.newaxis] == np.arange(arms))
        return np.ones((cases, readers, arms), dtype=np.bool_)

    def reads_per_reader(self, readers: int, cases: int, arms: int) -> int:
        """The most reports that a reader grades."""
        return int(self.flags(readers, cases, arms).sum(axis=(0, 2)).max())
