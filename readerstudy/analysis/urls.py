from django.urls import path

from readerstudy.analysis import views
from readerstudy.analysis.planning import views as planning

app_name = "analysis"

urlpatterns = [
    path("studies/<slug:code>/results/", views.results, name="results"),
    path("studies/<slug:code>/planning/", planning.planning, name="planning"),
    path("studies/<slug:code>/planning/remove/", planning.remove, name="forget_plan"),
]
