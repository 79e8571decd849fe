"""The administrators' pages: what the workers do, and where the disk goes."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access_operations as access
from readerstudy.operations import checks, queue, services, stored
from readerstudy.operations.forms import FailedForm
from readerstudy.pages import refusals_shown


@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """Queues, workers and, of one kind of work, what failed."""
    access.administrator_of_work(request)
    context = {"kinds": queue.kinds(), "workers": queue.workers(), "tab": "work"}
    if "kind" in request.GET:
        form = FailedForm(request.GET)
        if not form.is_valid():
            raise Http404("There is no such kind of work.")
        kind = form.cleaned_data["kind"]
        failed, next_before = queue.failed(kind, form.cleaned_data["number"])
        context |= {
            "shown": kind._meta.label_lower,
            "shown_name": queue.name_of(kind),
            "failed": failed,
            "next_before": next_before,
        }
    return render(request, "operations/work.html", context)


@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try failed work again: one piece, or all of its kind."""
    user = access.administrator_of_work(request)
    form = FailedForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such kind of work.")
    kind = form.cleaned_data["kind"]
    with refusals_shown(request):
        pieces = services.retry(kind=kind, ids=form.ids, actor=user)
        messages.success(request, f"Put back into the queue: {pieces}.")
    page = urlencode({"kind": kind._meta.label_lower})
    return redirect(f"{reverse('operations:work')}?{page}")


@require_GET
def storage(request: HttpRequest) -> HttpResponse:
    """Room on the disks, and what takes it."""
    access.administrator(request)
    return render(
        request,
        "operations/storage.html",
        {
            "tab": "storage",
            "disks": checks.room(),
            "stored": stored.last_looked_at(),
            "database_bytes": stored.database_bytes(),
        },
    )
