"""The plain grade form; the services decide."""

from django import forms

from readerstudy.grading.models import LETTERS


class GradeForm(forms.Form):
    letter = forms.ChoiceField(choices=LETTERS, label="Grade")
    comment = forms.CharField(required=False)
    idempotency_key = forms.CharField(max_length=64)
