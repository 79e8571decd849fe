"""The paper's Tables 2 to 4 as data: quoted rows to stand beside one's own."""

PUBLISHED: dict[str, object] = {}
