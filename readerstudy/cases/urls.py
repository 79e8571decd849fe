from django.urls import include, path

from readerstudy.cases import views
from readerstudy.cases.case_sets import views as case_sets
from readerstudy.cases.desk import views as desk

app_name = "cases"

urlpatterns = [
    path("cases/", views.collections, name="collections"),
    path(
        "cases/deidentification/",
        include("readerstudy.cases.deidentification.urls"),
    ),
    path("cases/in/<path:name>/", desk.collection, name="collection"),
    path("cases/deliveries/", include("readerstudy.cases.intake.urls")),
    path("cases/pacs/", include("readerstudy.cases.pacs.urls")),
    path("cases/images/<int:image_id>.png", views.image, name="image"),
    path("cases/images/<int:image_id>/override/", views.override, name="override"),
    path("cases/bulk/<int:change_id>/undo/", desk.undo, name="undo"),
    path("cases/bulk/in/<path:name>/", desk.bulk, name="bulk"),
    path("cases/look/in/<path:name>/", desk.look, name="look"),
    path("cases/duplicates/in/<path:name>/", desk.duplicates, name="duplicates"),
    path("cases/different/in/<path:name>/", desk.tell_apart, name="tell_apart"),
    path("cases/<int:case_id>/set-aside/", desk.set_aside, name="set_aside"),
    path("cases/<int:case_id>/take-back/", desk.take_back, name="take_back"),
    path("studies/<slug:code>/cases/", case_sets.of_study, name="of_study"),
    path("studies/<slug:code>/cases/exclude/", case_sets.exclude, name="exclude"),
    path(
        "studies/<slug:code>/cases/exclusions/<int:exclusion_id>/lift/",
        case_sets.lift,
        name="lift_exclusion",
    ),
    path(
        "studies/<slug:code>/cases/images/<int:image_id>.png",
        case_sets.image,
        name="drawn_image",
    ),
]
