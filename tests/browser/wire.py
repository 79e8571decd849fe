"""A wire to the server that can be cut, held and mended while a page is open.

It lies there from before the first page, since a browser that begins or ends to ask
about its requests while some are under way may let one pass, or never finish one.
"""

from playwright.sync_api import Page, Route


class Wire:
    """What goes to the addresses of one pattern, as long as nothing is the matter."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.cut_after: int | None = None
        self.holds = False
        self.passed: list[str] = []
        self.held: list[Route] = []
        page.route(pattern, self._carry)

    def _carry(self, route: Route) -> None:
        if self.holds:
            self.held.append(route)
        elif self.cut_after is not None and len(self.passed) >= self.cut_after:
            route.abort("internetdisconnected")
        else:
            self.passed.append(route.request.url)
            route.continue_()

    def cut(self, *, after: int = 0) -> None:
        """Lose everything, from now on or when so many more have passed."""
        self.cut_after = len(self.passed) + after

    def mend(self) -> None:
        """Carry everything again; what is held stays held."""
        self.cut_after = None
        self.holds = False
