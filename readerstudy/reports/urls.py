from django.urls import include, path

from readerstudy.reports import views

app_name = "reports"

urlpatterns = [
    path("studies/<slug:code>/reports/", views.of_study, name="of_study"),
    path("studies/<slug:code>/reports/progress/", views.progress, name="progress"),
    path("studies/<slug:code>/reports/write/", views.write, name="write"),
    path("studies/<slug:code>/reports/retry/", views.retry, name="retry"),
    path("studies/<slug:code>/console/", include("readerstudy.reports.console.urls")),
]
