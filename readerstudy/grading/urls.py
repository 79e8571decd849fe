from django.urls import path

from readerstudy.grading import views

app_name = "grading"

urlpatterns = [
    path("read/<slug:code>/", views.start, name="start"),
    path("read/<slug:code>/next/", views.next_report, name="next"),
    path("read/<slug:code>/graded/", views.graded, name="graded"),
    path("read/report/<str:public_id>/", views.read, name="read"),
    path("read/report/<str:public_id>/following/", views.following, name="following"),
    path("read/report/<str:public_id>/amend/", views.amend, name="amend"),
    path("studies/<slug:code>/progress/", views.progress, name="progress"),
]
