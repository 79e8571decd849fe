"""Pages on which a study is copied, packed and unpacked."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from readerstudy import access
from readerstudy.accounts.models import User
from readerstudy.body_limits import takes_files
from readerstudy.export.moving import packing
from readerstudy.export.moving.archive import read
from readerstudy.export.moving.copying import copy_study
from readerstudy.export.moving.forms import CopyForm, UnpackForm
from readerstudy.export.moving.matching import look
from readerstudy.export.moving.packing import reason_against_packing
from readerstudy.export.moving.sending import blocks
from readerstudy.export.moving.unpacking import unpack as unpack_study
from readerstudy.pages import carried_out, refusals_shown, study_page
from readerstudy.studies.account.confirming import confirmed_before
from readerstudy.studies.models import Study


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft with the choices of this study."""
    study = access.study_for_copying(request, code)
    form = CopyForm(request.POST or None, initial={"title": study.title})
    verb = partial(copy_study, study=study, actor=access.person(request))
    if request.method == "POST":
        made = carried_out(request, form, verb, f"Copied from {study.code}.")
        if made:
            return redirect("studies:setup", made.code)
    return study_page(
        request, "export/moving/copy.html", study=study, tab="setup", form=form
    )


@confirmed_before("export:pack")
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a packed study holds, and the file itself."""
    study = access.study_for_packing(request, code)
    if request.method == "POST":
        with refusals_shown(request):
            return _file(study, access.person(request))
        return redirect("export:pack", code)
    return study_page(
        request,
        "export/moving/pack.html",
        study=study,
        tab="setup",
        against=reason_against_packing(study),
    )


def _file(study: Study, actor: User) -> StreamingHttpResponse:
    """A study, packed while it is sent."""
    ready = packing.made_ready(study=study, actor=actor)
    answer = StreamingHttpResponse(blocks(ready), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{study.code}-study.zip"'
    return answer


@takes_files
@require_http_methods(["GET", "POST"])
def unpack(request: HttpRequest) -> HttpResponse:
    """Take in a packed study: first what would happen, then, once confirmed, it does.

    The file is sent both times, so that nothing of a study lies about unconfirmed.
    """
    actor = access.site_coordinator(request)
    form = UnpackForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        with refusals_shown(request), _on_disk(form.cleaned_data["file"]) as path:
            packed, code = read(path), form.cleaned_data["code"]
            found = look(packed, code=code)
            shown |= {"packed": packed, "found": found}
            if form.cleaned_data["is_sure"] and not found.problems:
                study = unpack_study(packed=packed, actor=actor, code=code)
                messages.success(request, f"{study.code} is on this server.")
                return redirect("home")
    return render(request, "export/moving/unpack.html", shown)


@contextmanager
def _on_disk(upload: "UploadedFile[Any]") -> Iterator[Path]:
    """An upload as a file with a path, for as long as it is read."""
    with NamedTemporaryFile(suffix=".zip") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)
