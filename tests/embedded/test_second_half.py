"""Every other app holds on the embedded default."""

import pytest

from tests.embedded.again import FIRST_HALF, apps, holds_on_sqlite


@pytest.mark.slow(seconds=200)
@pytest.mark.timeout(900)
def test_what_holds_on_postgresql_holds_on_sqlite(tmp_path, record_property):
    holds_on_sqlite(apps() - FIRST_HALF, tmp_path, record_property)
