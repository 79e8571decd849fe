from django.urls import include, path

from readerstudy.reports import views

app_name = "reports"

urlpatterns = [
    path("cases/labels/", include("readerstudy.reports.labels.urls")),
    path("cases/review/", include("readerstudy.reports.review.urls")),
    path("studies/<slug:code>/reports/", views.of_study, name="of_study"),
    path("studies/<slug:code>/reports/progress/", views.progress, name="progress"),
    path("studies/<slug:code>/reports/write/", views.write, name="write"),
    path("studies/<slug:code>/reports/retry/", views.retry, name="retry"),
    path("studies/<slug:code>/reports/pause/", views.pause, name="pause"),
    path("studies/<slug:code>/reports/resume/", views.resume, name="resume"),
    path("studies/<slug:code>/reports/cancel/", views.cancel, name="cancel"),
    path("studies/<slug:code>/reports/outputs/", views.outputs, name="outputs"),
    path("", include("readerstudy.reports.sources.urls")),
    path("reports/tables/", include("readerstudy.reports.tables.urls")),
    path("studies/<slug:code>/console/", include("readerstudy.reports.console.urls")),
    path(
        "studies/<slug:code>/reports/self-tests/", views.self_tests, name="self_tests"
    ),
    path(
        "studies/<slug:code>/reports/<int:arm_id>/self-test/",
        views.self_test,
        name="self_test",
    ),
    path(
        "studies/<slug:code>/reports/<int:arm_id>/overrule/",
        views.overrule,
        name="overrule",
    ),
]
