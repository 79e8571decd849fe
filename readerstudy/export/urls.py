from django.urls import path

from readerstudy.export import views
from readerstudy.export.moving import views as moving
from readerstudy.export.standards import views as standards

app_name = "export"
_EXPORT = "studies/<slug:code>/export"

urlpatterns = [
    path(f"{_EXPORT}/", views.page, name="page"),
    path(f"{_EXPORT}/bundle.zip", views.bundle, name="bundle"),
    path(f"{_EXPORT}/orders/<int:order_id>/", views.order, name="order"),
    path(f"{_EXPORT}/orders/<int:order_id>/retry/", views.retry, name="retry"),
    path(f"{_EXPORT}/bundles/<int:bundle_id>.zip", views.stored, name="stored"),
    path("studies/<slug:code>/copy/", moving.copy, name="copy"),
    path("studies/<slug:code>/move/", moving.pack, name="pack"),
    path("moved-studies/", moving.unpack, name="unpack"),
    path("moved-studies/<slug:token>/", moving.arrival, name="arrival"),
    path(
        "moved-studies/<slug:token>/confirm/",
        moving.confirm_arrival,
        name="confirm_arrival",
    ),
    path(
        "moved-studies/<slug:token>/look-again/", moving.look_again, name="look_again"
    ),
    path("moved-studies/<slug:token>/drop/", moving.drop_arrival, name="drop_arrival"),
    path(f"{_EXPORT}/reads/<str:kind>.zip", standards.reads, name="reads"),
    # Last: a name may contain folders.
    path(f"{_EXPORT}/files/<path:name>", views.single_file, name="file"),
]
