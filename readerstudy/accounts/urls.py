from django.contrib.auth import views
from django.urls import path

from readerstudy.accounts.forms import SignInForm

urlpatterns = [
    path(
        "sign-in/",
        views.LoginView.as_view(
            authentication_form=SignInForm, redirect_authenticated_user=True
        ),
        name="sign_in",
    ),
    path("sign-out/", views.LogoutView.as_view(), name="sign_out"),
]
