"""The how-tos of running a site, carried out word by word on sites of their own."""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import Site, installation
from tests.upgrades.keep import KEPT

pytestmark = pytest.mark.slow(seconds=60)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "how-to"
BACKUP = "/path/to/backup"
NOWHERE: Mapping[str, Path] = {}
OLD = "the-key-of-many-years-which-is-long-enough"
NEW = "the-key-of-now-which-is-as-long-as-the-old-one"
MAKE_PEOPLE = """
import json
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.backends.db import SessionStore
from readerstudy.studies.account.services import make_account
user, _ = make_account(username="cora", name="Cora", may_create_studies=True,
    password="an umbrella in March", actor=None)
TOTP.activate(user, "A" * 32)
RecoveryCodes.activate(user)
print(json.dumps(user.pk))
"""
SEEN = """
import json
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from readerstudy.accounts.models import User
from readerstudy.accounts.sealed import opened
from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.intake.forgetting import name_instead
cora = User.objects.get(username="cora")
secrets = [opened(each.data.get("secret") or each.data["seed"])
    for each in Authenticator.objects.filter(user=cora).order_by("type")]
password = cora.check_password("an umbrella in March")
print(json.dumps([secrets[-1], len(secrets), password, name_instead("a name")]))
"""


def commands_of(page: str, places: Mapping[str, Path] = NOWHERE) -> Iterator[list[str]]:
    """The commands of a page in their order, with places of this machine."""
    blocks = re.findall(r"^```\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)
    for line in "".join(blocks).splitlines():
        words = line.split()
        assert words[:2] == ["python", "manage.py"], line
        yield [str(places.get(word, word)) for word in words[1:]]


def with_keys(site: Site, **variables: str) -> Site:
    """The same site with other settings, as after a restart."""
    return Site(site.environment | variables)


def run(site: Site, command: list[str], tolerated: tuple[str, ...] = ()) -> str:
    """Carry out a command; the doctor may find wrong what a site alone cannot have."""
    if command[1] != "doctor":
        return site.run(*command)
    look = (
        "import json; from readerstudy.operations.doctor.examination import examined;"
        "print(json.dumps([e.about for e in examined() if e.is_wrong]))"
    )
    wrong = site.shell(look)
    assert set(wrong) <= {"worker", *tolerated}
    return json.dumps(wrong)


@pytest.fixture(scope="module")
def old_site(tmp_path_factory) -> Iterator[Site]:
    with installation("embedded", tmp_path_factory.mktemp("old")) as site:
        site.environment |= {"SECRET_KEY": OLD, "ALLOWED_HOSTS": "localhost"}
        site.shell(MAKE_PEOPLE)
        yield site


def test_keys_are_rotated_and_nobody_loses_anything(old_site):
    before = old_site.shell(SEEN)
    assert before[:3] == ["A" * 32, 2, True]
    meanwhile = {
        "SECRET_KEY": NEW,
        "SECRET_KEY_FALLBACKS": OLD,
        "PSEUDONYM_KEY": OLD,
    }
    turning = with_keys(old_site, **meanwhile)
    assert turning.shell(SEEN) == before
    said = [run(turning, command) for command in commands_of("rotate-keys.md")]
    assert "Under the key of now: 2." in said[0]
    after = with_keys(old_site, **(meanwhile | {"SECRET_KEY_FALLBACKS": ""}))
    assert after.shell(SEEN) == before
    # What a site loses that skips the steps: the test can fail.
    careless = with_keys(old_site, SECRET_KEY="another key, and nothing of the old one")
    assert careless.shell(SEEN)[0] != before[0]
    assert careless.shell(SEEN)[3] != before[3]
    old_site.environment |= {"SECRET_KEY": NEW, "PSEUDONYM_KEY": OLD}


def test_a_site_moves_to_another_server(old_site, tmp_path):
    here = old_site.shell(SEEN)
    backup = tmp_path / "backup"
    packing, *unpacking = commands_of("move-servers.md", {BACKUP: backup})
    told = run(old_site, packing)
    assert len(re.findall("[0-9a-f]{64}", told)) == 1
    with installation("embedded", tmp_path / "new") as there:
        there.environment |= {
            name: old_site.environment[name] for name in ("SECRET_KEY", "PSEUDONYM_KEY")
        } | {"ALLOWED_HOSTS": "localhost"}
        assert [command[1] for command in unpacking] == [
            *("restore", "verify_record", "doctor"),
        ]
        for command in unpacking:
            run(there, command)
        assert there.shell(SEEN) == here


def test_an_older_site_is_upgraded(tmp_path):
    """All but its first command, the backup, which is made by the older version."""
    with installation("embedded", tmp_path / "old") as site:
        site.environment |= {"SECRET_KEY": OLD, "ALLOWED_HOSTS": "localhost"}
        file = Path(site.environment["DATA_DIR"]) / "readerstudy.sqlite3"
        file.unlink()
        kept = KEPT / "0.1.0.sqlite.sql.gz"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(gzip.decompress(kept.read_bytes()).decode())
        commands = list(commands_of("upgrade.md", {BACKUP: tmp_path / "backup"}))
        assert [command[1] for command in commands] == [
            *("backup", "migrate", "verify_record", "doctor"),
        ]
        wrong = "from readerstudy.operations import checks; import json;"
        wrong += "print(json.dumps(checks.migrations().is_wrong))"
        assert site.shell(wrong)
        for command in commands[1:]:
            run(site, command)
        assert not site.shell(wrong)
        studies = "SELECT count(*) FROM studies_study"
        assert site.rows(studies)[0][0] > 1
