"""Forms of the review and the sign-off."""

from django import forms

from readerstudy.reports.review.patterns import Kind


class LookedAtForm(forms.Form):
    """One kind of finding of one source; the digest is of what was shown."""

    source = forms.CharField(max_length=80)
    kind = forms.ChoiceField(choices=[(kind.value, kind.title) for kind in Kind])
    digest = forms.CharField(max_length=64)


class SignOffForm(forms.Form):
    statement = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        label="What you state",
        help_text="Change the words where they do not fit what you did.",
    )
    without_scan = forms.CharField(
        required=False,
        max_length=500,
        label="Why no search for burned-in text was needed",
        help_text="Leave it empty where all images were searched and looked at. What "
        "you write stands in the record.",
    )
    is_sure = forms.BooleanField(label="I state this, and my name stands under it.")
