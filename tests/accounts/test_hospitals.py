"""What OIDC_SERVERS may say, and what stops the start with a sentence."""

import pytest

from readerstudy.accounts.hospitals import hospitals_in

SERVER = "clinic-a=https://login.clinic.example/realms/staff"
KEYS = {"OIDC_CLINIC_A_CLIENT_ID": "reader", "OIDC_CLINIC_A_CLIENT_SECRET": "hush"}


def test_a_server_is_known_by_name_and_its_secret_is_in_no_text():
    (found,) = hospitals_in(f"{SERVER}/", KEYS).values()
    assert (found.name, found.client_id, found.secret) == ("clinic-a", "reader", "hush")
    assert found.issuer == "https://login.clinic.example/realms/staff"
    assert "hush" not in repr(found)
    assert hospitals_in("", {}) == {}


def test_the_secret_may_lie_in_a_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hush\n")
    given = {"OIDC_CLINIC_A_CLIENT_ID": "reader"}
    given["OIDC_CLINIC_A_CLIENT_SECRET_FILE"] = str(path)
    assert hospitals_in(SERVER, given)["clinic-a"].secret == "hush"
    path.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        hospitals_in(SERVER, given)
    path.unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        hospitals_in(SERVER, given)


@pytest.mark.parametrize(
    ("text", "keys", "sentence"),
    [
        ("clinic", KEYS, "not of the form NAME=ISSUER"),
        ("Clinic A=https://a.example", KEYS, "no name for a server"),
        (f"{SERVER},{SERVER}", KEYS, "named twice"),
        ("clinic-a=http://login.clinic.example", KEYS, "https://"),
        ("clinic-a=https://me:hush@login.example", KEYS, "no plain address"),
        (SERVER, {}, "wants the client's id in OIDC_CLINIC_A_CLIENT_ID"),
        (SERVER, {"OIDC_CLINIC_A_CLIENT_ID": "reader"}, "wants the client's secret"),
        (SERVER, KEYS | {"OIDC_CLINIC_A_CLIENT_SECRET_FILE": "x"}, "in either"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_without_the_secret(text, keys, sentence):
    with pytest.raises(ValueError, match=sentence) as refusal:
        hospitals_in(text, keys)
    assert "hush" not in str(refusal.value)
