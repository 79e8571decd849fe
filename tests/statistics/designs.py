"""Tables of any design for properties: missing cells, strata, times and orders."""

from hypothesis import strategies as st

from tests.statistics.tables import Read

ARMS = ("model", "reference", "third", "fourth", "fifth")


@st.composite
def full_designs(
    draw: st.DrawFn,
    *,
    arms: int | None = None,
    complete: bool = False,
    most_cases: int = 7,
) -> list[Read]:
    """Reads with every column that the statistics know, each perhaps empty."""
    letters = draw(st.sampled_from(["ABCD", "AD", "AB", "AAAAAD", "D"]))
    absent = "" if complete else draw(st.sampled_from(["", "", "."]))
    strata = draw(st.sampled_from([[""], ["normal", "abnormal"], ["", "x", "y"]]))
    seconds = draw(st.sampled_from([[None], [None, 0.0, 20.0], [30.0], [9.0, 2e3]]))
    periods = draw(st.sampled_from([[None], [1], [1, 2], [None, 1, 3]]))
    positions = draw(st.sampled_from(["none", "some", "all"]))
    number = arms or draw(st.integers(1, 5))
    cases = draw(st.integers(1, most_cases))
    of_case = [draw(st.sampled_from(strata)) for _ in range(cases)]
    reads = []
    for reader in range(draw(st.integers(1, 4))):
        order = draw(st.permutations(range(cases * number)))
        for case in range(cases):
            for arm in range(number):
                letter = draw(st.sampled_from(letters + absent)).strip(".")
                position = order[case * number + arm] + 1
                placed = positions == "all" or (positions == "some" and position % 3)
                reads.append(
                    Read(
                        f"R{reader}",
                        f"C{case}",
                        ARMS[arm],
                        letter or None,
                        of_case[case],
                        seconds=draw(st.sampled_from(seconds)),
                        position=position if placed else None,
                        period=draw(st.sampled_from(periods)),
                    )
                )
    return reads
