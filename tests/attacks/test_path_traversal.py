"""Names that lead out of their folder: in addresses, in deliveries, in archives."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.cases.archives import members_of
from readerstudy.export.moving.archive import read
from tests import worlds
from tests.people import cora
from tests.test_permissions import findings_address

pytestmark = pytest.mark.django_db
OUT = [
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "....//....//etc/passwd",
    "..\\..\\..\\etc\\passwd",
    "reads.csv/../../../../etc/passwd",
    "reads.csv\x00.png",
    "~root/.bashrc",
]


def refuse_all(client, paths) -> None:
    for path in paths:
        answer = client.get(path)
        content = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in {301, 400, 404}, path
        assert b"root:" not in content and b"SECRET" not in content, path


def test_no_name_of_a_file_of_results_leads_out():
    study = worlds.study_without_grades()
    files = reverse("export:file", args=[study.code, "NAME"])
    table = reverse("api:table", args=[study.code, "NAME"])
    figure = reverse("analysis:results", args=[study.code]) + "runs/1/figures/NAME.svg"
    findings = findings_address("analysis:findings:file").replace(
        "findings.csv", "NAME"
    )
    labels = findings_address("reports:labels:file").replace("labels.csv", "NAME")
    for place in (files, table, figure, findings, labels):
        for quoted in (quote, str):
            paths = [place.replace("NAME", quoted(name)) for name in OUT]
            refuse_all(cora().client, paths)


@pytest.mark.parametrize("folder", ["/static/", "/media/", "/static/../", "/"])
def test_no_address_reads_files_of_the_server(folder):
    refuse_all(cora().client, [folder + quote(name) for name in OUT])
    refuse_all(cora().client, [folder + name for name in ("settings.py", ".env")])


def test_what_is_stored_is_served_at_no_address_of_its_own(settings):
    """MEDIA_ROOT holds radiographs and bundles: there is no way to it but the views."""
    worlds.collection(cases=1)
    stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert stored
    for path in stored:
        name = path.relative_to(settings.MEDIA_ROOT)
        refuse_all(cora().client, [f"/{name}", f"/media/{name}", f"/static/{name}"])


@pytest.mark.parametrize("name", [*OUT, "a/../../../b.dcm"])
def test_an_uploaded_file_lies_where_the_site_puts_it(name, settings):
    delivery = worlds.delivery()
    before = set(Path(settings.MEDIA_ROOT).parent.rglob("*"))
    told = cora().client.post(
        reverse("cases:intake:announce", args=[delivery.pk]),
        json.dumps({"files": [{"name": name, "size": 4}]}),
        content_type="application/json",
    )
    if told.status_code != 200:
        return
    url = told.json()["files"][0]["url"]
    answer = cora().client.put(
        f"{url}?offset=0", b"abcd", content_type="application/octet-stream"
    )
    assert answer.status_code == 200
    place = Path(settings.MEDIA_ROOT) / "intake" / str(delivery.pk)
    new = {
        path
        for path in set(Path(settings.MEDIA_ROOT).parent.rglob("*")) - before
        if path.is_file()
    }
    assert len(new) == 1
    assert {path.parent for path in new} == {place}
    assert new.pop().name.isdecimal()


@pytest.mark.parametrize("kind", ["ZIP", "tar"])
def test_no_member_of_an_archive_is_written_anywhere(kind, tmp_path):
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    path = folder / f"cases.{kind.lower()}"
    names = ["../../out.dcm", "/tmp/out.dcm", "..\\..\\out.dcm"]
    if kind == "ZIP":
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"no film")
    else:
        with tarfile.open(path, "w") as archive:
            for name in names:
                member = tarfile.TarInfo(name)
                member.size = 7
                archive.addfile(member, io.BytesIO(b"no film"))
            link = tarfile.TarInfo("link.dcm")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    members = members_of(path, kind)
    assert len(members) == 3, "a link is no file"
    assert {read_member() for _, read_member in members} == {b"no film"}
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["../evil.jsonl", "frames/../../x.u16", "/etc/x"])
def test_a_packed_study_has_members_of_known_names_only(name, tmp_path):
    path = tmp_path / "study.zip"
    manifest = {"schema": "readerstudy.packed-study", "version": 1, "members": {}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr(name, b"x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValidationError):
        read(path)
    assert sorted(tmp_path.rglob("*")) == before
