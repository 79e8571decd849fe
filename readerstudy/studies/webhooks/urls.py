from django.urls import path

from readerstudy.studies.webhooks import views

app_name = "webhooks"
_WEBHOOKS = "studies/<slug:code>/webhooks"
_ONE = f"{_WEBHOOKS}/<int:webhook_id>"

urlpatterns = [
    path(f"{_WEBHOOKS}/", views.webhooks, name="webhooks"),
    path(f"{_ONE}/", views.log, name="log"),
    path(f"{_ONE}/test/", views.test, name="test"),
    path(f"{_ONE}/switch-on/", views.switch_on, name="switch_on"),
    path(f"{_ONE}/remove/", views.remove, name="remove"),
    path(
        f"{_WEBHOOKS}/deliveries/<int:message_id>/redeliver/",
        views.redeliver,
        name="redeliver",
    ),
]
