"""What the stage of reports does when the site starts."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "readerstudy.reports"

    def ready(self) -> None:
        """Say how deliveries are taken in that bring reports along."""
        from readerstudy.cases.intake import layouts
        from readerstudy.reports.deliveries import mimic, openi

        layouts.register("openi", openi.LAYOUT)
        layouts.register("mimic", mimic.LAYOUT)
