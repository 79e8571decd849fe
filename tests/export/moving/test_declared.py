"""Every field of every model is declared: copied or not, moved or not."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from readerstudy.export.moving.declared import DECLARED
from readerstudy.export.moving.declared.rules import Copy, Declared, Move, group, model
from readerstudy.export.moving.lines import column
from readerstudy.studies.models import Study

STAGES = (
    "studies",
    "cases",
    "reports",
    "presentation",
    "grading",
    "analysis",
    "export",
)


def ours() -> list[type[models.Model]]:
    """Every model of the product with a table."""
    return [
        model
        for model in apps.get_models(include_auto_created=False)
        if model.__module__.startswith("readerstudy.")
    ]


def columns(model: type[models.Model]) -> set[str]:
    """What a row of a model holds, inherited fields and many-to-many ones included."""
    return {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}


def hanging_on_a_study() -> Iterator[type[models.Model]]:
    """The models from which references lead to a study, over however many others."""
    found: set[type[models.Model]] = {Study}
    grown = True
    while grown:
        more = {
            model
            for model in ours()
            if any(field.related_model in found for field in model._meta.fields)
        }
        grown = not more <= found
        found |= more
    return iter(found)


def undeclared(model: type[models.Model]) -> set[str]:
    """Fields of a model of which nothing is said, or of which it has none."""
    known = DECLARED.get(model._meta.label)
    return columns(model) ^ set(known.fields if known else ())


def test_every_field_of_every_model_is_declared():
    open_ones = {model._meta.label: undeclared(model) for model in ours()}
    assert {label: names for label, names in open_ones.items() if names} == {}


def test_nothing_is_declared_that_is_no_model():
    assert set(DECLARED) - {model._meta.label for model in ours()} == set()


def test_all_that_hangs_on_a_study_is_looked_at():
    hanging = {model._meta.label for model in hanging_on_a_study()}
    assert {"studies.Arm", "grading.ErrorMark", "reports.Turn"} < hanging
    assert hanging < set(DECLARED)


def test_a_new_field_is_missed():
    class Newcomer(models.Model):
        study = models.ForeignKey(Study, on_delete=models.CASCADE)

        class Meta:
            app_label = "left_out"
            managed = False

    try:
        assert undeclared(Newcomer) == {"id", "study"}
    finally:
        del apps.all_models["left_out"]
        apps.clear_cache()


def test_every_rule_says_why():
    reasons = {
        f"{label}.{name}": rule.why
        for label, declared in DECLARED.items()
        for name, rule in declared.fields.items()
    }
    assert {name for name, why in reasons.items() if not why.endswith(".")} == set()


def test_a_key_is_made_of_what_moves():
    def strays(declared: Declared) -> set[str]:
        return set(declared.key) - set(declared.moved())

    assert {label for label, each in DECLARED.items() if strays(each)} == set()


def test_every_stage_is_there():
    assert set(STAGES) <= {label.split(".")[0] for label in DECLARED}


def test_no_field_is_declared_twice():
    rules = [group("code", Copy.COPIED, Move.MOVED, "Its name.") for _ in range(2)]
    with pytest.raises(ValueError, match=r"studies\.Study\.code is declared twice"):
        model("studies.Study", *rules)


def test_what_only_refers_to_a_study_is_no_column_of_it():
    assert column(Study, "code").name == "code"
    with pytest.raises(TypeError, match=r"studies\.Study\.membership is no column"):
        column(Study, "membership")
