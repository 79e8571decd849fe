from django.urls import path

from readerstudy.cases.pacs import views

app_name = "pacs"

urlpatterns = [path("", views.find, name="find")]
