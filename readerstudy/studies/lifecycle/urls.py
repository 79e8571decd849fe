from django.urls import path

from readerstudy.studies.lifecycle import views

app_name = "lifecycle"

urlpatterns = [
    path("studies/<slug:code>/open/", views.open_for_reading, name="open"),
    path("studies/<slug:code>/pause/", views.pause, name="pause"),
    path("studies/<slug:code>/resume/", views.resume, name="resume"),
    path("studies/<slug:code>/archive/", views.archive, name="archive"),
    path("studies/<slug:code>/unblind/", views.unblind, name="unblind"),
    path("studies/<slug:code>/unblind/confirm/", views.confirm, name="confirm_unblind"),
]
