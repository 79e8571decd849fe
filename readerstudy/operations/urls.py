from django.urls import path

from readerstudy.operations import views
from readerstudy.operations.metrics import metrics

app_name = "operations"
urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("operations/", views.work, name="work"),
    path("operations/retry/", views.retry, name="retry"),
    path("operations/storage/", views.storage, name="storage"),
]
