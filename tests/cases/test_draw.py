"""Cora draws the cases of a study: by stratum, by seed, the same ones every time."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.cases.models import Case
from readerstudy.cases.sampling import TooFew, draw
from tests import worlds
from tests.people import cora

POOL = {
    "normal": [f"N{number}" for number in range(20)],
    "abnormal": [f"A{number}" for number in range(15)],
}


@given(
    seed=st.integers(0, 2**40),
    normal=st.integers(0, 20),
    abnormal=st.integers(0, 15),
)
def test_a_draw_has_the_sizes_asked_for_without_repeats(seed, normal, abnormal):
    sizes = {"normal": normal, "abnormal": abnormal}
    drawn = draw(codes_by_stratum=POOL, sizes=sizes, seed=seed)
    assert len(set(drawn)) == len(drawn) == normal + abnormal
    assert sum(code.startswith("N") for code in drawn) == normal


@given(seed=st.integers(0, 2**40), shuffler=st.randoms(use_true_random=False))
def test_the_order_in_which_cases_came_in_does_not_matter(seed, shuffler):
    turned = {
        stratum: shuffler.sample(held, len(held)) for stratum, held in POOL.items()
    }
    sizes = {"normal": 5, "abnormal": 5}
    first = draw(codes_by_stratum=POOL, sizes=sizes, seed=seed)
    again = draw(codes_by_stratum=turned, sizes=sizes, seed=seed)
    assert first == again


def test_another_seed_draws_other_cases():
    sizes = {"normal": 10, "abnormal": 7}
    draws = {
        tuple(draw(codes_by_stratum=POOL, sizes=sizes, seed=seed)) for seed in range(20)
    }
    assert len(draws) > 15


def test_asking_for_more_than_there_is_says_how_many_there_are():
    with pytest.raises(TooFew, match="15"):
        draw(codes_by_stratum=POOL, sizes={"abnormal": 16}, seed=1)


def test_a_stratum_that_the_collection_lacks_is_not_passed_over_in_silence():
    with pytest.raises(TooFew, match="only 0 can be drawn"):
        draw(codes_by_stratum=POOL, sizes={"normal": 2, "unknown": 1}, seed=1)


def asked(study, **changes):
    words = {"collection": "phantoms", "normal": "2", "abnormal": "1", "seed": "5"}
    return cora().client.post(
        reverse("cases:of_study", args=[study.code]),
        words | {"unknown": "0"} | changes,
        follow=True,
    )


@pytest.mark.django_db
def test_the_page_draws_and_shows_the_sample(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study()
    asked(study)
    first = [case.code for case in Case.objects.of_study(study)]
    assert len(first) == 3
    asked(study)
    assert [case.code for case in Case.objects.of_study(study)] == first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"normal": "50"}, b"3"),
        ({"normal": "0", "abnormal": "0"}, b"one case at least"),
        ({"collection": "nowhere"}, b"Select a valid choice"),
        ({"normal": "-1"}, b"greater than or equal to 0"),
    ],
)
def test_a_draw_that_cannot_be_made_keeps_the_one_before(
    changes, sentence, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study()
    before = set(Case.objects.of_study(study))
    answer = asked(study, **changes)
    assert b"message-error" in answer.content
    assert sentence in answer.content
    assert b'name="seed" value="5"' in answer.content
    assert set(Case.objects.of_study(study)) == before
