"""The definitions again, in plain loops over fractions, for tables of any design.

Slow and written without a look at the product: a second opinion, not a second engine.
Grades are a dict of (reader, case, arm) to a letter.
"""

from fractions import Fraction
from itertools import combinations
from math import comb, sqrt

from tests.statistics.tables import Grades

Number = Fraction | int
LETTERS = "ABCD"


def succeeds(grades: Grades, reader: str, case: str, arm: str) -> int | None:
    letter = grades.get((reader, case, arm))
    return None if letter is None else int(letter in "AB")


def names(grades: Grades, place: int) -> list[str]:
    return sorted({key[place] for key in grades})


def complete_rows(grades: Grades, arms: list[str]) -> dict[tuple[str, str], list[int]]:
    """Successes by arm of every complete block (case, reader)."""
    rows = {}
    for case in names(grades, 1):
        for reader in names(grades, 0):
            row = [succeeds(grades, reader, case, arm) for arm in arms]
            if None not in row:
                rows[case, reader] = [value for value in row if value is not None]
    return rows


def q(rows: list[list[int]]) -> Fraction | None:
    """Cochran's statistic of [block, arm] successes; None where it is 0/0."""
    arms = len(rows[0])
    sums = [sum(row[arm] for row in rows) for arm in range(arms)]
    mean = Fraction(sum(sums), arms)
    spread = sum(
        (value - Fraction(sum(row), arms)) ** 2 for row in rows for value in row
    )
    return (arms - 1) * sum((s - mean) ** 2 for s in sums) / spread if spread else None


def totals(rows: dict[tuple[str, str], list[int]]) -> list[list[int]]:
    """Successes by arm, summed over the complete blocks of each case."""
    found: dict[str, list[int]] = {}
    for (case, _), row in rows.items():
        before = found.get(case, [0] * len(row))
        found[case] = [a + b for a, b in zip(before, row, strict=True)]
    return list(found.values())


def fixed_variance(rows: dict[tuple[str, str], list[int]]) -> Fraction:
    """Variance of the difference of two arms, clustered by case."""
    blocks: dict[str, list[int]] = {}
    for (case, _), (first, second) in rows.items():
        blocks.setdefault(case, []).append(second - first)
    number, cases = len(rows), len(blocks)
    difference = Fraction(sum(map(sum, blocks.values())), number)
    squares = sum((sum(d) - len(d) * difference) ** 2 for d in blocks.values())
    return Fraction(cases, cases - 1) * squares / number**2


def mean_squares(
    rows: dict[tuple[str, str], list[int]],
) -> tuple[Fraction, Fraction, Fraction]:
    """MSR, MSC and MSE of the differences of two arms, fully crossed."""
    cases = sorted({case for case, _ in rows})
    readers = sorted({reader for _, reader in rows})
    d = {key: second - first for key, (first, second) in rows.items()}
    mean = Fraction(sum(d.values()), len(d))
    of = {r: Fraction(sum(d[c, r] for c in cases), len(cases)) for r in readers}
    at = {c: Fraction(sum(d[c, r] for r in readers), len(readers)) for c in cases}
    rest = [d[c, r] - of[r] - at[c] + mean for c in cases for r in readers]
    return (
        len(cases) * sum((of[r] - mean) ** 2 for r in readers) / (len(readers) - 1),
        len(readers) * sum((at[c] - mean) ** 2 for c in cases) / (len(cases) - 1),
        Fraction(sum(x**2 for x in rest)) / ((len(readers) - 1) * (len(cases) - 1)),
    )


def swap_p(differences: list[int]) -> Fraction:
    """The exact swap by going through the distribution of the sum, case by case."""
    law = {0: Fraction(1)}
    for size in differences:
        following: dict[int, Fraction] = {}
        for total, share in law.items():
            for sign in (1, -1):
                place = total + sign * size
                following[place] = following.get(place, Fraction(0)) + share / 2
        law = following
    reach = abs(sum(differences))
    return sum((p for total, p in law.items() if abs(total) >= reach), Fraction(0))


def units(grades: Grades, arms: list[str]) -> list[dict[str, str]]:
    """The letters by reader of every report that has any."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for (reader, case, arm), letter in grades.items():
        if arm in arms:
            found.setdefault((case, arm), {})[reader] = letter
    return list(found.values())


def fleiss(rated: list[list[str]]) -> Fraction | None:
    """Fleiss' kappa of units with the same number of raters."""
    raters, number = len(rated[0]), len(rated)
    shares = [
        Fraction(sum(unit.count(k) for unit in rated), raters * number) for k in LETTERS
    ]
    chance = sum(share**2 for share in shares)
    agreeing = sum(
        unit.count(k) * (unit.count(k) - 1) for unit in rated for k in LETTERS
    )
    observed = Fraction(agreeing, number * raters * (raters - 1))
    return None if chance == 1 else (observed - chance) / (1 - chance)


def alpha(rated: list[list[str]]) -> Fraction | None:
    """Krippendorff's alpha, ordinal, from the coincidences of all ordered pairs."""
    pairs = [
        (LETTERS.index(x), LETTERS.index(y), Fraction(1, len(unit) - 1))
        for unit in rated
        for i, x in enumerate(unit)
        for j, y in enumerate(unit)
        if i != j
    ]
    margin = [sum((w for x, _, w in pairs if x == k), Fraction(0)) for k in range(4)]

    def distance(x: int, y: int) -> Fraction:
        x, y = min(x, y), max(x, y)
        return (sum(margin[x : y + 1]) - (margin[x] + margin[y]) / 2) ** 2

    observed = sum(w * distance(x, y) for x, y, w in pairs)
    expected = sum(
        margin[x] * margin[y] * distance(x, y) for x in range(4) for y in range(4)
    )
    return 1 - (sum(margin) - 1) * observed / expected if expected else None


def ac2(rated: list[list[str]]) -> tuple[float, float | None]:
    """Gwet's AC2 with ordinal weights, and its standard error."""
    w = [[1 - Fraction(comb(abs(k - m) + 1, 2), 6) for m in range(4)] for k in range(4)]
    number, paired = len(rated), [unit for unit in rated if len(unit) > 1]
    share = {
        k: sum(Fraction(unit.count(k), len(unit)) for unit in rated) / number
        for k in LETTERS
    }
    scale = sum(map(sum, w)) / 12
    chance = scale * sum(p * (1 - p) for p in share.values())

    def agreement(unit: list[str]) -> Fraction:
        both = combinations([LETTERS.index(letter) for letter in unit], 2)
        return sum(w[x][y] for x, y in both) / Fraction(comb(len(unit), 2))

    value = (sum(map(agreement, paired)) / len(paired) - chance) / (1 - chance)
    squares = Fraction(0)
    for unit in rated:
        own = Fraction(number, len(paired)) * (
            (agreement(unit) - chance) / (1 - chance) if len(unit) > 1 else 0
        )
        by_chance = scale * sum(
            Fraction(unit.count(k), len(unit)) * (1 - share[k]) for k in LETTERS
        )
        linear = own - 2 * (1 - value) * (by_chance - chance) / (1 - chance)
        squares += (linear - value) ** 2
    if number < 2:
        return float(value), None
    return float(value), sqrt(squares / (number * (number - 1)))


def weighted_kappa(pairs: list[tuple[str, str]]) -> Fraction | None:
    """Cohen's kappa with quadratic weights of the letters of two readers."""
    x = [LETTERS.index(first) for first, _ in pairs]
    y = [LETTERS.index(second) for _, second in pairs]
    observed = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
    expected = Fraction(sum((a - b) ** 2 for a in x for b in y), len(pairs))
    return 1 - observed / expected if expected else None
