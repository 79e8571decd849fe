"""The guide of a draft, for the pages of every stage."""

from typing import Any

from django import template
from django.http import HttpRequest

from readerstudy.presentation.set_up.guide import Guide, expected_of, guide_of
from readerstudy.presentation.set_up.steps import neighbours, step_at

register = template.Library()


def _page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""


def _guide(context: template.Context) -> Guide:
    """Worked out once for a page, however often it shows."""
    kept = vars(context["request"])
    if "set_up_guide" not in kept:
        kept["set_up_guide"] = guide_of(context["study"])
    guide: Guide = kept["set_up_guide"]
    return guide


@register.inclusion_tag("presentation/set_up/_steps.html", takes_context=True)
def set_up_steps(context: template.Context) -> dict[str, Any]:
    """The steps as tabs, each with its state."""
    page = _page_of(context["request"])
    return {
        "study": context["study"],
        "guide": _guide(context),
        "here": step_at(page),
        "is_guide": page == "studies:setup",
    }


@register.inclusion_tag("presentation/set_up/_guide.html", takes_context=True)
def set_up_guide(context: template.Context) -> dict[str, Any]:
    """The steps at length, with the next one and what the study takes."""
    expected = expected_of(context["study"])
    return {
        "study": context["study"],
        "guide": _guide(context),
        "expected": None if isinstance(expected, str) else expected,
        "problem": expected if isinstance(expected, str) else "",
        "may_create_studies": context["user"].may_create_studies,
    }


@register.inclusion_tag("presentation/set_up/_foot.html", takes_context=True)
def set_up_foot(context: template.Context) -> dict[str, Any]:
    """Links to the steps before and after the page."""
    study, step = context["study"], step_at(_page_of(context["request"]))
    before, after = neighbours(step) if step else (None, None)
    return {"study": study, "before": before, "after": after}
