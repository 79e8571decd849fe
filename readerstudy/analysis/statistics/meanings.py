"""Words that the meanings of many columns share."""

STATUS = "ok, or why a number is absent"
MESSAGE = "The same in a sentence"
DIFFERENCE_LOW = "Lower limit of the 95% interval of the difference"
DIFFERENCE_HIGH = "Upper limit of the 95% interval of the difference"


def prefixed(prefix: str, about: str, columns: dict[str, str]) -> dict[str, str]:
    """The columns of one part of a row, which carry its name."""
    return {f"{prefix}_{name}": f"{about}: {text}" for name, text in columns.items()}


def intervals(*names: str) -> dict[str, str]:
    """The limits of the bootstrap intervals of some coefficients."""
    limits = {"low": "Lower", "high": "Upper"}
    return {
        f"{name}_{end}": f"{word} limit of the 95% interval of {name}, whole cases "
        "drawn again"
        for name in names
        for end, word in limits.items()
    }
