from django.urls import path

from readerstudy.export import views

app_name = "export"

urlpatterns = [
    path("studies/<slug:code>/export/", views.page, name="page"),
    path("studies/<slug:code>/export/bundle.zip", views.bundle, name="bundle"),
    path("studies/<slug:code>/export/<str:name>", views.single_file, name="file"),
]
