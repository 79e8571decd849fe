"""Findings of a collection: its labels, comparisons of them, and what came of those.

scipy takes seconds to load: the tables come with the first page that shows one.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access, access_labels
from readerstudy.analysis.findings import comparing
from readerstudy.analysis.findings.files import TYPES, named, sets_of
from readerstudy.analysis.findings.forms import (
    COUNTED_ON,
    POLICIES,
    PRESETS,
    CompareForm,
    limits_in_words,
)
from readerstudy.analysis.findings.models import FindingsJob, FindingsRun
from readerstudy.audit.downloads import record_download
from readerstudy.cases.models import Collection
from readerstudy.pages import carried_out, refusals_shown
from readerstudy.reports.labels.models import Labelling, LabelSet, MetricTable
from readerstudy.reports.labels.reading import (
    newest_of_sources,
    sources_of,
    standing,
)
from readerstudy.work.models import CPU, WorkerPulse

# The newest comparisons are listed, with what they found.
MOST_RUNS = 30
_PRESETS, _POLICIES = dict(PRESETS), dict(POLICIES)


@never_cache
@require_GET
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """What there is of labels and scores in a collection, and what comes next."""
    found = access_labels.collection_for_findings(request, name)
    sets = list(LabelSet.objects.of_collection(found))
    runs = list(FindingsRun.objects.of_collection(found)[:MOST_RUNS])
    return render(
        request,
        "analysis/findings/collection.html",
        {
            "collection": found,
            "may_manage": access.person(request).may_create_studies,
            "sources": _sources(found),
            "sets": sets,
            "metrics": MetricTable.objects.filter(collection=found)
            .select_related("source", "made_by")
            .order_by("-pk"),
            "runs": [_listed(run) for run in runs],
            "jobs": FindingsJob.objects.unfinished().filter(collection=found),
            "failed": _failed(found),
            "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
        },
    )


def _sources(found: Collection) -> list[dict[str, Any]]:
    """Each source with its reports, its newest labels, and what a worker is at."""
    newest = newest_of_sources(found)
    jobs: dict[int, Labelling] = {}
    for job in Labelling.objects.filter(collection=found).order_by("pk"):
        jobs[job.source_id] = job
    rows = []
    for source, count in sources_of(found):
        made, asked = newest.get(source.pk), jobs.get(source.pk)
        is_over = asked is None or asked.status == Labelling.Status.DONE
        rows.append(
            {
                "source": source,
                "count": count,
                "label_set": made,
                "standing": standing(made) if made else None,
                "job": None if is_over else asked,
            }
        )
    return rows


def _listed(run: FindingsRun) -> dict[str, Any]:
    """A comparison as a row of the list: what was compared, by which rules."""
    from readerstudy.analysis.findings.panels import headline

    return {
        "run": run,
        "preset": _PRESETS.get(run.asked["preset"], run.asked["preset"]),
        "policy": _POLICIES.get(run.asked["policy"], run.asked["policy"]),
        "predicted": [each.name for each in run.predicted.all()],
        "limits": limits_in_words(run.asked),
        "sentence": headline(run.results),
    }


def _failed(found: Collection) -> FindingsJob | None:
    """The last comparison, where it failed."""
    last = FindingsJob.objects.filter(collection=found).order_by("-pk").first()
    return last if last and last.status == FindingsJob.Status.FAILED else None


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a comparison."""
    found = access.collection_for_review(request, name)
    form = CompareForm(found, initial=_initial(found, request.GET.get("like", "")))

    def order(**_: Any) -> FindingsJob:
        return comparing.order(
            collection=found, asked=form.asked(), actor=access.person(request)
        )

    if request.method == "POST":
        form = CompareForm(found, request.POST)
        if job := carried_out(request, form, order, ""):
            return redirect("analysis:findings:job", job.pk)
    return render(
        request,
        "analysis/findings/new.html",
        {
            "collection": found,
            "form": form,
            "has_enough": len(form.offered) > 1,
            "is_like": "like" in request.GET,
        },
    )


def _initial(found: Collection, like: str) -> dict[str, Any]:
    """What an earlier comparison asked, else the newest labels of every source.

    Where no source is the ground truth nothing is chosen: what is ticked could be what
    a person then takes for the reference.

    like   the number of that comparison; empty for none
    """
    runs = FindingsRun.objects.filter(collection=found)
    if run := runs.filter(pk=like).first() if like.isdecimal() else None:
        return {**run.asked, "minimum_share": 100 * run.asked["minimum_share"]}
    newest = newest_of_sources(found)
    reference = next(
        (each for each in newest.values() if each.source and _is_reference(each)), None
    )
    if reference is None:
        return {}
    others = [each.pk for each in newest.values() if each != reference]
    return {"reference": reference.pk, "predicted": others}


def _is_reference(label_set: LabelSet) -> bool:
    return bool(label_set.source and label_set.source.kind == "ground_truth")


@never_cache
@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far the worker is with a comparison; polled by its own page."""
    found = access_labels.findings_job_for_findings(request, job_id)
    is_polled = "seen" in request.GET
    if found.run_id is not None:
        done = redirect("analysis:findings:run", found.run_id)
        if is_polled:
            return HttpResponse(status=204, headers={"HX-Redirect": done["Location"]})
        return done
    alive = WorkerPulse.objects.alive().serving(CPU).exists()
    state = f"{found.status}-{found.step}-{alive}"
    context = {
        "job": found,
        "collection": found.collection,
        "state": state,
        "is_left_alone": not alive,
        "may_manage": access.person(request).may_create_studies,
    }
    if is_polled and request.GET["seen"] == state:
        return HttpResponse(status=204)
    part = "_job" if is_polled else "job"
    return render(request, f"analysis/findings/{part}.html", context)


@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask again for a comparison that failed."""
    found = access_labels.findings_job_for_coordinator(request, job_id)
    with refusals_shown(request):
        made = comparing.order(
            collection=found.collection,
            asked=comparing.asked_of(found.asked),
            actor=access.person(request),
        )
        return redirect("analysis:findings:job", made.pk)
    return redirect("analysis:findings:collection", found.collection.name)


@never_cache
@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """What came of a comparison."""
    from readerstudy.analysis.findings.panels import headline, tables

    found = access_labels.findings_run_for_findings(request, run_id)
    results, quoted = found.results, request.GET.get("published") != "off"
    sets = sets_of(found)
    return render(
        request,
        "analysis/findings/run.html",
        {
            "run": found,
            "collection": found.collection,
            "may_manage": access.person(request).may_create_studies,
            "sentence": headline(results),
            "warnings": [*results.get("unlike_preset", ()), *_unread(sets)],
            "changes": comparing.changes_since(found),
            "tables": tables(results, found.metrics, shows_quoted=quoted),
            "included": _included(results),
            "quoted": quoted,
            "has_published": bool(results.get("published")),
            "reference": sets[0],
            "compared": sets[1:],
            "preset": _PRESETS.get(found.asked["preset"], found.asked["preset"]),
            "settings": results.get("settings", {}),
            "studies": results.get("studies", {}),
            "limits": limits_in_words(found.asked),
            "counted_on": dict(COUNTED_ON)[found.asked["counted_on"]],
            "figure": _figure(found),
            "files": _files(found),
        },
    )


def _unread(sets: list[LabelSet]) -> list[str]:
    return [
        f"{each.name}: {each.unread} of {each.labelled} answers are no set of labels. "
        "They count as studies of which nothing is said."
        for each in sets
        if each.unread
    ]


def _included(results: dict[str, Any]) -> set[str]:
    """The labels that the limits leave in; empty where every one falls short."""
    return {each["label"] for each in results["labels"] if each["included"]}


def _figure(run: FindingsRun) -> dict[str, Any] | None:
    """The forest plot by the addresses of its files; its numbers are in the table."""
    from readerstudy.analysis.findings.panels import headline

    included = _included(run.results)
    scores = (row for row in run.results["scores"] if row["label"] in included)
    if all(row["f1"]["value"] is None for row in scores):
        return None
    addresses = [
        (
            kind,
            reverse(
                "analysis:findings:file", args=[run.pk, f"figures/findings.{kind}"]
            ),
        )
        for kind in ("svg", "png", "pdf")
    ]
    return {
        "title": "F1 by finding with 95% intervals",
        "description": f"{headline(run.results)} The tables below hold every number.",
        "svg": addresses[0][1],
        "files": addresses,
    }


def _files(run: FindingsRun) -> list[tuple[str, str, str]]:
    """Name, words and address of what can be taken away."""
    offered = [
        ("findings.zip", "Everything as one ZIP"),
        ("findings.csv", "Long table, CSV"),
        ("table.csv", "As the paper prints it, CSV"),
        ("table.tex", "As the paper prints it, LaTeX"),
        ("table.docx", "As the paper prints it, Word"),
        ("findings.docx", "All tables, Word"),
        ("findings.json", "JSON"),
    ]
    if run.metrics.get("rows"):
        offered.append(("metrics.csv", "Metrics of the texts, CSV"))
    return [
        (name, words, reverse("analysis:findings:file", args=[run.pk, name]))
        for name, words in offered
    ]


@never_cache
@require_GET
def file(request: HttpRequest, run_id: int, name: str) -> HttpResponse:
    """A file of a comparison."""
    found = access_labels.findings_run_for_findings(request, run_id)
    kind = name.rsplit(".", 1)[-1]
    content = named(found, name) if kind in TYPES else None
    if content is None:
        raise Http404("The comparison has no such file.")
    answer = HttpResponse(content, content_type=TYPES[kind])
    own = f"{found.pk}-{name.rsplit('/', 1)[-1]}"
    is_kept = kind not in {"svg", "png"}
    if is_kept:
        of_run = f"comparison {found.pk}: {name}"
        record_download(actor=access.person(request), name=of_run)
    answer["Content-Disposition"] = content_disposition_header(is_kept, own) or ""
    return answer


@require_POST
def again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Compute a comparison anew, with the labels as they are."""
    found = access_labels.findings_run_for_coordinator(request, run_id)
    with refusals_shown(request):
        made = comparing.again(run=found, actor=access.person(request))
        return redirect("analysis:findings:job", made.pk)
    return redirect("analysis:findings:run", run_id)
