from django.urls import path

from readerstudy.presentation.set_up import views

app_name = "set_up"

urlpatterns = [path("studies/new/", views.new, name="new")]
