from django.urls import path

from readerstudy.cases.intake import api, views

app_name = "intake"

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("new/", views.bring_in, name="bring_in"),
    path("<int:delivery_id>/", views.delivery, name="delivery"),
    path("<int:delivery_id>/progress/", views.progress, name="progress"),
    path("<int:delivery_id>/folder/", views.folder, name="folder"),
    path("<int:delivery_id>/seal/", views.seal, name="seal"),
    path("<int:delivery_id>/cancel/", views.cancel, name="cancel"),
    path("<int:delivery_id>/retry/", views.retry, name="retry"),
    path("<int:delivery_id>/outcome.csv", views.outcome, name="outcome"),
    path("<int:delivery_id>/standing/", api.standing, name="standing"),
    path("<int:delivery_id>/files/", api.announce, name="announce"),
    path("<int:delivery_id>/files/<int:file_id>/", api.chunk, name="chunk"),
]
