from django.urls import path

from readerstudy.grading.rehearsal import api, views

app_name = "rehearsal"

urlpatterns = [
    path("", views.start, name="start"),
    path("window/", views.window, name="window"),
    path("session/<int:number>/", views.session, name="session"),
    path("session/<int:number>/guess/", views.guess, name="guess"),
    path("<int:number>/", views.page, name="page"),
    path("<int:number>/following/", views.following, name="following"),
    path("<int:number>/open/", api.opened, name="open"),
    path("<int:number>/draft/", api.draft, name="draft"),
    path("<int:number>/grade/", api.grade, name="grade"),
    path("<int:number>/undo/", api.undo, name="undo"),
    path("<int:number>/image/<int:image>/", api.image, name="image"),
    path("<int:number>/preview/<int:image>/", api.preview, name="preview"),
    path("<int:number>/frame/<int:image>/", api.frame, name="frame"),
]
