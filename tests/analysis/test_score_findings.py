"""manage.py score_findings: label CSVs in, every file out, refusals in a sentence."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from readerstudy.analysis.documents.findings import finding_files
from readerstudy.analysis.statistics.findings.long_table import COLUMNS

HEADER = "study_id,Cardiomegaly,Edema,Lung Opacity"
REFERENCE = [
    "1,1,1,0",
    "2,1,0,1",
    "3,0,1,",
    "4,0,0,-1",
    "5,1,,1",
    "6,0,0,0",
]
MODEL = [
    "1,1,0,0",
    "2,1,0,1",
    "3,1,1,1",
    "4,0,0,0",
    "5,0,1,",
    "6,0,0,0",
]
FILES = {
    "findings.json",
    "findings.csv",
    "findings.tex",
    "findings.docx",
    "table.csv",
    "table.tex",
    "table.docx",
    "differences.csv",
    "f1chexbert.csv",
    "labels.csv",
    "figures/findings.svg",
    "figures/findings.png",
    "figures/findings.pdf",
}


@pytest.fixture
def files(tmp_path):
    """Paths of a reference and of a model's labels; a list of rows replaces them."""

    def written(reference=REFERENCE, model=MODEL, header=HEADER):
        paths = tmp_path / "reference.csv", tmp_path / "model.csv"
        for path, rows in zip(paths, (reference, model), strict=True):
            path.write_text("\n".join([header, *rows]))
        return [f"--reference={paths[0]}", f"--predicted=ours={paths[1]}"]

    return written


def run(tmp_path, *arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "score_findings",
        *arguments,
        f"--out={tmp_path / 'out'}",
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


def refused(tmp_path, *arguments):
    with pytest.raises(CommandError) as refusal:
        run(tmp_path, *arguments)
    assert refusal.value.returncode == 1
    assert not (tmp_path / "out").exists()
    return str(refusal.value).replace(f"{tmp_path}/", "")


def rows_of(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_cora_scores_two_files_and_has_every_table(tmp_path, files):
    out, err = run(tmp_path, *files(), "--published=table4", "--section=findings")
    folder = tmp_path / "out"
    assert {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    } == FILES
    results = json.loads((folder / "findings.json").read_text())
    assert results["schema"] == "readerstudy.findings/1"
    assert results["settings"]["draws"] == 1000 and results["settings"]["seed"] == 0
    (edema,) = [row for row in results["scores"] if row["label"] == "Edema"]
    assert (edema["tp"], edema["fp"], edema["fn"], edema["tn"]) == (1, 0, 1, 3)
    assert edema["f1"]["value"] == pytest.approx(2 / 3)
    assert "ours has no label that counts for 1 of 7 positives" in err
    assert "Fracture is not averaged: The reference has no column for it." in out
    assert "findings.json, findings.csv" in out


def test_a_table_that_went_through_r_gives_the_same_scores(tmp_path, files):
    """Anya's table has NA where it had an empty cell before."""

    def scores(*given):
        run(tmp_path, *given, "--bootstrap=20")
        return json.loads((tmp_path / "out" / "findings.json").read_text())["scores"]

    through_r = [",".join(cell or "NA" for cell in row.split(",")) for row in REFERENCE]
    assert through_r != REFERENCE
    assert scores(*files(reference=through_r)) == scores(*files())


def test_the_long_table_has_a_row_per_label_average_and_quoted_figure(tmp_path, files):
    run(tmp_path, *files(), "--published=all", "--labeler=rules", "--seed=5")
    rows = rows_of(tmp_path / "out" / "findings.csv")
    assert tuple(rows[0]) == COLUMNS
    ours = [row for row in rows if row["model"] == "ours"]
    labels = [row["label"] for row in ours if row["average"] == "none"]
    assert len(labels) == 14 and labels[0] == "No Finding"
    kinds = [(row["average"], row["label_set"]) for row in ours if not row["label"]]
    assert kinds == [
        ("micro", "included"),
        ("macro", "included"),
        ("weighted", "included"),
    ]
    by_label = {row["label"]: row for row in ours}
    assert by_label["Edema"]["f1"].startswith("0.6666666")
    assert by_label["Edema"]["excluded_blank_ref"] == "1"
    assert by_label["Edema"]["policy"] == "definite_joint"
    assert by_label["Edema"]["labeler"] == "rules"
    assert (by_label["Edema"]["n_boot"], by_label["Edema"]["seed"]) == ("1000", "5")
    assert by_label["Edema"]["generated_at"].endswith("+00:00")
    assert by_label["Fracture"]["included"] == "0"
    assert by_label["Fracture"]["exclusion_reason"] == (
        "The reference has no column for it."
    )
    quoted = [row for row in rows if row["quoted"] == "1"]
    assert len(quoted) == 21 + 39 + 24
    (average,) = [
        row
        for row in quoted
        if row["model"] == "CXR-LLaVA"
        and row["average"] == "micro"
        and row["reference"].startswith("Table 4")
    ]
    assert (average["f1"], average["f1_lo"], average["f1_hi"]) == (
        "0.62",
        "0.59",
        "0.65",
    )
    assert average["quoted_from"].startswith("table4: Lee S, Youn J,")


def test_the_labels_come_out_as_they_went_in_and_can_be_scored_again(tmp_path, files):
    run(tmp_path, *files())
    first = (tmp_path / "out" / "findings.json").read_text()
    path = tmp_path / "out" / "labels.csv"
    rows = rows_of(path)
    assert list(rows[0])[:4] == [
        "source",
        "study_id",
        "No Finding",
        "Enlarged Cardiomediastinum",
    ]
    assert [rows[3]["Lung Opacity"], rows[4]["Edema"]] == ["-1.0", ""]
    for source in ("reference", "ours"):
        own = [row for row in rows if row["source"] == source]
        side = tmp_path / f"{source}.csv"
        side.write_text(
            "\n".join([",".join(own[0]), *(",".join(row.values()) for row in own)])
        )
    run(
        tmp_path,
        f"--reference={tmp_path / 'reference.csv'}",
        f"--predicted=ours={tmp_path / 'ours.csv'}",
    )
    again = (tmp_path / "out" / "findings.json").read_text()
    one, other = json.loads(first), json.loads(again)
    cells = [
        [
            (row["tp"], row["fp"], row["fn"], row["tn"])
            for row in each["scores"]
            if row["n_pairs"]
        ]
        for each in (one, other)
    ]
    assert cells[0] == cells[1]


def test_the_papers_layout_rounds_as_the_paper_does(tmp_path, files):
    run(tmp_path, *files())
    rows = rows_of(tmp_path / "out" / "table.csv")
    assert [row["Finding"] for row in rows] == [
        "Cardiomegaly",
        "Lung Opacity",
        "Edema",
        "Micro average, 3 included labels",
        "Macro average, 3 included labels",
        "Weighted average, 3 included labels",
    ]
    assert rows[1]["ours"] == "1.00 (1.00, 1.00)"
    assert rows[2]["ours"].startswith("0.67 (0.00, 1.00")
    text = (tmp_path / "out" / "table.tex").read_text()
    assert "Micro average, 3 included labels" in text and "\\toprule" in text


def test_equal_results_make_equal_files(tmp_path, files):
    run(tmp_path, *files(), "--published=table3")
    folder = tmp_path / "out"
    results = json.loads((folder / "findings.json").read_text())
    for name, content in finding_files(results).items():
        assert (folder / name).read_bytes() == content, name


def test_shuffled_rows_and_columns_give_the_same_scores(tmp_path, files):
    run(tmp_path, *files())
    first = json.loads((tmp_path / "out" / "findings.json").read_text())
    paths = files(model=MODEL[::-1])
    mixed = tmp_path / "reference.csv"
    lines = [line.split(",") for line in [HEADER, *REFERENCE]]
    mixed.write_text("\n".join(",".join([e, o, s, c]) for s, c, e, o in lines))
    run(tmp_path, *paths)
    second = json.loads((tmp_path / "out" / "findings.json").read_text())
    for block in ("scores", "averages", "labels"):
        assert first[block] == second[block]


def test_readers_and_models_stand_side_by_side(tmp_path, files):
    arguments = files()
    model = tmp_path / "model.csv"
    run(tmp_path, *arguments, "--reader", f"Rosa={model}", f"Ruth={model}")
    (table, *_) = rows_of(tmp_path / "out" / "table.csv")
    assert list(table) == ["Finding", "ours", "Rosa", "Ruth", "mean of 2 readers"]
    assert table["Rosa"] == table["mean of 2 readers"]


def test_a_reader_under_a_preset_for_reports_is_told_everywhere(tmp_path, files):
    model = tmp_path / "model.csv"
    asked = (*files(), f"--reader=Rosa={model}", "--bootstrap=20")
    _, err = run(tmp_path, *asked, "--preset=report_to_report_indiana")
    told = (
        "The preset report_to_report_indiana takes labels of reports to compare with "
        "it, and was given labels of a human reader (Rosa)"
    )
    results = json.loads((tmp_path / "out" / "findings.json").read_text())
    (caution,) = results["unlike_preset"]
    assert caution.startswith(told) and caution in results["cautions"]
    assert told in err
    set_in_latex = (tmp_path / "out" / "table.tex").read_text()
    assert "labels of a human reader (Rosa)" in set_in_latex
    _, err = run(tmp_path, *asked, "--preset=readers_to_image")
    assert "was given" not in err


def test_options_override_a_preset(tmp_path, files):
    run(
        tmp_path,
        *files(),
        "--preset=report_to_report_mimic",
        "--min-count=2",
        "--policy=blank_as_negative",
        "--counted-on=joint_definite",
        "--bootstrap=20",
        "--permutations=0",
        "--leave-out=Edema",
    )
    results = json.loads((tmp_path / "out" / "findings.json").read_text())
    settings = results["settings"]
    assert settings["minimum_share"] == 0.05 and settings["minimum_count"] == 2
    assert settings["policy"] == "blank_as_negative" and settings["draws"] == 20
    reasons = {each["label"]: each["exclusion_reason"] for each in results["labels"]}
    assert reasons["Edema"] == "Left out by --leave-out."
    assert reasons["Cardiomegaly"] is None


def test_rows_without_ids_are_joined_by_place(tmp_path, files):
    header = "Reports,Cardiomegaly,Edema,Lung Opacity"
    arguments = files(header=header)
    assert refused(tmp_path, *arguments) == (
        "reference.csv has no column of study ids; it has Reports; name the column of "
        "ids, or join row by row. The options are --id-column NAME and --by-row."
    )
    run(tmp_path, *arguments, "--by-row")
    run(tmp_path, *arguments, "--id-column=Reports")


def test_the_intersection_is_kept_where_asked(tmp_path, files):
    arguments = files(model=[*MODEL[1:], "7,1,1,1"])
    assert refused(tmp_path, *arguments) == (
        "model.csv lacks 1 of 6 studies of reference.csv (1), and it has 1 that "
        "reference.csv lacks (7); mend the tables, or ask for the studies that all of "
        "them have. The option is --inner."
    )
    _, err = run(tmp_path, *arguments, "--inner")
    assert (
        "5 studies are in all tables; left out: 1 of the reference, 1 of ours." in err
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--policy=strict"], "There is no label policy strict; take one of defin"),
        (["--preset=table9"], "There is no preset table9; take report_to_report_m"),
        (["--published=table9"], "There is no published table table9; take table2,"),
        (
            ["--preset=readers_to_image"],
            "The preset for human readers has none to compare: add the labels of a "
            "reader, or take another preset. The option for a reader is --reader NAME",
        ),
        (["--seed=x"], "--seed has to be a whole number, not x."),
        (["--seed=-1"], "The seed has to be a whole number from 0 to 4294967295."),
        (["--bootstrap=0"], "The number of bootstrap draws has to be a whole numb"),
        (["--min-share=5%"], "--min-share has to be a number, not 5%."),
        (["--min-share=5"], "The minimum share of a label's smaller class has to b"),
        (["--counted-on=all"], "Limits are counted on reference_definite or"),
        (["--predicted=model.csv"], "model.csv is not NAME=CSV, such as our_model="),
        (["--predicted=ours=x.csv"], "ours is given twice; every name may stand on"),
        (["--predicted=reference=x.csv"], "reference is what the reference is called"),
        (["--published=all", "--published=table9"], "There is no published table tab"),
        ([f"--bootstrap={'9' * 5000}"], "--bootstrap has 5000 characters, more than"),
        (["--reader=Rosa=none.csv"], "none.csv can't be read: No such file or dire"),
        (["--id-column=uid"], "There is no column uid in reference.csv, model.csv."),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    tmp_path, files, arguments, sentence
):
    assert refused(tmp_path, *files(), *arguments).startswith(sentence)


def test_a_repeated_row_is_refused_even_where_it_is_the_same(tmp_path, files):
    assert refused(tmp_path, *files(model=[*MODEL, MODEL[2]])) == (
        "model.csv, row 8, column study_id: 3 stands in row 4 already, and a study may "
        "have one row only. More than once (1): 3."
    )


def test_rows_of_several_readers_are_to_be_stored_one_file_per_reader(tmp_path, files):
    rows = [f"{row.rsplit(',', 1)[0]},{who}" for row in MODEL for who in "RS"]
    header = "study_id,Cardiomegaly,Edema,Reader"
    (tmp_path / "all.csv").write_text("\n".join([header, *rows]))
    told = refused(tmp_path, *files()[:1], f"--reader=all={tmp_path / 'all.csv'}")
    assert told.endswith(
        "More than once (6): 1, 2, 3, 4, 5, 6. Column Reader names readers: store one "
        "file per reader, and give each with --reader NAME=FILE."
    )


def test_a_label_that_is_none_is_refused_with_its_place(tmp_path, files):
    assert refused(tmp_path, *files(model=["1,1,2,0", *MODEL[1:]])) == (
        "model.csv, row 2, column Edema: 2 is no label; it has to be 1, 0, -1 or empty."
    )


def test_nothing_to_score_is_refused(tmp_path, files):
    assert refused(tmp_path, files()[0]) == (
        "Give labels to score with --predicted or --reader."
    )


def test_a_folder_that_can_not_be_made_is_refused(tmp_path, files):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CommandError, match="give --out a folder that can be"):
        run(tmp_path, *files())


def test_a_file_of_positives_alone_is_doubted(tmp_path, files):
    _, err = run(tmp_path, *files(model=[f"{row},1,," for row in range(1, 7)]))
    assert "holds no negative label at all" in err


def test_names_that_would_run_in_a_spreadsheet_do_not(tmp_path, files):
    arguments = files()
    run(tmp_path, arguments[0], f"--predicted=@sum={tmp_path / 'model.csv'}")
    rows = rows_of(tmp_path / "out" / "findings.csv")
    assert rows[0]["model"] == "'@sum"


@pytest.mark.parametrize("name", ["labels.csv", "table.csv", "figures/findings.svg"])
def test_what_goes_in_is_not_written_over(tmp_path, files, name):
    _, predicted = files()
    place = tmp_path / "out" / name
    place.parent.mkdir(parents=True)
    place.write_text("\n".join([HEADER, *REFERENCE]))
    before = place.read_bytes()
    with pytest.raises(CommandError, match="would be written over"):
        run(tmp_path, f"--reference={place}", predicted)
    link = tmp_path / "link.csv"
    link.symlink_to(place)
    with pytest.raises(CommandError, match=r"link\.csv would be written over"):
        run(tmp_path, f"--reference={link}", predicted)
    assert place.read_bytes() == before
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [place]


def test_figures_of_an_earlier_run_do_not_stay_beside_later_tables(tmp_path, files):
    run(tmp_path, *files())
    figures = tmp_path / "out" / "figures"
    (figures / "mine.txt").write_text("Anya's own")
    assert (figures / "findings.svg").exists()
    run(tmp_path, *files(), "--min-count=50")
    assert [path.name for path in figures.iterdir()] == ["mine.txt"]


def test_reversed_rows_with_ids_are_not_joined_by_place(tmp_path, files):
    arguments = files(model=MODEL[::-1])
    assert refused(tmp_path, *arguments, "--by-row") == (
        "Row 1 of reference.csv is study 1 and that of model.csv study 6, though both "
        "hold the same studies; join them by id. Leave out --by-row."
    )
    run(tmp_path, *files(), "--by-row")


def test_rows_that_share_some_ids_are_joined_with_a_warning(tmp_path, files):
    moved = [*MODEL[1:], "7,1,1,1"]
    _, err = run(tmp_path, *files(model=moved), "--by-row")
    assert (
        "reference.csv and model.csv are joined by row, though 5 studies stand in "
        "other rows"
    ) in err.replace(f"{tmp_path}/", "")


def test_a_model_named_like_a_formula_is_guarded_in_the_header(tmp_path, files):
    arguments = files()
    run(tmp_path, arguments[0], f"--predicted=@SUM(A1)={tmp_path / 'model.csv'}")
    (header, *_) = (tmp_path / "out" / "table.csv").read_text().splitlines()
    assert header == "Finding,'@SUM(A1)"
