from django.urls import path

from readerstudy.reports.labels import views

app_name = "labels"

urlpatterns = [
    path("compute/in/<path:name>/", views.compute, name="compute"),
    path("progress/<int:job_id>/", views.progress, name="progress"),
    path("import/in/<path:name>/", views.bring_in, name="bring_in"),
    path("uploads/<slug:token>/", views.check, name="check"),
    path("uploads/<slug:token>/drop/", views.drop, name="drop"),
    path("storing/<int:job_id>/", views.storing, name="storing"),
    path("<int:set_id>/", views.label_set, name="label_set"),
    path("<int:set_id>/<slug:kind>.csv", views.file, name="file"),
]
