"""Drawn phantoms: reproducible, visible where they say, written as sound DICOM."""

import csv
import io

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.phantom.__main__ import main
from inference.phantom.dicom import write_dicom
from inference.phantom.findings import (
    DEVICES,
    KINDS,
    SHARE_IF_ABNORMAL,
    SIDES,
    SIZES,
    ZONES,
    Finding,
    sample_findings,
)
from inference.phantom.phantom import (
    PATCH_GRID,
    VISIBLE_CHANGE,
    VISIBLE_SHARE,
    draw,
    render_8bit,
)
from inference.phantom.phrases import stated_findings
from inference.phantom.text import paragraph, report

SIZE = 96
SEEDS = st.integers(min_value=0, max_value=2**31 - 1)
ONE_OF_EACH = (
    Finding("cardiomegaly", size="large"),
    *(Finding("pleural_effusion", side=side, size="moderate") for side in SIDES),
    *(Finding("consolidation", side=s, zone=zone) for s in SIDES for zone in ZONES),
    *(Finding("pneumothorax", side=side, size="moderate") for side in SIDES),
    *(Finding("nodule", side=s, zone=zone) for s in SIDES for zone in ZONES),
    Finding("edema", size="moderate"),
    *(Finding("support_device", device=device) for device in DEVICES),
)


def name_of(finding: Finding) -> str:
    return finding.label.replace(" ", "-")


@settings(deadline=None, max_examples=15)
@given(seed=SEEDS)
def test_the_same_seed_draws_the_same_pixels(seed):
    first, second = draw(seed, size=SIZE), draw(seed, size=SIZE)
    assert first.findings == second.findings
    assert np.array_equal(first.pixels, second.pixels)


def test_another_seed_draws_other_pixels():
    assert not np.array_equal(draw(1, size=SIZE).pixels, draw(2, size=SIZE).pixels)


def test_a_seed_shows_the_same_findings_at_every_size():
    for seed in range(20):
        small, large = draw(seed, size=64), draw(seed, size=160)
        assert small.findings == large.findings
        assert (small.centre, small.width) == (large.centre, large.width)


@settings(deadline=None, max_examples=15)
@given(seed=SEEDS)
def test_pixels_use_twelve_bits_and_most_of_them(seed):
    pixels = draw(seed, size=SIZE).pixels
    assert pixels.dtype == np.uint16
    assert pixels.shape == (SIZE, SIZE)
    assert pixels.max() <= 4095
    assert np.ptp(pixels) > 2000
    rendered = render_8bit(draw(seed, size=SIZE))
    assert np.ptp(rendered) > 150


def seen_at(phantom, finding):
    """Which pixels a finding changes visibly."""
    return np.abs(phantom.changes[finding]) > VISIBLE_CHANGE


@pytest.mark.parametrize("finding", ONE_OF_EACH, ids=name_of)
def test_a_labelled_patch_shows_the_finding(finding):
    for seed in range(3):
        phantom = draw(seed, size=160, findings=(finding,))
        labelled = phantom.patch_labels(finding)
        shown = blocks(seen_at(phantom, finding).astype(float))
        assert labelled.any()
        assert labelled.flat[shown.argmax()]
        assert (shown[labelled] > 0).all()
        assert (shown[~labelled] < VISIBLE_SHARE).all()


@pytest.mark.parametrize("finding", ONE_OF_EACH, ids=name_of)
def test_every_finding_changes_the_image_where_it_says(finding):
    seen = 0
    for seed in range(6):
        normal = draw(seed, size=160, findings=()).pixels.astype(float)
        shown = draw(seed, size=160, findings=(finding,))
        change = np.abs(shown.pixels - normal)
        where = seen_at(shown, finding)
        assert where.any()
        if finding.kind not in ("cardiomegaly", "edema"):
            # These two change the body itself; the others only add a layer to it.
            assert change[~where].mean() < 0.3 * change[where].mean()
        assert change[where].mean() > 25
        seen += 1
    assert seen == 6


@pytest.mark.parametrize(
    "finding",
    [finding for finding in ONE_OF_EACH if finding.side],
    ids=name_of,
)
def test_a_finding_lies_on_its_side_of_the_patient(finding):
    for seed in range(6):
        where = seen_at(draw(seed, size=SIZE, findings=(finding,)), finding)
        right_of_patient = where[:, : SIZE // 2].sum()
        left_of_patient = where[:, SIZE // 2 :].sum()
        if finding.side == "right":
            assert right_of_patient > left_of_patient
        else:
            assert left_of_patient > right_of_patient


@pytest.mark.parametrize("kind", ["consolidation", "nodule"])
def test_zones_follow_each_other_downwards(kind):
    for seed in range(6):
        heights = []
        for zone in ZONES:
            finding = Finding(kind, side="right", zone=zone)
            where = seen_at(draw(seed, size=SIZE, findings=(finding,)), finding)
            heights.append(np.nonzero(where)[0].mean())
        assert heights == sorted(heights)


HARD_TO_SEE = (
    Finding("nodule", side="right", zone="mid"),
    Finding("nodule", side="left", zone="lower"),
    Finding("consolidation", side="right", zone="mid"),
    Finding("pneumothorax", side="left", size="small"),
    Finding("pleural_effusion", side="left", size="small"),
    Finding("edema", size="small"),
    *(Finding("support_device", device=device) for device in DEVICES),
)


@pytest.mark.parametrize("finding", HARD_TO_SEE, ids=name_of)
def test_contrast_lies_within_the_stated_multiples_of_the_noise(finding):
    multiples = []
    for seed in range(12):
        quiet = draw(seed, size=128, findings=(), noise=0).pixels.astype(float)
        shown = draw(seed, size=128, findings=(finding,), noise=0)
        where = seen_at(shown, finding)
        noise = draw(seed, size=128, findings=()).pixels - quiet
        change = np.abs(shown.pixels - quiet)[where]
        multiples.append(np.percentile(change, 90) / noise[where].std())
    # As the card of the demonstration model states them.
    assert min(multiples) > 3.5
    assert max(multiples) < 42
    assert 5 < np.median(multiples) < 27


def test_nodules_measure_eight_to_thirty_millimetres():
    nodule, diameters = Finding("nodule", side="right", zone="mid"), []
    for seed in range(24):
        phantom = draw(seed, size=256, findings=(nodule,))
        # Lungs end at their borders; the nodule's own shade does not.
        covered = (np.abs(phantom.changes[nodule]) > 0.002).sum()
        diameters.append(2 * np.sqrt(covered / np.pi) * phantom.spacing_mm)
    assert 7 < min(diameters) < 11
    assert 27 < max(diameters) < 32


@settings(deadline=None)
@given(seed=SEEDS)
def test_a_report_states_exactly_the_drawn_findings(seed):
    findings = sample_findings(np.random.default_rng(seed))
    drawn = {finding.kind for finding in findings}
    assert stated_findings(paragraph(findings, np.random.default_rng(seed))) == drawn


@settings(deadline=None, max_examples=15)
@given(seed=SEEDS)
def test_image_and_report_of_a_phantom_agree(seed):
    phantom = draw(seed, size=SIZE)
    assert (phantom.stratum == "normal") == (not phantom.findings)
    findings, impression = report(phantom.findings, np.random.default_rng(seed))
    drawn = {finding.kind for finding in phantom.findings}
    assert stated_findings(findings) == drawn
    # The impression mentions a device only where there is nothing else.
    assert stated_findings(impression) | {"support_device"} >= drawn
    for finding in phantom.findings:
        for word in (finding.side, finding.zone, finding.device):
            assert word in findings


def test_every_kind_is_drawn_often_enough_to_be_learned():
    count = 3000
    shown = [
        {finding.kind for finding in sample_findings(np.random.default_rng(seed))}
        for seed in range(count)
    ]
    for kind in KINDS:
        assert 0.12 < sum(kind in one for one in shown) / count < 0.35
    assert 0.2 < sum(not one for one in shown) / count < 0.4
    assert set(SHARE_IF_ABNORMAL) == set(KINDS)


def test_a_finding_outside_the_vocabulary_is_refused():
    with pytest.raises(ValueError, match="no kind 'fracture'"):
        Finding("fracture")
    with pytest.raises(ValueError, match="no size 'huge'"):
        Finding("pneumothorax", side="left", size="huge")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("No pleural effusion or pneumothorax is seen.", set()),
        ("There is no pneumothorax but a small effusion.", {"pleural_effusion"}),
        ("The heart is normal in size. The lungs are clear without edema.", set()),
        ("Mild cardiomegaly; no edema.", {"cardiomegaly"}),
        ("The cardiac silhouette is markedly enlarged.", {"cardiomegaly"}),
        ("An enteric tube is in place.", {"support_device"}),
        ("", set()),
    ],
)
def test_negated_mentions_do_not_count(text, kinds):
    assert stated_findings(text) == kinds


@settings(deadline=None, max_examples=10)
@given(seed=SEEDS)
def test_a_dicom_file_reads_back_as_it_was_drawn(seed):
    phantom = draw(seed, size=SIZE)
    stream = io.BytesIO()
    write_dicom(phantom, stream)
    stream.seek(0)
    dataset = pydicom.dcmread(stream)
    assert np.array_equal(dataset.pixel_array, phantom.pixels)
    assert dataset.Modality == "DX"
    assert dataset.PhotometricInterpretation == "MONOCHROME2"
    assert (dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit) == (16, 12, 11)
    assert dataset.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert (dataset.WindowCenter, dataset.WindowWidth) == (
        phantom.centre,
        phantom.width,
    )
    assert dataset.ImagerPixelSpacing[0] == pytest.approx(phantom.spacing_mm)
    assert (dataset.BodyPartExamined, dataset.ViewPosition) == ("CHEST", "PA")
    assert dataset.PatientName == f"PHANTOM^{seed}"


def test_the_file_of_a_seed_is_the_same_every_time(tmp_path):
    for name in ("a.dcm", "b.dcm"):
        write_dicom(draw(3, size=SIZE), tmp_path / name)
    assert (tmp_path / "a.dcm").read_bytes() == (tmp_path / "b.dcm").read_bytes()


def test_no_two_images_share_an_identifier():
    identifiers = set()
    for seed, size in ((1, 64), (1, 96), (2, 64)):
        stream = io.BytesIO()
        write_dicom(draw(seed, size=size), stream)
        stream.seek(0)
        identifier = pydicom.dcmread(stream).SOPInstanceUID
        assert identifier.is_valid
        identifiers.add(identifier)
    assert len(identifiers) == 3


def test_the_command_writes_images_and_their_reports(tmp_path):
    words = ["--count", "6", "--seed", "40", "--size", "64", "--out", str(tmp_path)]
    assert main(words) == 0
    with (tmp_path / "reports.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["case"] for row in rows] == [
        f"phantom-{seed}" for seed in range(40, 46)
    ]
    for row in rows:
        dataset = pydicom.dcmread(tmp_path / f"{row['case']}.dcm")
        seed = int(row["case"].removeprefix("phantom-"))
        phantom = draw(seed, size=64)
        assert np.array_equal(dataset.pixel_array, phantom.pixels)
        assert row["stratum"] == phantom.stratum
        assert row["report"] == (
            f"FINDINGS: {row['findings']}\n\nIMPRESSION: {row['impression']}"
        )
        assert stated_findings(row["report"]) == {one.kind for one in phantom.findings}


@pytest.mark.parametrize(("share", "stratum"), [("0", "abnormal"), ("1", "normal")])
def test_the_share_of_normal_phantoms_can_be_chosen(tmp_path, share, stratum):
    words = ["--count", "5", "--size", "64", "--normal-share", share]
    assert main([*words, "--out", str(tmp_path)]) == 0
    with (tmp_path / "reports.csv").open(newline="", encoding="utf-8") as stream:
        assert {row["stratum"] for row in csv.DictReader(stream)} == {stratum}


@pytest.mark.parametrize(
    "words", [["--count", "0"], ["--count", "1", "--normal-share", "2"]]
)
def test_a_senseless_order_is_refused_in_a_sentence(tmp_path, capsys, words):
    assert main([*words, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith(".\n")


def blocks(image: np.ndarray) -> np.ndarray:
    """Mean of each of 8 x 8 patches."""
    step = image.shape[0] // PATCH_GRID
    return image.reshape(PATCH_GRID, step, PATCH_GRID, step).mean(axis=(1, 3))


def test_sizes_order_the_area_that_a_finding_takes():
    for seed in range(4):
        areas = []
        for size in SIZES:
            finding = Finding("pleural_effusion", side="left", size=size)
            where = draw(seed, size=SIZE, findings=(finding,)).patch_labels(finding)
            areas.append(where.sum())
        assert areas == sorted(areas)
