from django.urls import path

from readerstudy.reports.console import views

app_name = "console"

urlpatterns = [
    path("", views.cases, name="cases"),
    path("cases/<int:case_id>/", views.case, name="case"),
    path("images/<int:image_id>.png", views.image, name="image"),
    path("<int:conversation_id>/", views.conversation, name="conversation"),
    path("<int:conversation_id>/export/", views.export, name="export"),
    path("questions/<int:turn_id>/", views.turn, name="turn"),
    path("questions/<int:turn_id>/retry/", views.retry, name="retry"),
]
