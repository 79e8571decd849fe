from django.urls import path

from readerstudy.cases import views

app_name = "cases"

urlpatterns = [
    path("cases/", views.collections, name="collections"),
    path("studies/<slug:code>/cases/", views.of_study, name="of_study"),
]
