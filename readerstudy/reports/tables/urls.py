from django.urls import path

from readerstudy.reports.tables import views

app_name = "tables"

urlpatterns = [
    path("", views.tables, name="tables"),
    path("<slug:token>/", views.file, name="file"),
    path("<slug:token>/columns/", views.columns, name="columns"),
    path("<slug:token>/columns/matched/", views.matched, name="matched"),
    path("<slug:token>/check/", views.check, name="check"),
    path("<slug:token>/check/bad-rows.csv", views.bad_rows, name="bad_rows"),
    path("<slug:token>/drop/", views.drop, name="drop"),
    path("<slug:token>/stored/", views.stored, name="stored"),
]
