"""Forms of de-identification."""

from django import forms

from readerstudy.cases.deidentification.models import TextRegion
from readerstudy.cases.models import Collection


class DatesForm(forms.Form):
    dates = forms.ChoiceField(
        choices=Collection.Dates.choices,
        label="Dates of study and acquisition",
        help_text="Times are always dropped. The first file that comes in fixes this.",
    )


class RegionForm(forms.Form):
    """A rectangle in pixels of the image."""

    left = forms.IntegerField(min_value=0, label="From the left")
    top = forms.IntegerField(min_value=0, label="From the top")
    width = forms.IntegerField(min_value=1, label="Width")
    height = forms.IntegerField(min_value=1, label="Height")


class DecisionsForm(forms.Form):
    """A choice for each region of an image, and the frame that was shown."""

    frame_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: object, regions: list[TextRegion], **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for region in regions:
            self.fields[f"region-{region.pk}"] = forms.ChoiceField(
                choices=TextRegion.Decision.choices,
                required=False,
                initial=region.decision or region.proposed,
            )

    def decisions(self) -> dict[int, str]:
        """What was chosen, by the region's id."""
        return {
            int(name.removeprefix("region-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("region-")
        }
