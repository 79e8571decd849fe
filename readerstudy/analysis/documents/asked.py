"""What the platform cannot know, for the authors to write."""


def asked(fact: str) -> str:
    """A place for a fact that only the authors know."""
    return f"[to be filled in by the authors: {fact}]"


def listing(names: list[str]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
