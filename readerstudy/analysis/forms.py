"""What is left out of the analysis, as typed: codes become rows of the study."""

from typing import Any

from django import forms

from readerstudy.cases.models import Case
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Arm, Membership, Study

_NOT_HERE = "The study has no such case. Give its code, such as CXR12."


class ExclusionForm(forms.Form):
    """A reader, a case, or one reader's grade of one arm's report on a case."""

    reader = forms.ModelChoiceField(
        Membership.objects.none(),
        required=False,
        empty_label="any reader",
        help_text="Alone: everything this reader graded.",
    )
    case = forms.CharField(
        required=False,
        max_length=120,
        help_text="The code of a case. Alone: all grades of it.",
    )
    arm = forms.ModelChoiceField(
        Arm.objects.none(),
        required=False,
        empty_label="any arm",
        help_text="With a reader and a case: that single read.",
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="It stands in the exports, word for word.",
    )

    def __init__(self, data: Any, *, study: Study, **more: Any) -> None:
        super().__init__(data, **more)
        self.study = study
        readers = self.fields["reader"]
        arms = self.fields["arm"]
        readers.queryset = study.membership_set.readers()  # type: ignore[attr-defined]
        arms.queryset = study.arm_set.all()  # type: ignore[attr-defined]
        readers.label_from_instance = _code_of  # type: ignore[attr-defined]
        arms.label_from_instance = _label_of  # type: ignore[attr-defined]

    def clean_case(self) -> Case | None:
        """The case of that code; a study draws from one collection."""
        code = self.cleaned_data["case"].strip()
        if not code:
            return None
        found = Case.objects.of_study(self.study).filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_NOT_HERE)
        return found

    def clean(self) -> dict[str, Any]:
        """What was named as the one thing that is left out."""
        named = super().clean() or {}
        reader, case, arm = (named.get(each) for each in ("reader", "case", "arm"))
        if self.errors:
            return named
        target: dict[str, Any] = {"reader": reader, "case": case}
        if arm is not None or (reader and case):
            target = {"slot": self._slot(reader, case, arm)}
        elif not (reader or case):
            raise forms.ValidationError("Name a reader, a case or a read.")
        return target | {"reason": named["reason"]}

    def _slot(
        self, reader: Membership | None, case: Case | None, arm: Arm | None
    ) -> Slot:
        if not (reader and case and arm):
            raise forms.ValidationError(
                "A single read needs all three: reader, case and arm. For more than "
                "that give the reader alone or the case alone."
            )
        of_reader = Slot.objects.of_reader(reader).first_readings()
        found = of_reader.filter(presented__case=case, presented__arm=arm).first()
        if found is None:
            raise forms.ValidationError("This reader was not given that report.")
        return found


class LiftForm(forms.Form):
    """Why something counts again."""

    reason = forms.CharField(max_length=2000)


def _code_of(reader: Membership) -> str:
    return reader.reader_code


def _label_of(arm: Arm) -> str:
    return arm.label
