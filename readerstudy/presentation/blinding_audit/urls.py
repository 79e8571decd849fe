from django.urls import path

from readerstudy.presentation.blinding_audit import views

app_name = "blinding"

urlpatterns = [
    path("", views.page, name="page"),
    path("run/", views.run, name="run"),
    path("layout/", views.layout, name="layout"),
    path("<int:audit_id>/", views.result, name="result"),
]
