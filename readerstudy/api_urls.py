"""Everything under /api/v1/; the OpenAPI document is made from these."""

from django.urls import path

from readerstudy.analysis import api as analysis
from readerstudy.export import api as export
from readerstudy.grading import api as grading
from readerstudy.presentation import api as presentation
from readerstudy.studies import api as studies

app_name = "api"
_IMAGE = "slots/<str:public_id>/images/<int:number>"

urlpatterns = [
    path("studies/", studies.studies, name="studies"),
    path("studies/<slug:code>/results/", analysis.results, name="results"),
    path("studies/<slug:code>/tables/", export.tables, name="tables"),
    path("studies/<slug:code>/tables/<str:file>", export.table, name="table"),
    path(
        "studies/<slug:code>/practice/<int:number>/image/",
        presentation.practice_image,
        name="practice_image",
    ),
    path(
        "studies/<slug:code>/practice/<int:number>/preview/",
        presentation.practice_preview,
        name="practice_preview",
    ),
    path(
        "studies/<slug:code>/practice/<int:number>/frame/",
        presentation.practice_frame,
        name="practice_frame",
    ),
    path("slots/<str:public_id>/open/", grading.opened, name="open"),
    path("slots/<str:public_id>/undo/", grading.undo, name="undo"),
    path(f"{_IMAGE}/", presentation.image, name="image"),
    path(f"{_IMAGE}/preview/", presentation.preview, name="preview"),
    path(f"{_IMAGE}/frame/", presentation.frame, name="frame"),
    path("slots/<str:public_id>/draft/", grading.draft, name="draft"),
    path("slots/<str:public_id>/grade/", grading.grade, name="grade"),
]
