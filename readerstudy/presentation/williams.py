"""Orders of arms in which each arm follows each other one equally often.

Williams, Australian Journal of Scientific Research 1949, series A 2, 149-168: one Latin
square for an even number of arms, two for an odd one.
"""


def williams(arms: int) -> list[list[int]]:
    """The rows of the design, each an order of the arms 0 to arms - 1.

    Over all rows each arm stands in each place equally often, and comes right after
    each other arm equally often. Raises ValueError without an arm.
    """
    if arms < 1:
        raise ValueError("An order needs an arm.")
    # 0, 1, k-1, 2, k-2, ...: all steps between neighbours differ.
    first = [0] + [
        (place + 1) // 2 if place % 2 else arms - place // 2 for place in range(1, arms)
    ]
    square = [[(arm + row) % arms for arm in first] for row in range(arms)]
    if arms % 2 == 0 or arms == 1:
        return square
    return square + [row[::-1] for row in square]
