from django.urls import path

from readerstudy.cases.pacs import views

app_name = "pacs"

urlpatterns = [path("cases/pacs/", views.find, name="find")]
