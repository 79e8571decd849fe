"""The two servers of every story of moving."""

import pytest


@pytest.fixture
def here(settings, tmp_path):
    return _server(settings, tmp_path / "here")


@pytest.fixture
def there(settings, tmp_path):
    return _server(settings, tmp_path / "there")


def _server(settings, folder):
    # There are no models yet when pytest reads this file.
    from tests.export.moving.two_servers import server

    return server(settings, folder)
