"""The page on which people read about the API; made from its document, on this site."""

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from readerstudy.api_operations import Operation, operations_of


@cache
def _operations() -> tuple[Operation, ...]:
    """The operations; they change with the program alone."""
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    return tuple(operations_of(document))


@login_not_required
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its fields, examples and refusals."""
    context = {
        "operations": _operations(),
        "root": request.build_absolute_uri("/").rstrip("/"),
        "document": reverse("schema"),
    }
    return render(request, "api/docs.html", context)
