"""Numbers as people read them: shares in points, p values, intervals, coefficients."""

from collections.abc import Callable, Sequence

NOT_ESTIMABLE = "not estimable"
NOTHING = "\u2013"


def p_text(p_value: float | None) -> str:
    """A p value for people: three decimals, "< .001" below."""
    if p_value is None:
        return NOT_ESTIMABLE
    return "< .001" if p_value < 0.001 else f"{p_value:.3f}"


def p_clause(p_value: float | None) -> str:
    """The p value as a clause of a sentence, such as "p = 0.031"."""
    text = p_text(p_value)
    if p_value is None:
        return f"p {text}"
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return NOT_ESTIMABLE if share is None else _signed(share)


def interval(bounds: Sequence[float | None] | None) -> str:
    """A confidence interval in percentage points; a dash where there is none.

    No two shares differ by more than 100 points, so a bound of a small study that lies
    beyond is shown as 100; the result set keeps it as it was computed.
    """
    if not bounds or bounds[0] is None or bounds[1] is None:
        return NOTHING
    low, high = max(bounds[0], -1.0), min(bounds[1], 1.0)
    return f"{_signed(low)} to {_signed(high)}"


def coefficient(value: float | None) -> str:
    """A coefficient with two decimals; a dash where there is none."""
    if value is None:
        return NOTHING
    text = f"{value:.2f}".replace("-", "\u2212")
    return "0.00" if text == "\u22120.00" else text


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as "1 case" and "2 cases"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _signed(share: float) -> str:
    """Points with one decimal; a true minus, and no sign on what rounds to zero."""
    text = f"{100 * share:+.1f}".replace("-", "\u2212")
    return "0.0" if text in {"+0.0", "\u22120.0"} else text


def sentence_case(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def percent(share: float | None) -> str:
    """A share in percent with one decimal; a dash where there is none."""
    return NOTHING if share is None else f"{100 * share:.1f}"


def percent_interval(bounds: Sequence[float | None] | None) -> str:
    """An interval of a share in percent; a dash where there is none."""
    return _interval(bounds, percent)


def coefficient_interval(bounds: Sequence[float | None] | None) -> str:
    """An interval of a coefficient; a dash where there is none."""
    return _interval(bounds, coefficient)


def with_interval(value: str, bounds: str) -> str:
    """A value with its interval in brackets, or alone where there is none."""
    return value if NOTHING in (value, bounds) else f"{value} ({bounds})"


def seconds(value: float | None) -> str:
    """A time in seconds; a dash where there is none."""
    return NOTHING if value is None else f"{value:.1f}"


def whole(value: float | None) -> str:
    """A count; a dash where there is none."""
    return NOTHING if value is None else f"{value:.0f}"


def degrees(value: float | None) -> str:
    """Degrees of freedom: whole, or with one decimal where they are none."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def _interval(
    bounds: Sequence[float | None] | None, text: Callable[[float | None], str]
) -> str:
    if not bounds or bounds[0] is None or bounds[1] is None:
        return NOTHING
    return f"{text(bounds[0])} to {text(bounds[1])}"
