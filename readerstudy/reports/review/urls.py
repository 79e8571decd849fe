from django.urls import path

from readerstudy.reports.review import views

app_name = "review"

urlpatterns = [
    path("texts/<path:name>/", views.texts, name="texts"),
    path("looked-at/<path:name>/", views.looked_at, name="looked_at"),
    path("sign-off/<path:name>/", views.sign_off, name="sign_off"),
]
