"""The table of benchmarks finds its figures in what each measurement says."""

import json

import pytest

from benchmarks.__main__ import page
from benchmarks.measurements import MEASUREMENTS

TIMES = {"grade": {"count": 9, "median": 80.0, "p95": 290.0, "largest": 400.0}}
SPENT = {"web": 17.9, "postgresql": 6.7, "harness": 0.7}
RUN = {"grades_per_second": 69.0, "milliseconds": TIMES}
RUN |= {"processor_ms_per_grade": SPENT}
VIEWER = {"median": 20.0, "low": 18.0, "high": 30.0, "samples": [20.0]}
SAID = {
    "model": "CPU, float32\nbatch  prefill tok/s  decode tok/s  reports/s\n"
    "    1          1,204           310       3.87      0.021             4%\n",
    "worker": "64 reports, embedded\nbatch  seconds  reports/s  against the first\n"
    "    1     40.0       1.60                1.0\n",
    "pictures": "in the same process 2.1 s\n"
    "in a child 2.9 s with its start, and 0.6 s in the parent\n",
    "burned-in": "{'texts': 80, 'found': 78} 1.4 s a picture\n",
    "scoring": f"{'1000 draws':40} {1.21:6.2f} s  processor {1.1:6.2f} s\n"
    f"{'1000 draws, 2000 permutations':40} {3.0:6.2f} s  processor {2.9:6.2f} s\n",
    "labeler": "5000 reports of 400 letters: 1449 a second, 1229 with "
    "--strict-chexpert\none of 1000 letters: 0.002 s\n",
    "record": "20003 events and 20001 rows in 9.1 s, 2198 events/s, whole: True, "
    "at most 140 MiB\n",
}
WRITTEN = {
    "viewer": {
        "modes": {
            "software GL": {
                "figures": {
                    "ours": {"frame_ms": VIEWER, "preview_ms": VIEWER},
                    "dwv": {"frame_ms": VIEWER | {"median": 200.0}},
                },
                "ratios": {"dwv": {}},
            }
        }
    },
    "reading": {
        "figures": {
            name: {"median_ms": 17.0, "p95_ms": 32.0}
            for name in ("first", "in the page", "reloaded")
        }
    },
    "grades": {
        "saturation": RUN,
        "pace": RUN,
        "peer": RUN | {"grades_per_second": 17.25},
    },
    "import": {"count": 50, "per_second": 4.0, "least_per_second": 16.0},
    "statistics": [
        {
            "rows": 125_000,
            "seconds": 3.0,
            "seconds_without_exact": 2.0,
            "peak_megabytes": 400.0,
        }
    ],
}
# What a row says first of all, its figure, and the peer's.
FIRST = {
    "model": ("model alone, batches of 1", 3.87, None),
    "worker": ("worker with site and broker, batches of 1", 1.6, None),
    "viewer": ("preview, new browser (software GL)", 20.0, None),
    "reading": ("first radiograph of the reading page", 17.0, None),
    "grades": ("32 readers", 69.0, 17.25),
    "import": ("import of DICOM, 1024 x 1024", 4.0, 16.0),
    "pictures": ("300 pictures read in a process apart", 3.5, 2.1),
    "burned-in": ("search for burned-in text", 1.4, None),
    "statistics": ("result set of 125,000 reads", 3.0, None),
    "scoring": ("3,689 studies, 14 labels, 4 models, 1000 draws", 1.1, None),
    "labeler": ("labeler", 1449.0, None),
    "record": ("verifying a record of 20,003 events", 2198.0, None),
}


@pytest.fixture
def rows_of(tmp_path):
    def found(name):
        file = tmp_path / f"{name}.json"
        if name in WRITTEN:
            file.write_text(json.dumps(WRITTEN[name]))
        return list(MEASUREMENTS[name].rows(SAID.get(name, ""), file))

    return found


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_the_rows_of_a_measurement_are_found(name, rows_of):
    first = rows_of(name)[0]
    assert (first.what, first.ours, first.theirs) == FIRST[name]


def test_a_peer_stands_beside_with_the_ratio(rows_of):
    assert [row.peer for row in rows_of("viewer")] == ["", "dwv 0.36.4"]
    rows = [vars(row) for row in rows_of("grades")]
    run = {"date": "2026-11-30", "machine": "a machine", "load": 0.1}
    run |= {"versions": {"Django": "5.2"}, "command": "python -m load", "rows": rows}
    said = page({"grades": run})
    assert (
        "| grades | 32 readers | grades/s | 69 | Label Studio | 17.2 | 4 | 1 |" in said
    )
    assert "Not measured yet: model, worker," in said


def test_what_says_nothing_of_the_kind_is_no_measurement(tmp_path):
    with pytest.raises(ValueError, match="nothing like"):
        list(MEASUREMENTS["labeler"].rows("Traceback\n", tmp_path / "none.json"))
