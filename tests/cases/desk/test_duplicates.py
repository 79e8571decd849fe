"""A radiograph that comes twice is found, and a person says what it is."""

import numpy as np
import PIL.Image
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from inference.phantom.phantom import draw
from readerstudy.cases.desk.duplicates import groups_of
from readerstudy.cases.desk.looks import look_of, pairs_alike
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import Frame
from readerstudy.cases.models import Case, Collection, Image, SetAside
from readerstudy.cases.services import draw_cases, store_image
from readerstudy.studies import services as studies
from tests import worlds
from tests.people import cora

CODES = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")


@given(st.lists(CODES, max_size=30), st.integers(0, 256))
def test_every_pair_that_is_alike_is_found_once(codes, bits):
    expected = [
        (first, second, (int(codes[first], 16) ^ int(codes[second], 16)).bit_count())
        for first in range(len(codes))
        for second in range(first + 1, len(codes))
    ]
    found = pairs_alike(codes, bits)
    assert sorted(found) == [pair for pair in expected if pair[2] <= bits]


def differing(first, second):
    codes = [look_of(np.ascontiguousarray(greys)).code for greys in (first, second)]
    ((_, _, bits),) = pairs_alike(codes, 256)
    return bits


def a_chest(seed):
    pixels = draw(seed, size=512).pixels
    return (pixels // 256).astype(np.uint8)


def test_the_same_picture_smaller_brighter_or_noisier_is_alike():
    chest = a_chest(3)
    noise = np.random.default_rng(1).integers(-6, 7, chest.shape)
    smaller = np.asarray(PIL.Image.fromarray(chest).resize((300, 300)))
    brighter = np.clip(chest.astype(float) * 1.2 + 10, 0, 255).astype(np.uint8)
    noisy = np.clip(chest + noise, 0, 255).astype(np.uint8)
    for other in (smaller, brighter, noisy):
        assert differing(chest, other) <= 40


def test_an_empty_picture_has_no_look_and_a_negative_looks_inverted():
    assert look_of(np.full((64, 64), 9, dtype=np.uint8)).code == ""
    ramp = np.abs(np.linspace(-255, 255, 200))[None, :] * np.ones((200, 1))
    assert look_of(ramp.astype(np.uint8)).inverted
    assert not look_of((255 - ramp).astype(np.uint8)).inverted


@pytest.fixture
def made(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    return worlds.collection(cases=4)


def copy(collection, code, of, **options):
    original = Image.objects.get(case__collection__name="phantoms", case__code=of)
    case = Case.objects.create(collection=collection, code=code, stratum="normal")
    number = int(of.removeprefix("CXR"))
    case.image = store_image(
        case=case,
        name=f"{code}.png",
        frame=options.get("frame") or keep_frame(worlds.radiograph(number)),
        view="frontal",
        source_sha256=options.get("source") or original.source_sha256,
    )
    case.save()
    return case


def grouped(made):
    return [
        (group.why, sorted(image.case.code for image in group.images))
        for group in groups_of(made)
    ]


def test_copies_are_found_under_other_codes_and_in_other_collections(made):
    other = Collection.objects.create(name="elsewhere")
    copy(made, "TWICE", "CXR1", source="e" * 64)
    copy(other, "AGAIN", "CXR2")
    darker = worlds.radiograph(3).pixels // 2
    copy(made, "DARKER", "CXR3", frame=keep_frame(Frame(darker)), source="d" * 64)
    found = dict(grouped(made))
    assert found["the same pixels"] == ["CXR1", "TWICE"]
    assert found["the same file"] == ["AGAIN", "CXR2"]
    alike = [codes for why, codes in found.items() if "look alike" in why]
    assert alike == [["CXR3", "DARKER"]]
    assert grouped(other) == [("the same file", ["AGAIN", "CXR2"])]


def test_a_radiograph_twice_in_one_case_is_no_matter(made):
    case = Case.objects.get(code="CXR1")
    store_image(
        case=case,
        name="copy.png",
        frame=keep_frame(worlds.radiograph(1)),
        view="frontal",
        source_sha256="f" * 64,
    )
    assert grouped(made) == []


def page(name, *args, **form):
    return (
        cora()
        .client.post(reverse(f"cases:{name}", args=args), form, follow=True)
        .content.decode()
    )


def test_cora_sets_one_aside_and_no_study_draws_it(made):
    twice = copy(made, "TWICE", "CXR1", source="e" * 64)
    text = page("set_aside", twice.pk, reason="As CXR1.")
    assert "TWICE is set aside" in text and "decided" in text
    study = studies.create(coordinator=cora().user, code="chest", title="Chest")
    options = {"study": study, "actor": cora().user, "collection": made, "seed": 1}
    draw_cases(sizes={}, **options)
    assert "TWICE" not in [case.code for case in Case.objects.of_study(study)]
    assert "set aside already" in page("set_aside", twice.pk, reason="Again.")
    assert "can be drawn again" in page("take_back", twice.pk)
    assert not SetAside.objects.exists()
    assert "is not set aside" in page("take_back", twice.pk)


def test_cora_says_that_two_are_different_and_is_asked_no_more(made):
    copy(made, "TWICE", "CXR1", source="e" * 64)
    (group,) = groups_of(made)
    ids = [image.pk for image in group.images]
    assert "Noted" in page("tell_apart", made.name, image=ids)
    assert grouped(made) == []
    assert "Noted" in page("tell_apart", made.name, image=ids)


def test_one_alone_or_of_elsewhere_is_not_told_apart(made):
    other = worlds.collection("elsewhere", cases=2)
    ids = list(
        Image.objects.filter(case__collection=other).values_list("pk", flat=True)
    )
    assert "None of them" in page("tell_apart", made.name, image=ids)
    own = Image.objects.filter(case__collection=made).first()
    assert "Two radiographs" in page("tell_apart", made.name, image=[own.pk])
