"""The webhooks of a study, and the log of what each has told."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access, access_webhooks
from readerstudy.pages import carried_out, refusals_shown, study_page
from readerstudy.studies.account.confirming import confirmed_lately
from readerstudy.studies.webhooks import services
from readerstudy.studies.webhooks.forms import WebhookForm
from readerstudy.studies.webhooks.kinds import KINDS
from readerstudy.studies.webhooks.models import Webhook, WebhookDelivery

PER_PAGE = 50


@confirmed_lately
@never_cache
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest, code: str) -> HttpResponse:
    """The webhooks and the form for another, whose secret this answer alone shows.

    There is no redirect after the form: the secret would have to be kept until then. A
    form that is sent again is refused, for the receiver has its webhook then.
    """
    study = access.study_for_coordinator(request, code)
    form = WebhookForm(request.POST or None, initial={"kinds": list(KINDS)})
    made: Webhook | None = None
    if request.method == "POST":
        made = carried_out(
            request,
            form,
            lambda **chosen: services.create(
                study=study, actor=access.person(request), **chosen
            ),
            "The webhook is made.",
        )
    return study_page(
        request,
        "studies/webhooks/webhooks.html",
        study=study,
        tab="setup",
        form=WebhookForm(initial={"kinds": list(KINDS)}) if made else form,
        made=made,
        webhooks=Webhook.objects.listed_for(study),
        has_receivers=bool(settings.WEBHOOKS.receivers),
    )


@require_GET
def log(request: HttpRequest, code: str, webhook_id: int) -> HttpResponse:
    """What a webhook has told, newest first, with what came of it."""
    webhook = access_webhooks.webhook_for_coordinator(request, code, webhook_id)
    deliveries = WebhookDelivery.objects.newest(webhook)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        deliveries = deliveries.filter(pk__lt=int(before))
    # One more than is shown: whether there are older ones.
    shown = list(deliveries[: PER_PAGE + 1])
    return study_page(
        request,
        "studies/webhooks/log.html",
        study=webhook.study,
        tab="setup",
        webhook=webhook,
        deliveries=shown[:PER_PAGE],
        older=shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        tries=settings.WEBHOOKS.tries,
    )


@confirmed_lately
@require_POST
def test(request: HttpRequest, code: str, webhook_id: int) -> HttpResponse:
    """Send a delivery that tells of nothing."""
    webhook = access_webhooks.webhook_for_coordinator(request, code, webhook_id)
    with refusals_shown(request, "A test is on its way; load this page again."):
        services.test(webhook=webhook, actor=access.person(request))
    return redirect("webhooks:log", code, webhook_id)


@confirmed_lately
@require_POST
def switch_on(request: HttpRequest, code: str, webhook_id: int) -> HttpResponse:
    """Go on telling after a webhook was switched off."""
    webhook = access_webhooks.webhook_for_coordinator(request, code, webhook_id)
    with refusals_shown(request, "The webhook is on again."):
        services.switch_on(webhook=webhook, actor=access.person(request))
    return redirect("webhooks:log", code, webhook_id)


@confirmed_lately
@require_POST
def remove(request: HttpRequest, code: str, webhook_id: int) -> HttpResponse:
    """End a webhook for good."""
    webhook = access_webhooks.webhook_for_coordinator(request, code, webhook_id)
    with refusals_shown(request, f"Nothing more is told to {webhook.receiver}."):
        services.remove(webhook=webhook, actor=access.person(request))
    return redirect("webhooks:webhooks", code)


@confirmed_lately
@require_POST
def redeliver(request: HttpRequest, code: str, message_id: int) -> HttpResponse:
    """Send something once more that arrived or was given up."""
    delivery = access_webhooks.webhook_delivery_for_coordinator(
        request, code, message_id
    )
    with refusals_shown(request, "It is on its way again; load this page again."):
        services.redeliver(delivery=delivery, actor=access.person(request))
    return redirect("webhooks:log", code, delivery.webhook_id)
