from django.urls import include, path

from readerstudy.presentation import views
from readerstudy.presentation.designing import views as design

app_name = "presentation"

urlpatterns = [
    path("studies/<slug:code>/freeze/", views.freeze, name="freeze"),
    path("studies/<slug:code>/design/", design.design, name="design"),
    path(
        "studies/<slug:code>/design/estimates/",
        design.estimates,
        name="design_estimates",
    ),
    path("studies/<slug:code>/thaw/", views.thaw, name="thaw"),
    path("studies/<slug:code>/practice/", views.practice, name="practice"),
    path(
        "studies/<slug:code>/practice/<int:number>/remove/",
        views.remove_practice,
        name="remove_practice",
    ),
    path(
        "studies/<slug:code>/blinding/",
        include("readerstudy.presentation.blinding_audit.urls"),
    ),
    path("studies/<slug:code>/protocol.json", views.protocol, name="protocol"),
    path("studies/<slug:code>/amendments.json", views.amendments, name="amendments"),
    path("read/report/<str:public_id>/window/", views.window, name="window"),
]
