"""What the stage of cases does when the site starts."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "readerstudy.cases"

    def ready(self) -> None:
        """Say how radiographs are taken in that come without reports."""
        from readerstudy.cases.intake import layouts, radiographs

        layouts.register("radiographs", radiographs.LAYOUT)
