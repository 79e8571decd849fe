"""Every address of the site, stage by stage."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from readerstudy import api_pages, health
from readerstudy.choosing_language import choose_language
from readerstudy.grading.views import home

# A database that is away is no fault of the program: 503 instead of 500.
handler500 = "readerstudy.unavailable.server_error"
handler404 = "readerstudy.not_found.not_found"

urlpatterns = [
    # What a reader's browser asks for most comes first: addresses are tried in order.
    path("api/v1/", include("readerstudy.api_urls")),
    path("", include("readerstudy.grading.urls")),
    path("", include("readerstudy.grading.calendar.urls")),
    path("", home, name="home"),
    path("language/", choose_language, name="language"),
    path("", include("readerstudy.studies.account.urls")),
    path("", include("readerstudy.studies.tokens.urls")),
    # Before the studies: "new" is no study's code.
    path("", include("readerstudy.presentation.set_up.urls")),
    path("", include("readerstudy.studies.urls")),
    path("", include("readerstudy.studies.lifecycle.urls")),
    path("", include("readerstudy.studies.people.urls")),
    path("", include("readerstudy.studies.webhooks.urls")),
    path("", include("readerstudy.cases.urls")),
    path("", include("readerstudy.reports.urls")),
    path("", include("readerstudy.presentation.urls")),
    path("", include("readerstudy.analysis.urls")),
    path("", include("readerstudy.export.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", api_pages.docs, name="api_docs"),
    path("", include("readerstudy.operations.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
