from django.urls import path

from readerstudy.presentation import views

app_name = "presentation"

urlpatterns = [
    path("studies/<slug:code>/freeze/", views.freeze, name="freeze"),
    path("studies/<slug:code>/thaw/", views.thaw, name="thaw"),
    path("studies/<slug:code>/practice/", views.practice, name="practice"),
    path(
        "studies/<slug:code>/practice/<int:number>/remove/",
        views.remove_practice,
        name="remove_practice",
    ),
    path("studies/<slug:code>/protocol.json", views.protocol, name="protocol"),
    path("read/report/<str:public_id>/window/", views.window, name="window"),
]
