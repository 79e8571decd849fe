from django.urls import path

from readerstudy.grading import views

app_name = "grading"

urlpatterns = [
    path("read/<slug:code>/", views.start, name="start"),
    path("read/<slug:code>/next/", views.next_report, name="next"),
    path("read/report/<str:public_id>/", views.read, name="read"),
    path("studies/<slug:code>/progress/", views.progress, name="progress"),
]
