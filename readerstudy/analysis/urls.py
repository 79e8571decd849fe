from django.urls import include, path

from readerstudy.analysis import views
from readerstudy.analysis.metrics import views as metrics
from readerstudy.analysis.planning import views as planning

app_name = "analysis"

_runs = "studies/<slug:code>/results/runs/"
_excluded = "studies/<slug:code>/results/exclusions/"

urlpatterns = [
    path("studies/<slug:code>/planning/", planning.planning, name="planning"),
    path(
        "studies/<slug:code>/planning/design/",
        planning.design_power,
        name="design_power",
    ),
    path("studies/<slug:code>/planning/remove/", planning.remove, name="forget_plan"),
    path("studies/<slug:code>/results/", views.results, name="results"),
    path("studies/<slug:code>/results/compute/", views.compute, name="compute"),
    path("studies/<slug:code>/results/computing/", views.computing, name="computing"),
    path(_runs, views.runs, name="runs"),
    path(f"{_runs}<int:run_id>/<slug:slug>/", views.run_section, name="run_section"),
    path(
        f"{_runs}<int:run_id>/figures/<slug:name>.<slug:kind>",
        views.figure,
        name="figure",
    ),
    path(_excluded, views.exclusions, name="exclusions"),
    path(f"{_excluded}<int:exclusion_id>/lift/", views.lift, name="lift"),
    path(
        "studies/<slug:code>/results/disagreements/",
        include("readerstudy.analysis.disagreements.urls"),
    ),
    path("studies/<slug:code>/results/metrics/", metrics.metrics, name="metrics"),
    path(
        "studies/<slug:code>/results/metrics/metrics.csv",
        metrics.metrics_csv,
        name="metrics_csv",
    ),
    path("cases/findings/", include("readerstudy.analysis.findings.urls")),
    # Last: any other word is the name of a page.
    path("studies/<slug:code>/results/<slug:slug>/", views.section, name="section"),
]
