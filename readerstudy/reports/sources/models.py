"""What endpoints elsewhere want noted: who let radiographs go, and what came of it."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum

from readerstudy.cases.models import Case, Collection


class SendingConsentQuerySet(models.QuerySet["SendingConsent"]):
    def newest(self) -> "SendingConsentQuerySet":
        """The last word on each collection and source."""
        newer = self.model._default_manager.filter(
            collection=models.OuterRef("collection"),
            source=models.OuterRef("source"),
            id__gt=models.OuterRef("id"),
        )
        return self.filter(~models.Exists(newer))

    def in_force(self) -> "SendingConsentQuerySet":
        """What may be sent today."""
        return self.newest().filter(allows=True)


class SendingConsent(models.Model):
    """Somebody's word that radiographs of a collection may be sent to an endpoint.

    Never altered: a later row with `allows` false takes it back.
    """

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="sending_consents"
    )
    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT)
    allows = models.BooleanField()
    address = models.CharField(max_length=300)
    statement = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    objects = SendingConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sending_consent_states_something",
                condition=~Q(statement="") & ~Q(address=""),
            )
        ]

    def __str__(self) -> str:
        word = "may" if self.allows else "may no longer"
        return f"{self.collection} {word} be sent to {self.address}"


class EndpointAnswerQuerySet(models.QuerySet["EndpointAnswer"]):
    def spent(self, *by: str) -> Any:
        """Rows of answers, refusals, tokens and money, by these and the currency."""
        return (
            self.order_by()
            .values(*by, "currency")
            .annotate(
                answers=Count("id"),
                refusals=Count("id", filter=Q(is_refusal=True)),
                tokens_in=Sum("tokens_in"),
                tokens_out=Sum("tokens_out"),
                cost=Sum("cost"),
            )
            .order_by(*by, "currency")
        )


class EndpointAnswer(models.Model):
    """One answer of an endpoint, and what it cost. Refusals are charged for too.

    case        None where a self-test asked about a drawn phantom
    is_a_test   whether a self-test asked
    said        the first words of a refusal; of reports nothing is kept here
    cost        at the price of that moment; None where no price was known
    """

    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True)
    fingerprint = models.CharField(max_length=64)
    is_a_test = models.BooleanField(default=False)
    is_refusal = models.BooleanField()
    said = models.CharField(max_length=300, blank=True)
    tokens_in = models.PositiveIntegerField()
    tokens_out = models.PositiveIntegerField()
    cost: "models.DecimalField[Decimal | None, Decimal | None]" = models.DecimalField(
        max_digits=18, decimal_places=9, null=True
    )
    currency = models.CharField(max_length=3, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = EndpointAnswerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["source", "case"])]
        constraints = [
            models.CheckConstraint(
                name="answer_costs_in_a_currency",
                condition=Q(cost=None, currency="")
                | (Q(cost__gte=0) & ~Q(currency="")),
            )
        ]

    def __str__(self) -> str:
        what = "refusal" if self.is_refusal else "answer"
        return f"{what} of {self.source}"
