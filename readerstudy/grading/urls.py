from django.urls import include, path

from readerstudy.grading import views
from readerstudy.grading.after import views as after
from readerstudy.grading.before import views as before
from readerstudy.grading.dashboard import views as dashboard

app_name = "grading"

urlpatterns = [
    path("read/<slug:code>/", views.start, name="start"),
    path("read/<slug:code>/next/", views.next_report, name="next"),
    path("read/<slug:code>/begin/", views.begin, name="begin"),
    path("read/<slug:code>/consent/", before.consent, name="consent"),
    path("read/<slug:code>/display/", before.display, name="display"),
    path("read/<slug:code>/display/go-on/", before.display_go_on, name="display_go_on"),
    path("read/<slug:code>/practice/", before.practice, name="practice"),
    path(
        "read/<slug:code>/practice/<int:number>/",
        before.practice_case,
        name="practice_case",
    ),
    path("read/<slug:code>/guess/<int:session>/", after.guess, name="guess"),
    path(
        "read/<slug:code>/guess/<int:session>/open/",
        after.open_guess,
        name="open_guess",
    ),
    path("read/<slug:code>/graded/", views.graded, name="graded"),
    path("read/report/<str:public_id>/", views.read, name="read"),
    path("read/report/<str:public_id>/following/", views.following, name="following"),
    path("read/report/<str:public_id>/amend/", views.amend, name="amend"),
    path(
        "studies/<slug:code>/rehearsal/",
        include("readerstudy.grading.rehearsal.urls"),
    ),
    path("studies/<slug:code>/progress/", dashboard.progress, name="progress"),
    path(
        "studies/<slug:code>/progress.csv", dashboard.progress_csv, name="progress_csv"
    ),
    path("studies/<slug:code>/remind/", dashboard.remind, name="remind"),
    path("studies/<slug:code>/close/", dashboard.close, name="close"),
]
