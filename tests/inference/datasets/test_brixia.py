"""BrixIA: a score above 0 is an opacity, a score of 0 is none."""

import pytest

from tests.inference.datasets.layouts import picture, read, refusal, write

HEADER = (
    "Filename;StudyDate;Modality;StudyId;BrixiaScore;BrixiaScoreGlobal;"
    "ConsensusTestset;Subject;Sex;AgeAtStudyDateFiveYear"
)


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path / "metadata_global_v2.csv",
        HEADER,
        "11.dcm;20200310;CR;900;000000;0;0;7;M;12",
        "12.dcm;20200311;DX;901;013200;6;0;7;M;12",
        "13.dcm;20200312;DX;902;333333;18;1;8;F;9",
    )
    for name in ("11", "12", "13"):
        picture(tmp_path / "dicom_clean" / f"{name}.png").rename(
            tmp_path / "dicom_clean" / f"{name}.dcm"
        )
    return tmp_path


def test_scores_become_labels_and_the_consensus_set_is_the_test_split(root):
    none, some, all_over = read("brixia", root)
    assert none["labels"] == {"Lung Opacity": 0}
    assert some["labels"] == {"Lung Opacity": 1, "No Finding": 0}
    assert [one["split"] for one in (none, some, all_over)] == [
        "train",
        "train",
        "test",
    ]
    assert (none["patient"], none["study"], none["view"]) == ("7", "900", "frontal")
    assert none["image"] == "dicom_clean/11.dcm"


def test_commas_and_a_byte_order_mark_are_read_as_well(root):
    table = root / "metadata_global_v2.csv"
    table.write_text("\ufeff" + table.read_text().replace(";", ","), encoding="utf-8")
    assert len(read("brixia", root)) == 3


@pytest.mark.parametrize("score", ["", "19", "-1", "three"])
def test_a_score_that_is_none_is_refused_with_its_line(root, capsys, score):
    table = root / "metadata_global_v2.csv"
    table.write_text(table.read_text().replace("013200;6", f"013200;{score}"))
    said = refusal(capsys, "brixia", root)
    assert "metadata_global_v2.csv, line 3: the column BrixiaScoreGlobal" in said
