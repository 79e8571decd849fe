"""The figure of the loss curves."""

from xml.etree import ElementTree

from inference.__main__ import main

SVG = "{http://www.w3.org/2000/svg}"


def test_each_curve_gets_a_panel_from_its_highest_to_its_lowest_loss(tmp_path):
    for name, losses in (("classify", "123456"), ("align & more", "531")):
        rows = [f"{20 * n},{loss},0.001" for n, loss in enumerate(losses, 1)]
        text = "\n".join(["step,loss,rate", *rows])
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    files = [str(tmp_path / f"{name}.csv") for name in ("classify", "align & more")]
    assert main(["curves", *files, "--out", str(tmp_path / "figure.svg")]) == 0
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert words[0] == "classify"
    assert words[1:5] == ["6", "1", "0", "120"]
    assert "align & more" in words
    lines = [each.attrib["points"].split() for each in root.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [6, 6, 3, 3]
    heights = [float(point.split(",")[1]) for point in lines[0]]
    assert heights == sorted(heights, reverse=True)


def test_what_is_no_curve_is_named_and_nothing_is_written(tmp_path, capsys):
    path = tmp_path / "empty.csv"
    out = tmp_path / "figure.svg"
    for content in ("step,loss,rate\n", "a,b\n1,2\n", "step,loss\n1,much\n"):
        path.write_text(content, encoding="utf-8")
        assert main(["curves", str(path), "--out", str(out)]) == 2
        assert "empty" in capsys.readouterr().err
        assert not out.exists()
    assert main(["curves", str(tmp_path / "gone.csv"), "--out", str(out)]) == 2
    assert "gone.csv" in capsys.readouterr().err
