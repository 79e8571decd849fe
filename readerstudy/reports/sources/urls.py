from django.urls import path

from readerstudy.reports.sources import views

app_name = "sources"

urlpatterns = [
    path("reports/sources/", views.sources, name="sources"),
    path("reports/sources/<slug:name>/", views.source, name="source"),
    path("reports/sources/add/<slug:kind>/", views.add, name="add"),
    path("reports/sending/<path:name>/", views.sending_away, name="sending"),
    path("studies/<slug:code>/reports/sources/", views.of_study, name="of_study"),
    path(
        "studies/<slug:code>/reports/<int:report_id>/written/",
        views.report,
        name="report",
    ),
]
