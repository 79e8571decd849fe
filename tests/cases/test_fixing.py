"""What the readers of a frozen study see stays, also where they only practise on it."""

import pytest
from django.core.exceptions import ValidationError

from readerstudy.cases import imports
from readerstudy.cases.desk.bulk import change_cases
from readerstudy.cases.models import Case, Image
from readerstudy.reports.tables.services import known_cases
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture
def practised(settings, tmp_path) -> Case:
    settings.MEDIA_ROOT = tmp_path
    return worlds.practice_case(worlds.open_study()).report.case


def test_an_image_of_a_practice_case_is_not_set_by_hand(practised):
    with pytest.raises(ValidationError, match="belongs to a frozen study"):
        imports.override_image(
            image=practised.image,
            actor=cora().user,
            view="lateral",
            stratum="normal",
            is_chosen=False,
        )
    with pytest.raises(ValidationError, match="belong to a frozen study"):
        change_cases(
            collection=practised.collection,
            actor=cora().user,
            cases=Case.objects.filter(pk=practised.pk),
            what="choice",
            value="none",
        )
    practised.refresh_from_db()
    assert practised.image is not None
    assert practised.image.view == "frontal"


def test_an_import_leaves_the_image_of_a_practice_case(practised):
    image = Image.objects.get(case=practised)
    assert not imports.correct_view(image=image, view="lateral", reason="a table")
    worlds.store_image(
        case=practised,
        name="a.png",
        frame=worlds.keep_frame(worlds.radiograph(78)),
        view="frontal",
        source_sha256="8" * 64,
    )
    Image.objects.filter(pk=image.pk).update(view="lateral")
    imports._choose_image(practised)
    practised.refresh_from_db()
    assert practised.image == image


def test_a_table_does_not_change_a_practice_case(practised):
    known = known_cases(practised.collection)
    assert known[practised.code].is_frozen
