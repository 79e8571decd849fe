"""The benchmark of the worker measures a real one, and refuses what makes no sense."""

import pytest

from benchmarks.worker import main


@pytest.mark.slow
def test_the_benchmark_times_a_worker_that_writes(capsys):
    assert main(["--batch", "2", "--reports", "2", "--size", "96"]) == 0
    title, columns, row = capsys.readouterr().out.splitlines()
    assert title == "2 reports, embedded"
    assert "reports/s" in columns
    batch, seconds, rate, ratio = map(float, row.split())
    assert (batch, ratio) == (2, 1) and seconds > 0 and rate > 0


def test_a_batch_of_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--batch", "0"])
    assert "whole numbers from 1" in capsys.readouterr().err
