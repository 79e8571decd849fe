"""What a comparison is asked for."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from readerstudy.analysis.findings.comparing import Asked
from readerstudy.analysis.wording import counted
from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import LabelSet

COUNTED_ON = (
    ("reference_definite", "the definite labels of the reference"),
    ("joint_definite", "the pairs that are scored"),
)
# The paper's presets first; the limits stand in the preset's own words beside them.
PRESETS = (
    ("report_to_report_mimic", "Report to report, limits of Table 2"),
    ("report_to_report_indiana", "Report to report, limits of Table 4"),
    ("labels_to_image", "Label prompt against image labels, Table 3"),
    ("readers_to_image", "Human readers against a reference"),
    ("f1chexbert", "F1CheXbert's convention"),
)
POLICIES = (
    ("", "As the preset has it"),
    ("definite_joint", "Definite on both sides (the paper)"),
    ("uncertain_as_positive", "Uncertain is present, not mentioned is absent"),
    ("uncertain_as_negative", "Uncertain and not mentioned are absent"),
    ("blank_as_negative", "Not mentioned is absent, uncertain left out"),
    ("uncertain_as_positive_without_blank", "Uncertain is present, blank left out"),
    ("uncertain_as_negative_without_blank", "Uncertain is absent, blank left out"),
)


class CompareForm(forms.Form):
    """Label sets and rules; what is left empty is as the preset has it."""

    preset = forms.ChoiceField(
        label="What is compared",
        choices=PRESETS,
        help_text="It sets the rules below unless you choose otherwise.",
    )
    reference = forms.TypedChoiceField(
        coerce=int,
        label="Reference",
        error_messages={"required": "Choose what is taken for the truth."},
    )
    predicted = forms.TypedMultipleChoiceField(
        coerce=int,
        label="Compared with it",
        widget=forms.CheckboxSelectMultiple,
    )
    policy = forms.ChoiceField(
        required=False, choices=POLICIES, label="Uncertain and not mentioned"
    )
    minimum_share = forms.FloatField(
        required=False,
        min_value=0,
        max_value=50,
        label="Leave out below, % of the smaller class",
    )
    minimum_count = forms.IntegerField(
        required=False, min_value=0, label="Leave out below, studies"
    )
    counted_on = forms.ChoiceField(
        required=False,
        choices=(("", "As the preset has it"), *COUNTED_ON),
        label="Limits are counted on",
    )
    draws = forms.IntegerField(
        initial=1000, min_value=100, max_value=10_000, label="Bootstrap draws"
    )
    seed = forms.IntegerField(initial=0, min_value=0, max_value=2**32 - 1)
    texts = forms.BooleanField(
        required=False,
        initial=True,
        label="Measure the texts too (BLEU, ROUGE-L, length)",
    )

    def __init__(self, collection: Collection, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sets = LabelSet.objects.of_collection(collection)
        self.offered = [(str(each.pk), _offered(each)) for each in sets]
        choices = {
            "reference": [("", "Choose a label set"), *self.offered],
            "predicted": self.offered,
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered

    def rules(self) -> list[Any]:
        """The fields that a preset fills in."""
        names = ("policy", "minimum_share", "minimum_count", "counted_on")
        return [self[name] for name in (*names, "draws", "seed")]

    def asked(self) -> Asked:
        """What a valid form asks for; where it says nothing, as the preset has it."""
        from readerstudy.analysis.statistics.findings import PRESETS as SETTINGS

        given, own = self.cleaned_data, SETTINGS[self.cleaned_data["preset"]].settings
        share, count = given["minimum_share"], given["minimum_count"]
        return Asked(
            preset=given["preset"],
            reference=given["reference"],
            predicted=tuple(sorted(given["predicted"])),
            policy=given["policy"] or own.policy,
            minimum_share=own.minimum_share if share is None else share / 100,
            minimum_count=own.minimum_count if count is None else count,
            counted_on=given["counted_on"] or own.counted_on,
            draws=given["draws"],
            permutations=own.permutations,
            seed=given["seed"],
            texts=given["texts"],
        )


def _offered(label_set: LabelSet) -> str:
    """A label set in a list to choose from."""
    number = counted(label_set.labelled, "case")
    about = label_set.about[:1].lower() + label_set.about[1:]
    return f"{label_set.name} ({about}, by {label_set.labeler}, {number})"


def limits_in_words(asked: Mapping[str, Any]) -> str:
    """What the smaller class of a finding must have to enter the averages."""
    share, count = asked["minimum_share"], asked["minimum_count"]
    parts = [f"{100 * share:g}%"] if share else []
    if count:
        parts.append(counted(count, "study") if count == 1 else f"{count} studies")
    return f"at least {' and '.join(parts)}" if parts else "none"
