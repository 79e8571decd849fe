"""The page of a person's calendar, and the calendar itself."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.accounts.models import User
from readerstudy.grading.calendar import services
from readerstudy.grading.calendar.ics import calendar_of
from readerstudy.grading.models import CalendarFeed
from readerstudy.pages import address_to_send, refusals_shown
from readerstudy.studies.account.confirming import confirmed_lately


@confirmed_lately
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """My calendar; a new address is shown by the answer to the form alone."""
    person = access.person(request)
    address = ""
    if request.method == "POST":
        made = services.make(user=person)
        address = address_to_send(request, reverse("calendar:feed", args=[made.key]))
    context = {
        "address": address,
        "feed": CalendarFeed.objects.filter(user=person).first(),
    }
    return render(request, "grading/calendar/page.html", context)


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End the address of my calendar."""
    with refusals_shown(request, _("The address opens nothing any more.")):
        services.revoke(user=access.person(request))
    return redirect("calendar:page")


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """My calendar as it is now, as a file."""
    return _answer(access.person(request))


@login_not_required
@never_cache
@require_GET
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """The calendar of whoever this key belongs to; calendars do not sign in."""
    person = services.found(key)
    if person is None:
        text = _("This address opens no calendar.")
        return HttpResponse(f"{text}\n", status=404, content_type="text/plain")
    return _answer(person)


def _answer(person: User) -> HttpResponse:
    return HttpResponse(
        calendar_of(person),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="sessions.ics"'},
    )
