from django.urls import path

from readerstudy.analysis.disagreements import views

urlpatterns = [
    path("", views.listed, name="disagreements"),
    path("<int:case_id>/", views.case, name="disagreement"),
    path("<int:case_id>/radiograph.png", views.radiograph, name="radiograph"),
]
