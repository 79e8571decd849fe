"""The question's form; the services decide."""

from django import forms

from inference.panel import KINDS
from readerstudy.reports.console.models import Turn


class QuestionForm(forms.Form):
    """A suggested question, by its kind, or one of the coordinator's own."""

    kind = forms.ChoiceField(choices=Turn.Kind)
    question = forms.CharField(required=False, label="Your question")


class PanelForm(forms.Form):
    """As what a conversation is exported."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in (*KINDS, "json")])
    with_truth = forms.BooleanField(required=False)
