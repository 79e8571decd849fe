"""What is guessed of a table's columns, and told to be confirmed."""

import re

import pytest

from tests import worlds
from tests.reports.tables.wizard import get, mapped, text_of, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def collection():
    return worlds.collection(cases=4)


def test_the_columns_are_guessed(collection):
    table = uploaded(
        "n|image|note|prediction\n"
        "1|files/a/CXR1.png|x|The heart is normal.\n"
        "2|files/b/CXR2.png|y|An effusion on the left.\n"
    )
    page = text_of(get(table, "columns"))
    assert re.search(r'<option value="1" selected>image', page)
    assert re.search(r'<option value="stem" selected>', page)
    assert re.search(r'<option value="3" selected>prediction', page)


def test_other_names_of_columns_are_guessed_and_told(collection):
    table = uploaded(
        "film;class;radiologist;model\n"
        "CXR1;normal;The heart is normal.;No acute finding is seen.\n"
        "CXR2;abnormal;An effusion on the left.;A large effusion.\n"
    )
    page = text_of(get(table, "columns"))
    for number, title in enumerate(("film", "class", "radiologist")):
        assert f'<option value="{number}" selected>{title}' in page
    told = re.sub("<[^>]+>", "", page)
    assert "film for the case, radiologist for the report, class for the" in told
    assert "model reads like reports as well" in told
    # Once Cora has chosen, her choice is no guess.
    mapped(table, report="3")
    assert "This is a guess" not in text_of(get(table, "columns"))


def test_what_does_not_fit_a_title_is_not_guessed(collection):
    table = uploaded(
        "accession,model,class,generated\n"
        "A1,gpt-4,pneumonia,The heart is normal.\n"
        "A2,gpt-4,effusion,An effusion on the left.\n"
    )
    page = text_of(get(table, "columns"))
    assert '<option value="0" selected>accession' in page
    assert "was found by its title alone" in page
    assert '<option value="3" selected>generated' in page
    assert page.count('value="1" selected') == page.count('value="2" selected') == 0
