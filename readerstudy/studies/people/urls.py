from django.urls import path

from readerstudy.studies.people import views

app_name = "people"

urlpatterns = [
    path("studies/<slug:code>/invitations/", views.invitations, name="invitations"),
    path(
        "studies/<slug:code>/invitations/<int:invitation_id>/take-back/",
        views.take_back,
        name="take_back",
    ),
    path("studies/<slug:code>/withdraw/", views.withdraw, name="withdraw"),
    path("invitation/<str:key>/", views.accept, name="accept"),
]
