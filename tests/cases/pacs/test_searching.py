"""Cora searches a real PACS: what fits is found, and nobody's name is."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pydicom.uid import generate_uid

from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.page import masked
from readerstudy.cases.pacs.search import Found, Wanted, search
from readerstudy.cases.pacs.servers import PacsServer
from readerstudy.cases.radiograph import NotNow, Refused
from tests.cases.pacs.archives import orthanc_with, radiograph, server_of
from tests.orthanc import PASSWORD, USER, Orthanc
from tests.people import cora, rosa
from tests.servers import free_port

MIXED = generate_uid()


@pytest.fixture(scope="module")
def orthanc() -> Iterator[Orthanc]:
    """Six studies: four of the chest, one of a hand, one of CT with a radiograph."""
    with orthanc_with(
        radiograph(1, date="20240105"),
        radiograph(2, date="20240210", modality="DX"),
        radiograph(3, date="20240315", body_part=""),
        radiograph(4, date="20240420", body_part="HAND"),
        radiograph(5, date="20240520", study=MIXED, accession="MIXED"),
        radiograph(6, date="20240520", study=MIXED, accession="MIXED", modality="CT"),
        radiograph(7, date="20240520", study=MIXED, accession="MIXED", modality="CT"),
        radiograph(8, date="20240601", modality="CT"),
        radiograph(9, date="20230601", accession="ACC-000001"),
    ) as server:
        yield server


def found(orthanc: Orthanc, **wanted: object) -> Found:
    return search(Archive(server_of(orthanc), seconds=60), Wanted(**wanted))


def accessions(found: Found) -> list[str]:
    return [study.accession_number for study in found.studies]


@pytest.mark.pacs
def test_a_range_of_dates_finds_the_radiographs_of_the_chest(orthanc: Orthanc) -> None:
    answer = found(orthanc, since=date(2024, 1, 1), until=date(2024, 12, 31))
    assert accessions(answer) == ["MIXED", "ACC-000003", "ACC-000002", "ACC-000001"]
    assert answer.images == 4
    assert answer.others == 1
    assert answer.left_out == Counter({"of modality CT": 2, "of another body part": 1})
    assert not answer.is_cut


@pytest.mark.pacs
def test_the_last_day_belongs_to_a_range(orthanc: Orthanc) -> None:
    day = date(2024, 2, 10)
    assert accessions(found(orthanc, since=day, until=day)) == ["ACC-000002"]
    assert accessions(found(orthanc, until=date(2023, 12, 31))) == ["ACC-000001"]
    assert accessions(found(orthanc, since=date(2024, 5, 1))) == ["MIXED"]


@pytest.mark.pacs
def test_modalities_and_body_parts_narrow_a_search(orthanc: Orthanc) -> None:
    year = {"since": date(2024, 1, 1)}
    assert accessions(found(orthanc, modalities=("DX",), **year)) == ["ACC-000002"]
    stated = found(orthanc, body_parts="chest", **year)
    assert "ACC-000003" not in accessions(stated)
    assert stated.left_out["without a body part"] == 1
    assert "ACC-000004" in accessions(found(orthanc, body_parts="any", **year))


@pytest.mark.pacs
def test_numbers_find_their_studies_and_nothing_else(orthanc: Orthanc) -> None:
    answer = found(orthanc, numbers=("ACC-000001", "MIXED", "ACC-00000", "ACC-000008"))
    assert accessions(answer) == ["MIXED", "ACC-000001", "ACC-000001"]
    assert answer.missing == ["ACC-00000"]
    assert answer.others == 1
    assert answer.left_out == Counter({"of modality CT": 3})
    patient = found(orthanc, number_kind="PatientID", numbers=("H-000002",))
    assert accessions(patient) == ["ACC-000002"]


@pytest.mark.pacs
def test_more_than_the_limit_is_told(orthanc: Orthanc) -> None:
    answer = found(orthanc, since=date(2024, 1, 1), limit=2)
    assert len(answer.studies) + answer.others == 2
    assert answer.is_cut


@pytest.mark.pacs
def test_a_wrong_password_is_told(orthanc: Orthanc) -> None:
    archive = Archive(server_of(orthanc, password="wrong"), seconds=60)
    with pytest.raises(NotNow, match="does not accept this site's user"):
        search(archive, Wanted(since=date(2024, 1, 1)))


@pytest.mark.pacs
def test_a_wrong_address_is_told(orthanc: Orthanc) -> None:
    wrong = PacsServer("archive", f"{orthanc.url}/elsewhere", USER, PASSWORD)
    with pytest.raises(Refused, match="does not answer as a DICOMweb server"):
        search(Archive(wrong, seconds=60), Wanted(since=date(2024, 1, 1)))


def test_a_number_is_masked_but_for_its_end() -> None:
    assert [
        masked(number) for number in ("", "1", "123", "12345678", "0123456789")
    ] == [
        "…",
        "…",
        "…3",
        "…78",
        "…789",
    ]


# --- The page ---

PAGE = "/cases/pacs/"
ASKED = {
    "server": "archive",
    "since": "2024-01-01",
    "modalities": ["CR", "DX"],
    "body_parts": "chest_or_unsaid",
    "number_kind": "AccessionNumber",
    "limit": "100",
    "do": "search",
}


@pytest.fixture
def browser(settings: Any, db: None) -> Client:
    settings.DICOMWEB_SERVERS = {
        "archive": PacsServer("archive", f"http://127.0.0.1:{free_port()}")
    }
    return cora().client


def text_of(client: Client, **changes: object) -> str:
    answer = client.post(PAGE, ASKED | changes)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.pacs
def test_the_page_shows_studies_without_names(
    browser: Client, orthanc: Orthanc, settings: Any
) -> None:
    settings.DICOMWEB_SERVERS = {"archive": server_of(orthanc)}
    page = text_of(browser)
    assert "4 studies with 4 radiographs" in page
    assert "1 more study has no radiograph that fits." in page
    assert "Left out: 1 of another body part, 2 of modality CT." in page
    code = pseudonymiser()("ACC-000002")
    assert f'<span class="code">{code}</span>' in page
    assert "…002" in page
    for secret in ("Musterfrau", "Erika", "19640812", "1964", "ACC-000002", PASSWORD):
        assert secret not in page
    assert orthanc.url not in page


@pytest.mark.pacs
def test_a_column_of_a_csv_is_searched_and_shown_as_if_pasted(
    browser: Client, orthanc: Orthanc, settings: Any
) -> None:
    settings.DICOMWEB_SERVERS = {"archive": server_of(orthanc)}
    table = "Case;Accession\n1;ACC-000002\n2;ACC-000003\n3;NOT-THERE\n"
    sent = SimpleUploadedFile("list.csv", table.encode())
    page = text_of(browser, since="", table=sent, column="accession")
    assert "2 studies with 2 radiographs" in page
    assert "1 of the numbers is not in the PACS" in page
    assert "ACC-000002\nACC-000003\nNOT-THERE</textarea>" in page


def test_a_pacs_that_is_away_is_told_and_nothing_that_was_typed_is_lost(
    browser: Client,
) -> None:
    page = text_of(browser, numbers="A-1\nA-2")
    assert "The PACS archive does not answer." in page
    assert "A-1\nA-2</textarea>" in page
    assert 'value="2024-01-01"' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"since": ""}, "Say which studies"),
        ({"since": "yesterday"}, "Enter a valid date"),
        ({"until": "2020-01-01"}, "The last day lies before the first."),
        ({"server": "http://169.254.169.254/"}, "Select a valid choice"),
        ({"modalities": ["CT"]}, "Select a valid choice"),
        ({"limit": "501"}, "less than or equal to 500"),
        ({"numbers": "A*"}, "has a sign that means something to a PACS"),
        ({"numbers": "A" * 65}, "is no such number"),
        ({"numbers": "\n".join(map(str, range(501)))}, "501 are too many: 500 at once"),
    ],
)
def test_what_cannot_be_searched_is_told_beside_its_field(
    browser: Client, changes: dict[str, object], sentence: str
) -> None:
    assert sentence in text_of(browser, **changes)


@pytest.mark.parametrize(
    ("content", "column", "sentence"),
    [
        (b"case,accession\n1,A\n", "", "the CSV has: case, accession."),
        (b"case,accession\n1\n", "accession", "row 2: 1 cells instead of 2"),
        ("Öse\n1".encode("latin-1"), "", "not UTF-8"),
        (b"", "", "file is empty"),
    ],
)
def test_a_csv_that_cannot_be_read_is_told(
    browser: Client, content: bytes, column: str, sentence: str
) -> None:
    table = SimpleUploadedFile("list.csv", content)
    assert sentence in text_of(browser, table=table, column=column)


def test_without_a_pacs_the_page_says_who_can_set_one_up(
    settings: Any, db: None
) -> None:
    settings.DICOMWEB_SERVERS = {}
    page = cora().client.get(PAGE).content.decode()
    assert "No PACS is set up" in page and "DICOMWEB_SERVERS" in page
    assert "No PACS is set up" in text_of(cora().client)


def test_the_page_is_for_coordinators(browser: Client) -> None:
    assert rosa().client.post(PAGE, ASKED).status_code == 403
