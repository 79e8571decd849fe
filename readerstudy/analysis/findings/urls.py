from django.urls import path

from readerstudy.analysis.findings import views

app_name = "findings"

urlpatterns = [
    path("in/<path:name>/", views.collection, name="collection"),
    path("new/in/<path:name>/", views.new, name="new"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/again/", views.again, name="again"),
    path("runs/<int:run_id>/files/<path:name>", views.file, name="file"),
]
