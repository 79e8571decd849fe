from django.urls import include, path

from readerstudy.cases import views

app_name = "cases"

urlpatterns = [
    path("cases/", views.collections, name="collections"),
    path(
        "cases/deidentification/",
        include("readerstudy.cases.deidentification.urls"),
    ),
    path("cases/in/<path:name>/", views.collection, name="collection"),
    path("cases/images/<int:image_id>.png", views.image, name="image"),
    path("cases/images/<int:image_id>/override/", views.override, name="override"),
    path("studies/<slug:code>/cases/", views.of_study, name="of_study"),
]
