"""Metrics that other tools made, read from CSV and joined by study."""

import pytest

from readerstudy.analysis.statistics.metrics import (
    BadMetrics,
    MetricTable,
    joined_metrics,
    read_metric_table,
    text_metrics,
)
from readerstudy.analysis.statistics.metrics.directions import better

REXRANK = (
    ",study_id,report,radgraph_combined,RadCliQ-v1,green_score\n"
    "0,s2,Clear.,0.5,-1.25,\n"
    "1,s1,Effusion.,0.25,2e-1,1\n"
)


def read(text, **how):
    return read_metric_table(text, source="m", name="rexrank.csv", **how)


def test_columns_of_numbers_are_metrics():
    found = read(REXRANK)
    assert found.ids == ("s2", "s1")
    assert found.values == {
        "radgraph_combined": (0.5, 0.25),
        "RadCliQ-v1": (-1.25, 0.2),
        "green_score": (None, 1.0),
    }
    assert set(found.origin.values()) == {"rexrank.csv"}
    assert found.notes == ("rexrank.csv: column 1, report passed over: no metric.",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "rexrank.csv is empty; it has to hold a header and rows."),
        ("study_id,green\n", "rexrank.csv has a header but no row of metrics below"),
        ("name,green\na,1\n", "rexrank.csv has no column of study ids; it has name, "),
        ("id,report\na,Clear.\n", "rexrank.csv has no column of numbers beside id."),
        (
            "id,green\na,1\nb,much\n",
            "rexrank.csv, row 3, column green: much is no number; leave the cell empty "
            "where there is none.",
        ),
        ("id,green\na,1\nb,inf\n", "rexrank.csv, row 3, column green: inf is no num"),
        ("id,green\na,1\na,1\n", "rexrank.csv, row 3, column id: a stands in row 2"),
        ("id,source\na,1\n", "rexrank.csv: column source has the name of a column "),
        ("id,green,green\na,1,2\n", "rexrank.csv: column green is there twice; kee"),
    ],
)
def test_what_is_refused(text, sentence):
    with pytest.raises(BadMetrics) as refusal:
        read(text)
    assert str(refusal.value).startswith(sentence)


def test_ours_and_theirs_stand_in_one_table():
    texts = {"s1": "No effusion.", "s2": "Clear lungs."}
    ours = text_metrics(texts, texts, source="m")
    other = MetricTable("n", ("s1",), {"words": (3.0,)})
    together = joined_metrics([ours, read(REXRANK), other])
    assert [table.source for table in together] == ["m", "n"]
    assert [table.ids for table in together] == [("s1", "s2"), ("s1",)]
    both = together[0]
    assert both.values["RadCliQ-v1"][0] == 0.2 and both.values["words"][0] == 2
    assert both.values["green_score"] == (1.0, None)
    assert "RadCliQ-v1" not in together[1].values
    assert both.origin["words"] == "readerstudy"


def test_a_study_that_one_table_lacks_stays():
    parts = [
        MetricTable("m", ("a", "b"), {"x": (1.0, 2.0)}),
        MetricTable("m", ("c", "b"), {"y": (3.0, 4.0)}),
    ]
    (found,) = joined_metrics(parts)
    assert found.ids == ("a", "b", "c")
    assert found.values == {"x": (1.0, 2.0, None), "y": (None, 4.0, 3.0)}


def test_a_metric_from_two_files_is_refused():
    with pytest.raises(BadMetrics) as refusal:
        joined_metrics([read(REXRANK), read(REXRANK)])
    assert str(refusal.value) == (
        "radgraph_combined of m comes from rexrank.csv and from rexrank.csv; keep one "
        "of them."
    )


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("RadCliQ-v1", "lower"),
        ("radcliq_v0", "lower"),
        ("1/RadCliQ-v1", "higher"),
        ("RadGraph-F1", "higher"),
        ("RaTEScore", "higher"),
        ("repeated 4-grams", "lower"),
        ("errors", "lower"),
        ("ActionableErrors", "lower"),
        ("RadMatch actionable errors", "lower"),
        ("GREEN errors", "lower"),
        ("significant errors", "lower"),
        ("error-free reports", "neither"),
        ("FineRadScore", "lower"),
        ("hallucinations", "lower"),
        ("perplexity", "lower"),
        ("1/perplexity", "higher"),
        ("1/BLEU", "lower"),
        *((each, "lower") for each in ("WER", "CER", "MAE", "sentence_wer")),
        *((each, "higher") for each in ("BLEU-4", "ROUGE-L", "GREEN", "green_score")),
        *((each, "higher") for each in ("radgraph_combined", "Wordsim", "macro F1")),
        ("answer", "neither"),
        ("words", "neither"),
        ("length ratio", "neither"),
    ],
)
def test_the_direction_of_a_metric(metric, direction):
    assert better(metric) == direction


def test_a_table_is_called_as_its_file(tmp_path):
    path = tmp_path / "rexrank.csv"
    path.write_text(REXRANK)
    assert set(read_metric_table(path, source="m").origin.values()) == {"rexrank.csv"}
    path.write_text("")
    with pytest.raises(BadMetrics, match=r"rexrank\.csv is empty"):
        read_metric_table(path, source="m")
