from django.urls import path

from readerstudy.cases.deidentification import views

app_name = "deidentification"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("of/<path:name>/", views.collection, name="collection"),
    path("dates/<path:name>/", views.dates, name="dates"),
    path("removed/<path:name>.csv", views.removed_csv, name="removed_csv"),
    path("burned-in/<path:name>/", views.burned_in, name="burned_in"),
    path("search/<path:name>/", views.search, name="search"),
    path("looked-at/<path:name>/", views.looked_at, name="looked_at"),
    path("images/<int:image_id>/", views.image, name="image"),
    path("images/<int:image_id>.png", views.picture, name="picture"),
    path("images/<int:image_id>/burned-in/", views.regions, name="regions"),
    path("images/<int:image_id>/add/", views.add_region, name="add_region"),
    path(
        "images/<int:image_id>/remove/<int:region_id>/",
        views.remove_region,
        name="remove_region",
    ),
]
