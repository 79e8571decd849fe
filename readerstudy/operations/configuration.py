"""What the settings of operations mean. Pure; nonsense raises ValueError."""

_SHORTEST_TOKEN = 24


def metrics_token(text: str) -> str:
    """The token that opens /metrics; empty where nothing does."""
    token = text.strip()
    if token and len(token) < _SHORTEST_TOKEN:
        raise ValueError(
            f"METRICS_TOKEN has {len(token)} signs: give it {_SHORTEST_TOKEN} or more, "
            "at random, or leave it empty to keep /metrics shut."
        )
    return token
