from django.urls import path

from readerstudy.studies.tokens import views

app_name = "accounts"

urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<str:mark>/revoke/", views.revoke, name="revoke_token"),
]
