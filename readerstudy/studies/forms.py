"""Forms only parse; the services and the database decide."""

from django import forms

from readerstudy.accounts.models import User
from readerstudy.studies.models import Membership, Study


class NewStudyForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Study
        fields = ["title", "code"]
        help_texts = {
            "code": "Short name for addresses and files: letters, digits and hyphens.",
        }


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Study
        fields = [
            "title",
            "instructions",
            "seed",
            "minimum_pair_distance",
            "redaction",
            "show_indication",
            "margin_points",
        ]
        labels = {
            "instructions": "Instructions to readers",
            "seed": "Seed of the allocation",
            "minimum_pair_distance": "Reads between two reports of one radiograph",
            "redaction": "Removed words (XXXX) are shown",
            "show_indication": "Show the indication beside the report",
            "margin_points": "Non-inferiority margin",
        }
        help_texts = {
            "seed": "The same seed deals the same reading lists.",
            "minimum_pair_distance": "At the least.",
            "margin_points": "In percentage points. Leave empty for none.",
        }
        widgets = {"instructions": forms.Textarea(attrs={"rows": 5})}


class ArmForm(forms.Form):
    label = forms.CharField(max_length=80, help_text="As it stands in the results.")
    source = forms.SlugField(
        max_length=80,
        label="Report source",
        help_text="ground_truth, cxr_llava, or the name of an import.",
    )
    is_reference = forms.BooleanField(required=False, label="Reference arm")


class MemberForm(forms.Form):
    user = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("username"),
        to_field_name="username",
        label="Person",
        empty_label="Choose a person",
    )
    role = forms.ChoiceField(
        choices=[
            (Membership.Role.READER, "Reader"),
            (Membership.Role.ANALYST, "Analyst"),
            (Membership.Role.COORDINATOR, "Coordinator"),
        ]
    )


class AmendmentForm(forms.Form):
    field = forms.ChoiceField(
        choices=[("title", "Title"), ("instructions", "Instructions to readers")],
        label="What is changed",
    )
    value = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), required=False, label="New text"
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))
