"""The checks of others' packages: what they find, and what they let pass."""

import datetime

import pytest

from requirements import supply

TODAY = datetime.date(2026, 6, 1)
ACCEPTED = {
    "accepted": [
        {"package": "Pillow", "id": "PYSEC-1", "until": datetime.date(2026, 7, 1)},
        {"package": "numpy", "id": "PYSEC-2", "until": datetime.date(2026, 5, 1)},
    ],
    "licences": {"allowed": ["MIT", "BSD-3-Clause"], "apart": {"psycopg": "LGPL"}},
}


def component(name, *licences, version="1.0"):
    told = [
        {"expression": each} if " " in each else {"license": {"id": each}}
        for each in licences
    ]
    return {"name": name, "version": version, "licenses": told}


def problems(*components, **pins):
    written = {"components": list(components)}
    return list(supply.bill_problems(written, pins, ACCEPTED))


def test_a_weakness_that_nobody_looked_at_is_told():
    found = [("django", "5.2.19", "PYSEC-9"), ("pillow", "13.0", "PYSEC-1")]
    (told,) = supply.audit_problems(found, ACCEPTED, TODAY)
    assert told.startswith("django 5.2.19: PYSEC-9.")


def test_a_weakness_is_accepted_until_a_day():
    found = [("numpy", "2.4.6", "PYSEC-2")]
    (told,) = supply.audit_problems(found, ACCEPTED, TODAY)
    assert "was accepted until 2026-05-01" in told


def test_without_the_service_nothing_fails_and_it_is_said(monkeypatch, capsys):
    monkeypatch.setattr(supply, "advisories", lambda: None)
    monkeypatch.setattr("sys.argv", ["supply", "audit"])
    supply.main()
    assert "nothing was audited" in capsys.readouterr().out


def test_a_weakness_ends_the_check(monkeypatch):
    monkeypatch.setattr(supply, "advisories", lambda: [("django", "5", "PYSEC-9")])
    monkeypatch.setattr("sys.argv", ["supply", "audit"])
    with pytest.raises(SystemExit, match="PYSEC-9"):
        supply.main()


@pytest.mark.parametrize(
    "licences",
    [["MIT"], ["MIT OR GPL-3.0-only"], ["(MIT AND BSD-3-Clause)"], ["MIT", "MIT"]],
)
def test_a_licence_that_is_allowed_passes(licences):
    assert problems(component("a", *licences), a="1.0") == []


@pytest.mark.parametrize(
    "licences",
    [["GPL-3.0-or-later"], ["MIT AND GPL-3.0-only"], ["MIT", "AGPL-3.0-only"], []],
)
def test_a_licence_that_binds_is_told(licences):
    (told,) = problems(component("a", *licences), a="1.0")
    assert told.startswith("a comes under")


def test_a_package_that_is_missing_or_another_one_is_told():
    assert problems(b="1.0") == ["The bill of materials lacks b. Is it installed?"]
    (told,) = problems(component("a", "MIT", version="2.0"), a="1.0")
    assert told == "a is 2.0, but 1.0 is locked."
    assert (
        problems(component("torch", "MIT", version="2.13.0+cpu"), torch="2.13.0") == []
    )


def test_a_package_with_a_reason_of_its_own_passes():
    assert problems(component("psycopg", "LGPL-3.0-only"), psycopg="1.0") == []


def test_the_accepted_ones_have_reasons_and_are_locked():
    """What was taken out of the locks needs no exception any more."""
    policy = supply.policy()
    for package, reason in policy["licences"]["apart"].items():
        assert package in supply.pinned() and len(reason) > 20
    for each in policy.get("accepted", []):
        assert each["package"] in supply.pinned() and each["reason"]
    assert not [name for name in policy["licences"]["allowed"] if "GPL" in name]
