"""Reports from a table, step by step: file, columns, check, stored."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.body_limits import takes_files
from readerstudy.cases.models import Case
from readerstudy.cases.radiograph import Refused
from readerstudy.csv_text import guarded
from readerstudy.pages import carried_out, parsed, refusals_shown
from readerstudy.reports.tables import services
from readerstudy.reports.tables.checking import KINDS, Problem
from readerstudy.reports.tables.forms import (
    ConfirmForm,
    DialectForm,
    MappingForm,
    UploadForm,
)
from readerstudy.reports.tables.guessing import Guess, guess_mapping
from readerstudy.reports.tables.mapping import PARTS, matches
from readerstudy.reports.tables.matching import RULES
from readerstudy.reports.tables.models import TableImport
from readerstudy.work.models import CPU, WorkerPulse

PREVIEW_ROWS = 8
MATCHED_ROWS = 5_000
BAD_ROWS_PER_PAGE = 50


@takes_files
@require_http_methods(["GET", "POST"])
def tables(request: HttpRequest) -> HttpResponse:
    """Upload a table, and go on with those that wait for a decision."""
    person = access.site_coordinator(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        initial={"collection": request.GET.get("collection", "")},
    )

    def upload(collection: Any, file: Any) -> TableImport:
        return services.upload(
            collection=collection, name=file.name, chunks=file.chunks(), actor=person
        )

    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if table := carried_out(request, form, upload, "Uploaded. Nothing is stored."):
            return redirect("reports:tables:file", table.token)
    own = TableImport.objects.filter(uploaded_by=person).select_related("collection")
    return render(
        request,
        "reports/tables/tables.html",
        {
            "form": form,
            "waiting": own.in_preparation().order_by("-pk"),
            "stored": own.stored()[:10],
        },
    )


def _page(
    request: HttpRequest, step: str, table: TableImport, **context: Any
) -> HttpResponse:
    """A page of one step; a table that is taken in has the last page only."""
    if not table.is_held:
        return redirect("reports:tables:stored", table.token)
    context |= {"table": table, "step": step}
    return render(request, f"reports/tables/{step}.html", context)


@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, token: str) -> HttpResponse:
    """How the file is written, with its first rows as they are read."""
    table = access.table_of_person(request, token)
    initial = {
        "encoding": table.encoding,
        "delimiter": str(ord(table.delimiter)),
        "has_header": table.has_header,
    }
    form = DialectForm(request.POST or None, initial=initial)

    def set_dialect(**chosen: Any) -> TableImport:
        return services.set_dialect(table=table, **chosen)

    if request.method == "POST":
        form = DialectForm(request.POST)
        if changed := carried_out(request, form, set_dialect, ""):
            # "Look again" shows the rows anew; "go on" goes on.
            step = "file" if "look" in request.POST else "columns"
            return redirect(f"reports:tables:{step}", changed.token)
    sheet, problem = services.sheet_of(table), ""
    rows: list[tuple[int, list[str]]] = []
    columns: list[str] = []
    try:
        columns, rows = sheet.columns(), sheet.first(PREVIEW_ROWS)
    except Refused as refusal:
        problem = refusal.reason
    return _page(
        request,
        "file",
        table,
        form=form,
        columns=columns,
        rows=rows,
        problem=problem,
    )


@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, token: str) -> HttpResponse:
    """Which column is what."""
    table = access.table_of_person(request, token)
    if not table.is_held:
        return redirect("reports:tables:stored", table.token)
    sheet = services.sheet_of(table)
    with refusals_shown(request):
        try:
            titles, rows = sheet.columns(), sheet.first(MATCHED_ROWS)
        except Refused as refusal:
            raise ValidationError(refusal.reason) from None
        guess = None if table.mapping else _guess(table, titles, rows)
        form = MappingForm(titles, initial=_initial(table, guess))

        def set_mapping(**_: Any) -> TableImport:
            return services.set_mapping(table=table, **form.chosen())

        if request.method == "POST":
            form = MappingForm(titles, request.POST)
            if changed := carried_out(request, form, set_mapping, ""):
                return redirect("reports:tables:check", changed.token)
        return _page(
            request,
            "columns",
            table,
            form=form,
            titles=titles,
            rows=rows[:3],
            cases=Case.objects.filter(collection=table.collection).count(),
            found=_found(table, rows, form),
            guess=guess,
            taken=guess.taken(titles) if guess else [],
        )
    return redirect("reports:tables:file", table.token)


def _guess(
    table: TableImport, titles: list[str], rows: list[tuple[int, list[str]]]
) -> Guess | None:
    known = services.known_cases(table.collection)
    return guess_mapping(titles, [cells for _, cells in rows], known)


def _initial(table: TableImport, guess: Guess | None) -> dict[str, Any]:
    """What was chosen before, or a guess."""
    if table.mapping:
        return {**table.mapping, **table.making, "source": table.source}
    return guess.mapping.as_json() if guess else {"doubled": "none"}


def _found(
    table: TableImport, rows: list[tuple[int, list[str]]], form: MappingForm
) -> dict[str, Any]:
    """By rule, how many of the first rows name a case in the chosen column."""
    known = services.known_cases(table.collection)
    column, affixes = form["case"].value(), {}
    for name in ("before", "after"):
        affixes[name] = str(form[name].value() or "")
    number = int(column) if str(column).isdecimal() else 0
    cells = [row for _, row in rows]
    counts = {rule: matches(cells, number, rule, known, **affixes) for rule in RULES}
    return {
        "rows": len(cells),
        "is_all": len(cells) < MATCHED_ROWS,
        "rules": [
            {
                "words": words,
                "count": counts[rule],
                "is_chosen": rule == form["rule"].value(),
            }
            for rule, words in RULES.items()
        ],
    }


@require_GET
def matched(request: HttpRequest, token: str) -> HttpResponse:
    """The counts alone, asked for while the choice changes."""
    table = access.table_of_person(request, token)
    sheet = services.sheet_of(table)
    try:
        titles, rows = sheet.columns(), sheet.first(MATCHED_ROWS)
    except Refused as refusal:
        return HttpResponse(refusal.reason, status=409, content_type="text/plain")
    form = MappingForm(titles, request.GET)
    return render(
        request,
        "reports/tables/_matched.html",
        {"found": _found(table, rows, form), "table": table},
    )


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What would come in, and which rows can't; then confirm it."""
    table = access.table_of_person(request, token)
    if not table.is_held:
        return redirect("reports:tables:stored", table.token)
    if request.method == "POST":
        with refusals_shown(request):
            chosen = parsed(ConfirmForm(request.POST))
            services.confirm(
                table=table,
                actor=access.person(request),
                leave_out=chosen["bad_rows"] == "leave_out",
                shown=chosen["shown"],
            )
            return redirect("reports:tables:stored", table.token)
        return redirect("reports:tables:check", table.token)
    with refusals_shown(request):
        checked = services.look(table=table)
        counts = checked.told()
        return _page(
            request,
            "check",
            table,
            counts=counts,
            takes=counts["new"]
            + counts["changed"]
            + counts["strata"]
            + counts["indications"],
            kinds=[
                {"words": words, "count": counts["kinds"][kind]}
                for kind, words in KINDS.items()
                if kind in counts["kinds"]
            ],
            page=Paginator(checked.problems, BAD_ROWS_PER_PAGE).get_page(
                request.GET.get("page")
            ),
            has_texts=bool(table.source),
        )
    return redirect("reports:tables:columns", table.token)


@require_GET
def bad_rows(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """The rows that can't be taken as they are in the table, with the reasons."""
    table = access.table_of_person(request, token)
    with refusals_shown(request):
        # What can be confirmed is what the page shows, which this does not change.
        checked = services.looked_through(table)
        answer = StreamingHttpResponse(
            _bad_lines(table, checked.problems), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = content_disposition_header(
            True, f"bad-rows-{table.pk}.csv"
        )
        return answer
    return redirect("reports:tables:check", table.token)


def _bad_lines(table: TableImport, problems: list[Problem]) -> Iterator[str]:
    """The bad rows with all of their cells; no spreadsheet runs one of them."""
    sheet, by_row = services.sheet_of(table), {each.row: each for each in problems}
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets know UTF-8 by it
    yield writer.writerow(["row", "reason", *map(guarded, sheet.columns())])
    for number, cells in sheet.rows():
        if number in by_row:
            reason = by_row[number].sentence
            yield writer.writerow([number, *map(guarded, [reason, *cells])])


class _Line:
    """Hands every written line back."""

    def write(self, line: str) -> str:
        return line


@require_POST
def drop(request: HttpRequest, token: str) -> HttpResponse:
    table = access.table_of_person(request, token)
    with refusals_shown(request, f"{table.name} is dropped. Nothing was stored."):
        services.drop(table=table, actor=access.person(request))
    return redirect("reports:tables:tables")


@require_GET
def stored(request: HttpRequest, token: str) -> HttpResponse:
    """What came in, or how far the worker is; polled by the page meanwhile."""
    table = access.table_of_person(request, token)
    if table.is_held:
        return redirect("reports:tables:check", table.token)
    context = {
        "table": table,
        "step": "stored",
        "titles": [
            (part, table.mapping["titles"][part])
            for part in ("case", *PARTS)
            if part in table.mapping["titles"]
        ],
        "kinds": [
            {"words": words, "count": table.checked["kinds"][kind]}
            for kind, words in KINDS.items()
            if kind in table.checked["kinds"]
        ],
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
    }
    is_part = bool(request.headers.get("HX-Request"))
    page = "_outcome" if is_part else "stored"
    answer = render(request, f"reports/tables/{page}.html", context)
    if is_part and not table.is_unfinished:
        answer["HX-Refresh"] = "true"
    return answer
