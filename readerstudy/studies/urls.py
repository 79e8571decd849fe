from django.urls import path

from readerstudy.studies import views
from readerstudy.studies.people import views as people

app_name = "studies"

urlpatterns = [
    path("studies/<slug:code>/", views.overview, name="overview"),
    path("studies/<slug:code>/setup/", views.setup, name="setup"),
    path("studies/<slug:code>/reading/", views.reading, name="reading"),
    path("studies/<slug:code>/plan/", views.plan, name="plan"),
    path("studies/<slug:code>/arms/", views.add_arm, name="add_arm"),
    path(
        "studies/<slug:code>/arms/<int:arm_id>/remove/",
        views.remove_arm,
        name="remove_arm",
    ),
    path("studies/<slug:code>/members/", people.add_member, name="add_member"),
    path(
        "studies/<slug:code>/members/<int:membership_id>/remove/",
        people.remove_member,
        name="remove_member",
    ),
    path("studies/<slug:code>/amend/", views.amend, name="amend"),
]
