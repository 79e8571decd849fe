from django.urls import path

from readerstudy.analysis import views

app_name = "analysis"

urlpatterns = [path("studies/<slug:code>/results/", views.results, name="results")]
