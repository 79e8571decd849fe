"""The conversation: what a coordinator asked a model about one radiograph.

It is no report and can become none: an arm takes its texts from `Report` alone.
"""

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Q

from readerstudy.cases.models import Case, Image
from readerstudy.studies.models import Study
from readerstudy.work.models import GPU, Work, WorkQuerySet

# Longer than any question of the paper, the label prompt included.
LONGEST_QUESTION = 1000


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def on_case(self, study: Study, case: Case) -> "ConversationQuerySet":
        """The conversations of a study about one case, newest first, with counts."""
        return (
            self.filter(study=study, case=case)
            .select_related("started_by")
            .annotate(questions=Count("turns"), last_asked=Max("turns__created_at"))
            .order_by("-id")
        )


class Conversation(models.Model):
    """Questions about one radiograph to one model. The row is never altered.

    `revision` names the content of the checkpoint when the conversation began: one
    conversation is with one model.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    image = models.ForeignKey(Image, on_delete=models.PROTECT)
    checkpoint = models.CharField(max_length=300)
    revision = models.CharField(max_length=400)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)

    objects = ConversationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"conversation {self.pk} on {self.case}"


class TurnQuerySet(WorkQuerySet["Turn"]):
    def answered(self) -> "TurnQuerySet":
        """What the model has answered; a conversation goes on from these alone."""
        return self.filter(status=Work.Status.DONE)


class Turn(Work):
    """One question and, once a worker has given it, the answer.

    prompt       the conversation up to this question, as the model gets it
    fingerprint  names checkpoint, prompt and settings, as a report's does
    created_at   when it was asked
    answer       None until it is there; then the row is never altered again
    """

    bell = "console.answer"
    queue = GPU
    is_awaited = True

    class Kind(models.TextChoices):
        REPORT = "report", "Write a report"
        DIFFERENTIAL = "differential", "Differential diagnoses?"
        FURTHER_STUDY = "further_study", "Further study needed?"
        LABELS = "labels", "Label the 14 findings"
        FREE = "free", "A question of one's own"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="turns"
    )
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=13, choices=Kind)
    question = models.CharField(max_length=LONGEST_QUESTION)
    prompt = models.JSONField()
    decoding = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(null=True)
    provenance = models.JSONField(default=dict)

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["conversation", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "number"], name="turn_once_per_number"
            ),
            # The next question rests on the answer before it.
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(status__in=["queued", "running"]),
                name="turn_one_unanswered",
            ),
            models.CheckConstraint(
                name="turn_done_has_answer",
                condition=Q(status="done", answer__isnull=False)
                | (~Q(status="done") & Q(answer=None)),
            ),
        ]
        indexes = [
            # The sweep and the claim look only at unfinished turns.
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="turn_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"question {self.number} of {self.conversation}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE
