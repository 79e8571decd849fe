from django.urls import path

from readerstudy.grading.calendar import views

app_name = "calendar"

urlpatterns = [
    path("calendar/", views.page, name="page"),
    path("calendar/revoke/", views.revoke, name="revoke"),
    path("calendar/sessions.ics", views.download, name="download"),
    path("calendar/<str:key>.ics", views.feed, name="feed"),
]
