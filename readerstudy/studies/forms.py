"""Forms only parse; the services and the database decide."""

from django import forms

from readerstudy.accounts.models import User
from readerstudy.studies.analysis_plan import ANALYSES
from readerstudy.studies.instruments import INSTRUMENTS
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.reading_rules import RULES
from readerstudy.studies.services import AMENDABLE


class NewStudyForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Study
        fields = ["title", "code"]
        help_texts = {
            "title": "Readers see it. Do not name the report sources in it.",
            "code": (
                "A short name for addresses and files, such as chest-2026. It stays."
            ),
        }
        error_messages = {
            "code": {
                "invalid": "Use letters, digits and hyphens only.",
                "unique": "This code is taken by another study; choose another one.",
            }
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
            "ends_on",
            "reminder_days",
        ]
        labels = {
            "ends_on": "Planned end of reading",
            "reminder_days": "Remind readers after so many days",
            "instructions": "Instructions to readers",
            "seed": "Seed of the allocation",
            "minimum_pair_distance": "Reads between two reports of one radiograph",
            "redaction": "Words removed for privacy are shown",
            "show_indication": "Show the indication above the report",
            "margin_points": "Non-inferiority margin",
        }
        help_texts = {
            "ends_on": "Readers and reminders name it; nothing happens by itself then.",
            "reminder_days": (
                "By e-mail, where a reader with reports left has not read for so long. "
                "Empty: only when a coordinator sends one."
            ),
            "instructions": (
                "Readers see them before they begin, under what the site itself says."
            ),
            "seed": "The same seed deals the same reading lists.",
            "minimum_pair_distance": (
                "At the least, and no more than there are cases. It keeps a reader "
                "from comparing the two."
            ),
            "margin_points": (
                "In percentage points. Leave it empty unless the study is to show "
                "that one arm is not worse."
            ),
        }
        widgets = {
            "instructions": forms.Textarea(attrs={"rows": 5}),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }


class ReadingRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Every rule of reading; the instruments as boxes to tick."""

    instruments = forms.MultipleChoiceField(
        choices=[(name, each.title) for name, each in INSTRUMENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Asked beside the grade",
        help_text="The grade A to D is always asked.",
    )

    class Meta:
        model = Study
        fields = RULES
        labels = {
            "presentation": "Reports are shown",
            "amending": "Grades may be changed",
            "undo_seconds": "Seconds in which a grade can be taken back",
            "session_reads": "Reports per session",
            "washout_days": "Wash-out in days",
            "idle_seconds": "Seconds without input until the image is blanked",
            "break_minutes": "Minutes until a break is proposed",
            "guess_sample": "Sources guessed after a session",
            "display_check": "Readers check their display",
            "consent": "Consent of readers",
            "show_other_images": "Show the other radiographs of a case",
            "allow_small_screens": "Telephones are allowed",
        }
        help_texts = {
            "display_check": (
                "Before each session, after twelve hours, and on another screen."
            ),
            "consent": (
                "Readers agree to it, and to the instructions, before the first "
                "report, and again when either is amended. Empty: nothing is asked."
            ),
            "show_other_images": "Laterals and priors, beside the one that is read.",
            "allow_small_screens": (
                "Else a small screen says that it is no reading display."
            ),
        }
        widgets = {"consent": forms.Textarea(attrs={"rows": 6})}


class AnalysisPlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is analysed: two choices, and the further analyses as boxes to tick."""

    planned_analyses = forms.MultipleChoiceField(
        choices=list(ANALYSES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Further analyses planned",
    )

    class Meta:
        model = Study
        fields = ["primary_outcome", "reader_inference", "alpha", "planned_analyses"]
        labels = {
            "primary_outcome": "Primary outcome",
            "reader_inference": "Inference about readers",
            "alpha": "Level of significance, alpha",
        }
        help_texts = {
            "reader_inference": (
                "Whom the main answer speaks of. With both, the larger p value and "
                "the wider interval count."
            ),
            "alpha": (
                "Two-sided, usually 0.05. The interval of the main answer is that at 1 "
                "minus alpha, and non-inferiority is judged by it."
            ),
        }
        widgets = {
            "primary_outcome": forms.RadioSelect,
            "reader_inference": forms.RadioSelect,
        }


class ArmForm(forms.Form):
    label = forms.CharField(
        max_length=80, help_text="As it stands in the results; readers never see it."
    )
    source = forms.SlugField(
        max_length=80,
        label="Report source",
        help_text="ground_truth, cxr_llava, or the name of an import.",
    )
    is_reference = forms.BooleanField(
        required=False,
        label="This arm is the reference",
        help_text="Differences are given as arm minus reference.",
    )


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
        ],
        help_text=(
            "Readers grade and never see results; analysts see results once the "
            "study is closed; coordinators run the study."
        ),
    )


class AmendmentForm(forms.Form):
    field = forms.ChoiceField(
        choices=list(AMENDABLE.items()),
        label="What is changed",
    )
    value = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        label="As it is from now on",
        help_text="The whole text; a date as 2026-12-31; empty for none.",
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in every export."
    )


class ConfirmationForm(forms.Form):
    """A tick for what cannot be undone."""

    is_sure = forms.BooleanField(
        label="I am sure",
        error_messages={
            "required": "tick this box first, for it can't be undone. Nothing was done."
        },
    )
