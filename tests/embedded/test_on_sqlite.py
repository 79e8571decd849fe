"""What holds on PostgreSQL holds on the embedded default."""

import pytest

from tests.embedded.again import OF_OTHER_THINGS, TESTS, holds_on_sqlite


@pytest.mark.slow(seconds=190)
@pytest.mark.timeout(900)
def test_what_holds_on_postgresql_holds_on_sqlite(tmp_path, record_property):
    holds_on_sqlite(tmp_path, record_property)


def test_what_does_not_run_again_is_there():
    assert [name for name in OF_OTHER_THINGS if not (TESTS / name).exists()] == []
